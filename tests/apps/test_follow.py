"""Menus say what is shown, after a reload and by a link; the badge has the time of the same training."""

import pytest

from apps.studio.page import control_values, own_data, run_selection
from sandbox.data import uploads
from sandbox.runs import Run


def run_of(target: str, *words: str, state: str = "queued", seconds: float = 0.0, **config) -> Run:
    config = {"argv": ["train", target, *words], "seed": 0, "kind": "task", **config}
    run = Run.create(target, config, state="queued")
    run.update_status(state=state, seconds=seconds)
    return run


CASES = [
    (
        "start",
        "vision/classify",
        ["--preset", "best", "--jitter", "0.5"],
        {"start:vision/classify:preset": "best", "start:vision/classify:best:jitter": 0.5},
    ),
    (
        "microscope",
        "vision/classify",
        ["--preset", "best"],
        {"microscope:vision/classify:preset": "best"},
    ),
    (
        "energy",
        "energy/dbn",
        ["--labels", "120", "--hidden", "64", "64"],
        {"energy:task": "energy/dbn", "energy:seed": 7},
    ),
    ("energy", "energy/rbm", ["--preset", "cd5"], {"energy:energy/rbm:preset": "cd5"}),
    (
        "sequences",
        "sequences/copying",
        ["--block", "lstm", "--length", "33", "--hidden", "64"],
        {
            "sequences:sequences/copying:fast:block": "lstm",
            "sequences:sequences/copying:fast:length": 33,
            "sequences:sequences/copying:fast:hidden": 64,
        },
    ),
]


@pytest.mark.parametrize(("page", "target", "words", "said"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_after_a_reload_the_menus_say_what_is_shown(open_page, page, target, words, said):
    run = run_of(target, *words, "--seed", "7", seed=7)
    at = open_page(page, run=run.name)
    for key, value in said.items():
        assert at.session_state[key] == value, key
    assert at.session_state[f"{page}:seed"] == 7
    assert not at.warning


def test_the_arena_says_how_its_agent_was_trained(open_page):
    words = ["--agent", "dqn", "--total-timesteps", "20000"]
    run = run_of("cartpole", *words, seed=3, kind="agent", agent="dqn")
    at = open_page("arena", run=run.name)
    assert at.selectbox(key="arena:agent").value == "dqn"
    assert at.number_input(key="arena:steps").value == 20_000
    assert at.number_input(key="arena:seed").value == 3


def test_what_a_person_chooses_afterwards_stays(open_page):
    run = run_of("vision/classify", "--preset", "best")
    at = open_page("start", run=run.name)
    at.selectbox(key="start:vision/classify:preset").set_value("fast").run()
    at.run()
    assert at.selectbox(key="start:vision/classify:preset").value == "fast"


def test_a_word_that_no_menu_offers_is_not_said():
    run = run_of("vision/classify", "--learning-rate", "0.0123", "--jitter", "much", "--preset")
    assert control_values.option(run, "--learning-rate", "as tuned", ("as tuned", "0.01")) == "as tuned"
    assert control_values.option(run, "--jitter", 1.0) == 1.0
    assert control_values.option(run, "--preset", "fast") == "fast"


@pytest.mark.parametrize(("page", "target"), [("start", "vision/classify")])
def test_own_pictures_are_not_called_digits(open_page, read, page, target):
    run = run_of(target, "--data", "/pictures/shapes", data="/pictures/shapes")
    at = open_page(page, run=run.name)
    assert "digits" not in read(at)
    assert at.selectbox(key=f"{page}:data").value == "my own pictures"
    assert at.text_input(key=f"{page}:path").value == "/pictures/shapes"


def test_an_upload_is_found_again(open_page, runs_root):
    kept = uploads.keep([uploads.File("notes.txt", b"x")])
    run = run_of("vision/classify", "--data", str(kept.path.parent), data=str(kept.path.parent))
    at = open_page("start", run=run.name)
    assert at.segmented_control(key="start:own").value == own_data.UPLOAD
    assert at.session_state["start:before"] == str(kept.path.parent)
    assert not [each for each in at.text_input if each.key == "start:path"]


def test_the_badge_is_of_the_same_data_and_network():
    run_of("vision/classify", "--preset", "fast", "--threads", "1", state="done", seconds=3.0)
    run_of("vision/classify", "--data", "shapes", state="done", seconds=70.0, data="shapes")
    run_of("vision/classify", "--preset", "best", state="done", seconds=20.0)
    small = run_of("vision/classify", "--preset", "fast", "--seed", "5", "--threads", "1")
    own = run_of("vision/classify", "--data", "shapes", data="shapes")
    other = run_of("vision/classify", "--data", "letters", data="letters")
    assert [run_selection.usual_time(run) for run in (small, own, other, None)] == ["3.0 s", "70 s", "", ""]
