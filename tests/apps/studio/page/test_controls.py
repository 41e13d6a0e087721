"""The row of controls: what *Train* orders; and the input that all tabs look at."""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from apps.start.page import PAGE
from apps.studio.page import chosen_input, controls
from apps.studio.page.chosen_input import ChosenInput
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.targets import import_task


@pytest.fixture
def session(monkeypatch) -> dict[str, Any]:
    """What the widgets say, without a page."""
    values: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", values)
    return values


def test_train_orders_what_the_controls_say(session):
    first = ["vision/classify", "--preset", "fast", "--seed", "0"]
    assert controls.words(PAGE) == first
    session |= {
        "start:vision/classify:preset": "best",
        "start:seed": 4,
        "start:vision/classify:best:steps": 10,
        "start:vision/classify:fast:steps": 99,  # of a preset that is not chosen
    }
    assert controls.words(PAGE) == ["vision/classify", "--preset", "best", "--seed", "4", "--steps", "10"]


def test_own_data_are_ordered_by_their_path(session, tmp_path):
    session |= {"start:data": "my own pictures", "start:own": "a path on this machine"}
    with pytest.raises(UserError, match="Which data"):
        controls.words(PAGE)
    session["start:path"] = str(tmp_path / "nowhere")
    with pytest.raises(UserError, match="no file or folder"):
        controls.words(PAGE)
    session["start:path"] = f" {tmp_path} "
    assert controls.words(PAGE)[-2:] == ["--data", str(tmp_path.resolve())]


def test_the_nearest_preset_is_that_with_the_fewest_other_settings():
    task = import_task("vision/classify")
    best = dict(vars(task.settings("best")))
    assert controls._nearest_preset(task, {**best, "channels": [24, 48, 96], "steps": 7}) == "best"
    assert controls._nearest_preset(task, {}) == "fast"


@pytest.mark.parametrize("learned", [True, False])
def test_controls_say_what_a_run_was_trained_with(learned):
    argv = ["train", "vision/classify", "--preset", "best", "--seed", "3", "--hidden", "7", "8"]
    run = Run.create("vision/classify", {"argv": argv})
    if learned:
        settings = {**vars(import_task("vision/classify").settings("best")), "hidden": [7, 8]}
        run.update_config(settings=settings, seed=3, data=None)
    said = controls._says(PAGE, run)
    assert said["start:vision/classify:preset"] == "best" and said["start:seed"] == 3
    assert said["start:vision/classify:best:hidden"] == "7, 8"
    assert said["start:data"] == "handwritten digits"


def view(count: int = 5, key: str = "digits") -> Any:
    """What `given` needs of a view."""
    return SimpleNamespace(test=Test(count), data_key=key)


class Test:
    """Unseen examples: number i has the target 10 i."""

    __test__ = False

    def __init__(self, count: int) -> None:
        self.inputs, self.targets = list(range(count)), [10 * i for i in range(count)]

    def __len__(self) -> int:
        return len(self.inputs)


def test_the_first_unseen_example_is_looked_at_until_another_is_picked(session):
    assert chosen_input.current("p", view()) == ChosenInput(0, 0, 0)
    assert not chosen_input.has_picked("p") and chosen_input.token("p") == -1
    chosen_input.pick("p", 3)
    assert chosen_input.current("p", view()) == ChosenInput(3, 30, 3)
    assert chosen_input.has_picked("p") and chosen_input.token("p") == 0
    assert chosen_input.current("p", view(count=2)) == ChosenInput(1, 10, 1)  # other data hold fewer
    assert chosen_input.current("another page", view()).index == 0


def test_what_was_tried_is_kept_for_other_tabs_until_the_data_are_others(session):
    chosen_input.remember("p", view(), ChosenInput("drawn"))
    assert chosen_input.current("p", view()) == ChosenInput("drawn")
    assert chosen_input.current("p", view(key="others")) == ChosenInput(0, 0, 0)
    chosen_input.pick("p", 2)  # takes its place
    assert chosen_input.current("p", view()) == ChosenInput(2, 20, 2)
    chosen_input.remember("p", view(), None)  # an empty pad
    assert chosen_input.current("p", view()) == ChosenInput(2, 20, 2)
