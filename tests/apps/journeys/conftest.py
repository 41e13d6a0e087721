"""One studio and one browser window for all journeys; whatever the browser complains about fails the test."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import jobs
from sandbox.jobs import job_process
from sandbox.runs import Run, list_runs

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 120_000
"""Milliseconds that anything may take on a busy machine."""
BENIGN = ("/_stcore/health", "/_stcore/host-config")
"""Streamlit looks for these below each page's address first, finds nothing there, and goes on."""
HOME = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


class Server:
    """A studio with runs of its own."""

    def __init__(self, root: Path) -> None:
        self.runs = root / "runs"
        self.runs.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "streamlit", "run", "apps/server.py", "--server.headless", "true"]
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

    def end_jobs(self) -> None:
        """Nothing trains or waits any more."""
        for run in reversed(jobs.list_jobs(self.runs)):
            if isinstance(pid := run.status().get("pid"), int):
                job_process.kill(pid)
            else:
                jobs.stop(run)

    def newest(self, target: str) -> Run:
        return next(run for run in list_runs(self.runs) if run.config["target"] == target)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("studio"))
    yield server
    server.stop()
    server.end_jobs()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("NO BROWSER: install chromium to run the studio's journeys")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(browser):
    """A window, and every complaint and every request that left this machine; opened once, as that costs."""
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
        if not request.url.startswith(HOME):
            complaints.append(f"left this machine: {request.url}")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", answered)
    page.on("request", asked)
    page.on("websocket", asked)
    yield page, complaints
    context.close()


@pytest.fixture
def page(window, server):
    """The window; afterwards nobody has complained, nothing has failed, and nothing trains any more."""
    page, complaints = window
    complaints.clear()
    yield page
    failed = page.get_by_test_id("stException").count()
    page.goto("about:blank")
    server.end_jobs()
    assert not complaints
    assert not failed


@pytest.fixture
def until() -> Callable[..., None]:
    """Waits for something to come true."""

    def wait(page, condition) -> None:
        end = time.monotonic() + PATIENCE / 1000
        while not condition():
            assert time.monotonic() < end
            page.wait_for_timeout(50)

    return wait
