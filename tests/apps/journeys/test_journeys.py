"""Journeys through the studio in a real Chromium, one after the other on the same server."""

import contextlib
import io
import math
import os
import re
import subprocess
import sys
import time
import zipfile

import pytest

from apps.times import FRAMES, LEARNING
from sandbox.runs import list_runs

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def badge(page, word: str):
    """What the heading says about the run."""
    return page.locator(".st-key-state").get_by_text(word).first


def main(page):
    """The page beside the sidebar."""
    return page.get_by_test_id("stMain")


def open_tab(page, name: str) -> None:
    """Opens a tab; a click on a page that is still being drawn may be lost, and a person clicks again."""
    tab = page.get_by_role("tab", name=name)
    for _ in range(60):
        tab.click()
        page.wait_for_timeout(500)
        if tab.get_attribute("aria-selected") == "true":
            return
    raise AssertionError(f"the tab {name} does not open")


def at_rest(page, locator) -> dict[str, float]:
    """The frame of something on the page once nothing above it moves it any more."""
    before = None
    while (now := locator.bounding_box()) is None or now != before:
        before = now
        page.wait_for_timeout(500)
    return now


def click(page, name: str) -> None:
    main(page).get_by_role("button", name=name, exact=True).first.click()


def test_sketch_is_read(server, page):
    """Home begins to learn by itself; a ring that is drawn is read as a zero."""
    begin = time.monotonic()
    page.goto(server.address)
    page.get_by_role("heading", name="Can a network learn to read while you watch?").wait_for()
    assert time.monotonic() - begin < 100
    badge(page, "training").wait_for()
    badge(page, "done").wait_for()
    pad = page.locator(".pad canvas")
    box = at_rest(page, pad)
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
    page.get_by_text("Your turn").wait_for()
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_role("heading", name="It reads 1", exact=True).wait_for()
    there = {
        "Inside": "First filters",
        "Compare": "Only the network is correct",
        "Code": "A script",
        "Limits": "Spoil it by",
        "Learn": "Predict, then reveal",
    }
    for tab, words in there.items():
        open_tab(page, tab)
        page.get_by_role("tabpanel").get_by_text(words).first.wait_for()
    assert f"run={server.newest('vision/classify').name}" in page.url


