"""Journeys through the studio in a real Chromium: whatever the browser complains about fails the test."""

import contextlib
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.times import FRAMES
from sandbox import jobs
from sandbox.runs import Run, list_runs

sync_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
BENIGN = ("/_stcore/health", "/_stcore/host-config")
"""Streamlit looks for these below each page's address first, finds nothing there, and goes on."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to run the studio's journeys"),
]


class Server:
    """A studio with runs of its own."""

    def __init__(self, root: Path) -> None:
        self.runs = root / "runs"
        self.runs.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "apps/home.py", "--server.headless", "true"]
        environment = {**os.environ, "SANDBOX_RUNS": str(self.runs), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [*command, "--server.port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.address}/_stcore/health") as answer,
            ):
                if answer.read() == b"ok":
                    return
            time.sleep(0.1)
        raise AssertionError("the studio did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def kill_jobs(self) -> None:
        for run in jobs.list_jobs(self.runs):
            pid = run.status().get("pid") or run.status().get("launching")
            if isinstance(pid, int):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def newest(self, target: str) -> Run:
        return next(run for run in list_runs(self.runs) if run.config["target"] == target)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("studio"))
    yield server
    server.stop()
    server.kill_jobs()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that remembers every complaint and every request that leaves this machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message) -> None:
        # A failed request is listed with its address below; here it has none.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def answered(response) -> None:
        if response.status >= 400 and not response.url.endswith(BENIGN):
            complaints.append(f"{response.status} {response.url}")

    def asked(request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")):
            complaints.append(f"left this machine: {request.url}")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", answered)
    page.on("request", asked)
    page.on("websocket", asked)
    yield page
    context.close()
    assert not complaints


def badge(page, word: str):
    """What the heading says about the run."""
    return page.locator(".st-key-state").get_by_text(word).first


def click(page, name: str) -> None:
    page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).first.click()


def test_sketch_is_read(server, page):
    """Home begins to learn by itself; a ring that is drawn is read as a zero."""
    begin = time.monotonic()
    page.goto(server.address)
    page.get_by_role("heading", name="Can a network learn to read while you watch?").wait_for()
    assert time.monotonic() - begin < 20
    badge(page, "training").wait_for()
    badge(page, "done").wait_for()
    pad = page.locator(".pad canvas")
    box = pad.bounding_box()
    x, y, side = box["x"], box["y"], box["width"]
    ring = [(0.5 + 0.25 * math.sin(turn / 2), 0.5 - 0.38 * math.cos(turn / 2)) for turn in range(14)]
    page.mouse.move(x + ring[0][0] * side, y + ring[0][1] * side)
    page.mouse.down()
    for right, down in ring[1:]:
        page.mouse.move(x + right * side, y + down * side, steps=3)
    page.mouse.up()
    page.get_by_role("heading", name="It reads 0", exact=True).wait_for()
    # The same pad works with the keyboard: clear it and draw an upright line.
    pad.focus()
    page.keyboard.press("Escape")
    page.get_by_text("Draw something").wait_for()
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_role("heading", name="It reads 1", exact=True).wait_for()
    there = {
        "Inside": "First filters",
        "Compare": "Only the network",
        "Code": "A script",
        "Limits": "Break it",
    }
    for tab, words in there.items():
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("tabpanel").get_by_text(words).first.wait_for()
    assert not page.get_by_test_id("stException").count()
    assert f"run={server.newest('vision/classify').name}" in page.url


def test_train_watch_stop_resume(server, page):
    """An agent is trained, watched, stopped, resumed; a reload and a restart of the server lose nothing."""
    page.goto(f"{server.address}/arena")
    choose(page, "Environment", "snake")
    page.get_by_text("No agent has learned snake yet").wait_for()
    click(page, "Train")
    badge(page, "training").wait_for()
    page.get_by_role("radio", name="the agent").wait_for()
    until(page, lambda: data(page, "shown") > 20)
    run = server.newest("snake")
    assert f"run={run.name}" in page.url

    page.reload()
    badge(page, "training").wait_for()
    assert f"run={run.name}" in page.url
    assert len([r for r in list_runs(server.runs) if r.config["target"] == "snake"]) == 1

    page.goto("about:blank")
    server.stop()
    assert run.is_alive()
    server.start()
    page.goto(f"{server.address}/arena")
    badge(page, "training").wait_for()

    begin = time.monotonic()
    click(page, "Stop")
    page.get_by_text("stopp").first.wait_for()
    badge(page, "stopped").wait_for()
    stopped = time.monotonic() - begin
    step = run.status()["step"]
    assert run.status()["state"] == "stopped"
    assert stopped < 20
    click(page, "Resume")
    badge(page, "training").wait_for()
    until(page, lambda: run.status()["step"] > step)
    assert server.newest("snake") == run
    page.get_by_test_id("stSidebar").get_by_role("button", name="Stop").click()
    badge(page, "stopped").wait_for()


def test_live_watch_is_smooth(server, page):
    """The hand-written player at 50 frames/s."""
    page.goto(f"{server.address}/arena?arena-tab=Watch")
    choose(page, "Environment", "cartpole")
    page.get_by_role("radio", name="hand-written player").click()
    until(page, lambda: data(page, "shown") > 150)
    # The best of a few looks: other tests run beside this one.
    looks: list[dict[str, float]] = []
    while not any(look["rate"] >= 30 and look["gap"] < 150 for look in looks):
        assert len(looks) < 5, looks
        looks.append(page.evaluate(FRAMES, 3))
    # Paused, nothing moves; one frame back shows an earlier step.
    page.locator(".player .pause").click()
    page.wait_for_timeout(200)
    step = data(page, "step")
    page.locator(".player .back").click()
    until(page, lambda: data(page, "step") != step)
    shown = data(page, "shown")
    page.wait_for_timeout(300)
    assert data(page, "shown") == shown


def test_play_with_keys(server, page):
    """A person plays one step per key, and the score is counted."""
    page.goto(f"{server.address}/arena?arena-tab=Play")
    choose(page, "Environment", "cartpole")
    page.get_by_role("radio", name="one step per key").click()
    page.get_by_text("Press left or right to start").wait_for()
    page.locator("canvas.stage").focus()
    over = page.get_by_text("your return is")

    def fallen() -> bool:
        # Whoever presses nothing stays where they are; one more key is one more step.
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(250)
        return bool(over.count())

    until(page, fallen)
    page.get_by_text("your return is").wait_for()
    page.get_by_text("Your returns").wait_for()


def test_nothing_is_cut_off_on_a_phone(server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    for address in ("", "arena", "runs"):
        page.goto(f"{server.address}/{address}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(1000)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, address
    # The dark theme is our own.
    shade = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert shade == "rgb(18, 22, 31)"
    context.close()


def choose(page, label: str, option: str) -> None:
    """Picks an option of a menu, unless it is picked already."""
    box = page.get_by_role("combobox", name=label)
    choice = page.get_by_role("option", name=option, exact=True)

    def picked() -> bool:
        if box.input_value() == option:
            return True
        # A page that is still being drawn may close the menu under the pointer.
        with contextlib.suppress(sync_api.TimeoutError):
            box.click(timeout=3000)
            choice.click(timeout=3000)
        return False

    until(page, picked)


def data(page, name: str) -> int:
    """What the player in the browser says: how many frames it has `shown`, the `step` of the present one."""
    return int(page.locator("canvas.stage").get_attribute(f"data-{name}") or -1)


def until(page, condition) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(50)
