"""Energy lab without a browser: it begins by itself, every tab draws for both machines, in every state."""

import numpy as np
import pytest

from apps.studio import background_work
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.task import settings_from, train_task

TABS = ("Try", "Inside", "Compare", "Code", "Limits")
SMALL = {
    "rbm": {"hidden": 8, "steps": 4, "batch_size": 8, "chains": 8},
    "dbn": {"hidden": (8, 6), "pretraining": 2, "tuning": 3, "batch_size": 8},
}


def trained(name, data=None, seed=0):
    """A run of a few steps."""
    task = import_task(f"energy/{name}")
    config = {"argv": ["train", f"energy/{name}"], "seed": seed, "threads": 1, "kind": "task", "data": data}
    run = Run.create(f"energy/{name}", config)
    assert drive(run, train_task(task, settings_from(task, SMALL[name]), run)) == "done"
    return run


def test_it_begins_to_learn_by_itself_once_for_each_machine(open_page, started):
    at = open_page("energy")
    assert started == [["energy/rbm"]]
    at.selectbox(key="energy:machine").set_value("energy/dbn").run()
    at.selectbox(key="energy:machine").set_value("energy/rbm").run()
    assert started == [["energy/rbm"], ["energy/dbn"]]
    assert at.session_state["energy:run"].startswith("energy-rbm")


@pytest.mark.parametrize("name", SMALL)
def test_every_tab_of_both_machines(open_page, read, name):
    run = trained(name)
    at = open_page("energy", session={"energy:unit:rbm": 3, "energy:unit:layer1": 2}, run=run.name)
    for tab in TABS:
        at.session_state["energy-tab"] = tab
        at.run()
        background_work.wait(10.0)
        at.run()
        assert not at.exception
        assert not at.error, (tab, [error.value for error in at.error])
        assert run.name in read(at)


def test_a_stack_that_still_looks_says_what_is_left_of_a_picture(open_page, read):
    run = trained("dbn")
    at = open_page("energy", session={"energy:fresh": True}, run=run.name)
    # The menu is right from the first moment, although the browser may miss what the session says.
    assert at.selectbox(key="energy:machine").proto.default == 1
    assert "Nobody has named anything yet. After 0 steps" in read(at)
    assert "look before anybody names" in at.title[0].value


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_states(open_page, read, state):
    run = Run.create("energy/rbm", {"argv": ["train", "energy/rbm"], "seed": 0}, state="running")
    message = "The disk is full." if state == "failed" else ""
    run.update_status(state=state, message=message, queued=1.0)
    at = open_page("energy", run=run.name)
    assert bool(at.error) == (state == "failed")
    assert message in read(at)


def test_it_trains_what_was_chosen(open_page, started):
    trained("dbn")
    at = open_page("energy")
    at.selectbox(key="energy:data").set_value("my own folder").run()
    at.text_input(key="energy:folder").set_value("/no/such/folder").run()
    at.button(key="energy:train").click().run()
    assert not started
    assert "/no/such/folder" in at.error[0].value
    at.selectbox(key="energy:data").set_value("handwritten digits").run()
    at.number_input(key="energy:labels").set_value(30).run()
    at.button(key="energy:train").click().run()
    words = ["--labels", "30", "--seed", "0", "--hidden", "128", "128"]
    assert started == [["energy/dbn", *words]]


def test_a_drawing_is_completed_and_an_empty_pad_shows_dreams(open_page, read):
    run = trained("rbm")
    pixels = np.zeros((64, 64))
    pixels[10:54, 28:36] = 1
    kept = {"token": -1, "strokes": [[0.5, 0.1, 0.5, 0.9]], "pixels": pixels.ravel().tolist()}
    at = open_page("energy", session={"energy:pad:kept": kept}, run=run.name)
    assert not at.error
    assert "Who would complete it how" in read(at)
    cleared = {"token": -1, "strokes": [], "pixels": None}
    at = open_page("energy", session={"energy:pad": {"sketch": cleared}}, run=run.name)
    assert not at.error


def test_pictures_of_ones_own_in_colour(open_page, read, tmp_path):
    import cv2

    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for i in range(12):
            cv2.imwrite(str(tmp_path / "own" / name / f"{i}.png"), generator.integers(0, 255, (20, 20, 3)))
    run = trained("rbm", data=str(tmp_path / "own"))
    at = open_page("energy", run=run.name)
    assert not at.error
    assert "Who would complete it how" in read(at)