@pytest.mark.thorough
def test_own_pictures_are_uploaded_and_learned(server, page, until, tmp_path):
    """A zip with a folder for each class: looked through, trained on, found again after a reload."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "shades.zip", "w") as archive:
        for name, shade in (("dark", 40), ("light", 200)):
            for i in range(9):
                values = generator.integers(shade - 30, shade + 30, (24, 24, 3)).astype(np.uint8)
                content = io.BytesIO()
                Image.fromarray(values).save(content, "PNG")
                archive.writestr(f"shades/{name}/{i}.png", content.getvalue())
        archive.writestr("shades/light/notes.txt", "no picture")
    page.goto(server.address)
    choose(page, "Data", "my own pictures", until)
    click(page, "My data")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "shades.zip")
    page.get_by_text("18 pictures in 2 classes (dark, light): 12 for training, 6 for testing.").wait_for()
    page.get_by_text("18 of 19 files were read").first.wait_for()
    page.keyboard.press("Escape")
    click(page, "Train")
    run_of = re.compile(r"6 unseen pictures correctly")
    page.get_by_text(run_of).wait_for()
    page.reload()
    page.get_by_text(run_of).wait_for()
    data_menu = page.get_by_role("combobox", name="Data")
    until(page, lambda: data_menu.input_value() == "my own pictures")
    assert ".uploads" in server.newest("vision/classify").config["data"]


@pytest.mark.thorough
def test_train_watch_stop_resume(server, page, until):
    """An agent is trained, watched, stopped, resumed; a reload loses nothing."""
    page.goto(f"{server.address}/arena")
    choose(page, "Environment", "snake", until)
    page.get_by_text("No agent has learned snake yet").wait_for()
    click(page, "Train")
    badge(page, "training").wait_for()
    page.get_by_role("radio", name="Agent").wait_for()
    until(page, lambda: data(page, "shown") > 20)
    run = server.newest("snake")

    page.reload()
    badge(page, "training").wait_for()
    assert f"run={run.name}" in page.url
    assert len([r for r in list_runs(server.runs) if r.config["target"] == "snake"]) == 1

    begin = time.monotonic()
    click(page, "Stop")
    page.get_by_text("stopp").first.wait_for()
    badge(page, "stopped").wait_for()
    step = run.status()["step"]
    assert run.status()["state"] == "stopped"
    assert time.monotonic() - begin < 100
    click(page, "Resume")
    badge(page, "training").wait_for()
    until(page, lambda: run.status()["step"] > step)
    assert server.newest("snake") == run
    page.get_by_test_id("stSidebar").get_by_role("button", name="Stop").click()
    badge(page, "stopped").wait_for()


def test_watch_and_play(server, page, until):
    """The hand-written player at 50 frames/s; then a person plays one step per key, and the score counts."""
    page.goto(f"{server.address}/arena?arena-tab=Watch")
    choose(page, "Environment", "cartpole", until)
    page.get_by_role("radio", name="Hand-written player").click()
    until(page, lambda: data(page, "shown") > 100)
    # The best of a few looks: other tests run beside this one.
    looks: list[dict[str, float]] = []
    while not any(look["rate"] >= 30 and look["gap"] < 150 for look in looks):
        assert len(looks) < 6, looks
        looks.append(page.evaluate(FRAMES, 2))
    # Paused, nothing moves; one frame back shows an earlier step.
    page.locator(".player .pause").click()
    page.wait_for_timeout(200)
    step = data(page, "step")
    page.locator(".player .back").click()
    until(page, lambda: data(page, "step") != step)
    shown = data(page, "shown")
    page.wait_for_timeout(300)
    assert data(page, "shown") == shown

    open_tab(page, "Play")
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
    page.get_by_text("Your returns").wait_for()


@pytest.mark.thorough
def test_frames_of_any_environment_are_seen(server, page, until):
    """What Gymnasium renders as a picture is decoded before it is drawn: no frame is black."""
    page.goto(f"{server.address}/arena?arena-tab=Watch")
    box = page.get_by_role("combobox", name="Environment")
    stage = page.locator("canvas.stage[aria-label^='Acrobot']")

    def chosen() -> bool:
        # A box that is drawn anew while someone types may keep the words and never send them; the same
        # words once more are no change to it, so it is emptied first.
        if not stage.count():
            box.fill("")
            box.fill("Acrobot-v1")
            page.keyboard.press("Enter")
            page.wait_for_timeout(5000)
        return bool(stage.count())

    until(page, chosen)
    until(page, lambda: data(page, "shown") > 0)
    looks = page.locator("canvas.stage").evaluate(BRIGHTNESS)
    assert len(looks) == 20
    assert min(looks) > 100, looks  # Acrobot's ground is white


BRIGHTNESS = """async (canvas) => {
  const found = [];
  let last = "";
  while (found.length < 20) {
    await new Promise(requestAnimationFrame);
    if (canvas.dataset.shown === last) continue;
    last = canvas.dataset.shown;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i] + data[i + 1] + data[i + 2];
    found.push(sum / (0.75 * data.length));
  }
  return found;
}"""
"""Mean brightness, 0 to 255, of the next 20 frames."""


def test_neurons(server, page, until):
    """A network learns on the page; one example goes through it step by step."""
    begins_to_learn(page, f"{server.address}/neurons")
    choose(page, "Network", "radial basis", until)
    open_tab(page, "Inside")
    stage = page.get_by_role("slider", name="Step")
    until(page, lambda: stage.get_attribute("aria-valuetext") == "begin")
    click(page, "On")
    until(page, lambda: "forward" in stage.get_attribute("aria-valuetext"))
    opens_again(page)
    assert page.get_by_role("combobox", name="Network").input_value() == "radial basis"


@pytest.mark.thorough
def test_paint_clear_and_paint_again(server, page, until):
    """Clear erases and the board goes on drawing; a third class and a reload lose nothing."""
    page.goto(f"{server.address}/neurons")
    right = page.get_by_text("correct: training")
    right.wait_for()
    click(page, "Clear")
    page.get_by_text("Paint points of two classes here.").wait_for()
    main(page).get_by_text("Nothing is learned yet.").wait_for()
    for letter, (x, y) in {"A": (0.2, 0.2), "B": (0.7, 0.7)}.items():
        paint(page, letter, [(x, y), (x + 0.05, y + 0.1), (x + 0.1, y), (x, y + 0.15)])
    until(page, lambda: "training 100 %" in right.inner_text())
    drawn = data(page, "shown")
    until(page, lambda: data(page, "shown") > drawn)
    # The first point of a third class is not enough, the second is.
    paint(page, "C", [(0.8, 0.2)])
    page.get_by_text("9 points").wait_for()
    paint(page, "C", [(0.85, 0.25), (0.75, 0.25)])
    until(page, lambda: "training 100 %" in right.inner_text())
    page.reload()
    label = page.locator("canvas.stage[aria-label^='painted points: 11 points']")
    label.wait_for()
    until(page, lambda: "training 100 %" in right.inner_text())


def paint(page, letter: str, places: list[tuple[float, float]]) -> None:
    """Points of a class on the playground's plane, at shares of its sides."""
    page.locator(".tools").get_by_role("button", name=letter, exact=True).click()
    for x, y in places:
        box = page.locator("canvas.stage").bounding_box()
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_a_script_that_fails_says_so(server, browser):
    """Whatever goes wrong in a component's script is a sentence in its place."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "CanvasRenderingContext2D.prototype.putImageData = () => { throw new TypeError('broken on purpose') }"
    )
    page.goto(f"{server.address}/neurons")
    page.get_by_role("alert").get_by_text("failed in the browser (TypeError: broken on purpose)").wait_for()
    context.close()


@pytest.mark.thorough
def test_microscope(server, page, until):
    """A filter is switched off, and the probabilities are others."""
    begins_to_learn(page, f"{server.address}/microscope")
    open_tab(page, "Inside")
    page.get_by_role("radio", name="Switch filters off").click()
    told = page.get_by_text("With all filters")
    for number in range(1, 5):
        page.get_by_label(f"Filter {number} of convolution 1, on").click()
        page.get_by_label(f"Filter {number} of convolution 1, off").wait_for()
    before, after = re.findall(r"(\w+),? (\d+)\s?%", told.inner_text())
    assert before != after
    opens_again(page)


@pytest.mark.thorough
def test_sequences(server, page, until):
    """A number of the sequence is changed, and the sum is another."""
    begins_to_learn(page, f"{server.address}/sequences")
    chart = main(page).locator("[aria-label^='the sum']").first

    def truth() -> str:
        return chart.get_attribute("aria-label").rpartition("truth")[2]

    before = truth()
    page.locator(".strip .cell.lit").first.click(position={"x": 4, "y": 2})
    until(page, lambda: truth() != before)
    opens_again(page)


@pytest.mark.thorough
def test_latent(server, page, until):
    """A click into the plane is another code and another picture."""
    begins_to_learn(page, f"{server.address}/latent")
    answer, plane = page.locator("canvas.answer"), page.locator(".plane canvas.stage")
    until(page, lambda: answer.get_attribute("data-code"))

    def clicked(share: float) -> tuple[float, str]:
        box = plane.bounding_box()
        plane.click(position={"x": share * box["width"], "y": 0.5 * box["height"]})
        code, values = answer.get_attribute("data-code"), answer.get_attribute("data-values")
        return float(code.split()[0]), values

    def right_of_left() -> bool:
        (left, one), (right, other) = clicked(0.25), clicked(0.75)
        return left < right and one != other

    until(page, right_of_left)  # again where a newer age of the network came between the two clicks
    opens_again(page)


@pytest.mark.thorough
def test_energy(server, page, until):
    """Another half is missing, and others complete it otherwise, too."""
    begins_to_learn(page, f"{server.address}/energy")
    told = page.get_by_text(re.compile("Mean error per missing pixel"))

    def neighbours() -> str:
        return "".join(re.findall(r"5 nearest neighbours [\d.]+", told.inner_text()))

    before = neighbours()
    page.get_by_role("radio", name="upper").click()
    until(page, lambda: neighbours() != before)
    opens_again(page)


def begins_to_learn(page, address: str) -> None:
    """Opens a page, and waits until it shows a network that has learned by itself."""
    page.goto(address)
    page.locator(".st-key-footer").get_by_text(LEARNING).first.wait_for()


def opens_again(page) -> None:
    """The link of a page leads to the same tab of the same run, with the same settings."""
    open_tab(page, "Code")
    page.get_by_role("tabpanel").get_by_test_id("stCode").first.wait_for()
    click(page, "Link")
    # The footer is drawn after the tab, so for a moment the link is that of the tab before.
    code = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    code.filter(has_text="tab=Code").wait_for()
    link = code.inner_text().strip()
    shown = re.search(r"run=[\w-]+", page.url)
    page.goto(link)
    page.get_by_role("tab", name="Code", selected=True).wait_for()
    page.get_by_role("tabpanel").get_by_test_id("stCode").first.wait_for()
    if shown:
        page.locator(".st-key-footer").get_by_text(shown[0].removeprefix("run=")).first.wait_for()


@pytest.mark.thorough
def test_nothing_is_cut_off_on_a_phone(server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    command = [sys.executable, "-m", "sandbox.cli", "train", "latent/som", "--steps", "20"]
    subprocess.run(command, env={**os.environ, "SANDBOX_RUNS": str(server.runs)}, check=True)
    som = server.newest("latent/som").name
    for address in ("", "arena", "runs", "neurons", f"latent?latent-tab=Compare&run={som}"):
        page.goto(f"{server.address}/{address}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(1000)
        if "Compare" in address:
            page.get_by_text("k-means, in no order").wait_for()
            page.wait_for_timeout(500)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, address
    # The dark theme is our own.
    shade = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert shade == "rgb(18, 22, 31)"
    context.close()


def choose(page, label: str, option: str, until) -> None:
    """Picks an option of a menu, unless it is picked already."""
    box = page.get_by_role("combobox", name=label)
    choice = page.get_by_role("option", name=option, exact=True)

    def picked() -> bool:
        if box.input_value() == option:
            return True
        # A page that is still being drawn may close the menu under the pointer.
        with contextlib.suppress(sync_api.TimeoutError):
            box.click(timeout=3000)
            if not choice.count():
                # A long menu draws only what is in view. Not typed whole: that would look like the answer.
                box.fill("", timeout=3000)
                box.fill(option[:-1], timeout=3000)
            choice.click(timeout=3000)
        return False

    until(page, picked)


def data(page, name: str) -> int:
    """What the player in the browser says: how many frames it has `shown`, the `step` of the present one."""
    return int(page.locator("canvas.stage").get_attribute(f"data-{name}") or -1)
