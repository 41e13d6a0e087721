"""The playground keeps what every page promises: each tab in each state, and a lesson whose questions run."""

import math
import re
from itertools import pairwise

import pytest

from apps.neurons import board_fragment, descents, retraining
from apps.neurons.controls import PAINTED
from apps.neurons.live_training import LiveTraining
from apps.neurons.live_view import LiveView
from apps.neurons.page import PAGE
from apps.neurons.plane import Settings
from apps.studio.page import inside_tab, questions
from apps.studio.page.draw import TABS
from apps.studio.page.learn import lesson_of
from sandbox.data.plane_points import generate

STATES = ("empty", "queued", "running", "stopped", "done", "failed")
LESSON = lesson_of("neurons", "neurons/plane")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Comparisons of a few steps: here only that they are drawn counts."""
    monkeypatch.setattr(retraining, "STEPS", 3)
    monkeypatch.setattr(retraining, "CURVE", 2)
    monkeypatch.setattr(descents, "STEPS", 3)


def put_into(training: LiveTraining, state: str) -> None:
    """Bring a training into a state."""
    training.playing = state == "running"
    if state == "queued":
        training.step = 0
    elif state == "done":
        training.step = training.total
    elif state == "failed":
        training.trouble = "The loss is no longer a number."


@pytest.mark.quick("empty-moons", "done-moons")
@pytest.mark.parametrize("data", ["moons", "waves"])
@pytest.mark.parametrize("state", STATES)
def test_every_tab_in_every_state(open_page, settled, state, data):
    """Only a failed training has an error on its page, its own; without points the page says what to do."""
    at = open_page("neurons", {"neurons:data": PAINTED if state == "empty" else data})
    for tab in TABS:
        if state != "empty":
            put_into(at.session_state[board_fragment.TRAINING], state)
        at.session_state["neurons-tab"] = tab
        settled(at)
        assert [panel.label for panel in at.tabs] == list(TABS)
        expected = ["The loss is no longer a number."] if state == "failed" else []
        assert [error.value for error in at.error] == expected, tab
        assert bool(at.info) == (state == "empty"), tab


def test_the_lesson_says_what_it_must():
    assert 100 <= len(re.findall(r"[\w'’-]+", LESSON.text)) <= 200
    assert LESSON.equation and LESSON.equation_says.endswith(".") and LESSON.picture_says.endswith(".")
    assert hasattr(inside_tab.find(PAGE, LESSON.picture), "picture")
    assert len(LESSON.questions) == 3 and LESSON.papers
    for question in LESSON.questions:
        bounds = list(question.bounds)
        between = [bounds[0] - 1, *((low + high) / 2 for low, high in pairwise(bounds)), bounds[-1] + 1]
        assert [question.right(value) for value in between] == list(range(len(question.options)))
        assert question.ask.endswith("?") and question.because.endswith(".")


@pytest.mark.parametrize("question", LESSON.questions, ids=lambda question: question.run["kind"])
@pytest.mark.parametrize(("data", "network"), [("moons", "mlp"), ("waves", "rbfn")])
def test_each_question_is_answered_by_running_something(question, data, network):
    training = LiveTraining(generate(data, count=60), Settings(network=network, steps=20), 0, data)
    training.advance(20, clock=lambda: 0.0)
    arguments = {name: value for name, value in question.run.items() if name != "kind"}
    view = LiveView.of(training, None)
    assert math.isfinite(getattr(questions, str(question.run["kind"]))(view, **arguments))


def test_a_guess_is_answered_with_the_network_of_the_page(open_page, settled, read):
    at = open_page("neurons", **{"neurons-tab": "Learn"})
    first = LESSON.questions[0]
    at.session_state["neurons:question:0"] = first.options[1]
    settled(at)
    model = at.session_state[board_fragment.TRAINING].model
    count = sum(parameter.numel() for parameter in model.parameters())
    assert f"It is **{count}**" in read(at)


def test_an_earlier_age_is_another_view_of_the_same_training():
    training = LiveTraining(generate("moons", count=60), Settings(steps=50), 0)
    training.advance(50, clock=lambda: 0.0)
    view = LiveView.of(training, None)
    young = view.aged(training.ages[0])
    assert (young.step, view.step) == (0, 50)
    assert young.key != view.key
    assert young.scores is not None and view.scores is not None
    assert young.scores["test_loss"] > view.scores["test_loss"]
    assert questions.age(view, 0.0) == pytest.approx(100 * young.scores["test_score"])
