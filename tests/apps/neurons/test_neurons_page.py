"""The neuron playground without a browser: it learns by itself, obeys the board, and has all its tabs."""

import json
from typing import Any

import pytest
import torch
from safetensors.torch import load

from apps.neurons import board_data, board_fragment, descents, downloads, retraining
from apps.neurons.controls import PAINTED, POINTS, parse_layers
from apps.neurons.live_training import LiveTraining, layers_of
from apps.neurons.live_view import LiveRun
from apps.neurons.plane import TASK, Settings
from apps.neurons.trace import trace
from apps.studio.page.downloads import model_bytes
from sandbox.data.plane_points import generate, painted
from sandbox.errors import UserError

pytestmark = pytest.mark.thorough

TABS = ("Try", "Inside", "Compare", "Code", "Limits")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Comparisons of a few steps: here only that they are drawn counts."""
    monkeypatch.setattr(retraining, "STEPS", 3)
    monkeypatch.setattr(retraining, "CURVE", 2)
    monkeypatch.setattr(descents, "STEPS", 3)


def training_of(at):
    return at.session_state[board_fragment.TRAINING]


def drive(at, looks=3):
    for _ in range(looks):
        at.run()
    assert not at.exception
    return at


def button(at, label):
    return next(button for button in at.button if button.label == label)


def test_opening_begins_to_learn(open_page, read):
    at = drive(open_page("neurons"))
    assert training_of(at).playing
    assert training_of(at).step > 0
    assert "unseen synthetic points correctly" in read(at)
    button(at, "Stop").click().run()
    step = training_of(at).step
    at.run()
    assert training_of(at).step == step
    assert button(at, "Resume")
    button(at, "Reset").click().run()
    assert training_of(at).step == 0 and training_of(at).state == "queued"


@pytest.mark.parametrize("tab", TABS[1:])
def test_tabs(open_page, tab):
    at = open_page("neurons", **{"neurons-tab": tab})
    assert not at.error
    assert at.session_state["neurons-tab"] == tab


def test_another_network_begins_anew_and_a_bad_one_is_a_sentence(open_page):
    at = drive(open_page("neurons"))
    first = training_of(at)
    at.selectbox(key="neurons:network").set_value("rbfn").run()
    assert training_of(at) is not first
    assert training_of(at).settings.network == "rbfn"
    for text in ("", "0", "8 8 8 8 8 8 8", "1000", "eight"):
        with pytest.raises(UserError, match="Hidden layers"):
            parse_layers(text)
    assert parse_layers("8, 6-4") == (8, 6, 4)


def test_painting_goes_on_with_the_same_network(open_page, read):
    at = drive(open_page("neurons"))
    model = training_of(at).model
    points = [[x / 10, (x % 3) / 3, x % 2] for x in range(-9, 9)]
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 1, "points": points}}}
    drive(at, 2)
    assert at.session_state["neurons:data"] == PAINTED
    assert training_of(at).model is model
    assert len(training_of(at).points.x) == len(points)
    assert training_of(at).changed == {"points"}
    # Told once: a rerun does not paint again what was cleared since.
    at.session_state[POINTS] = []
    at.run()
    assert training_of(at) is None
    assert "No points yet" in at.info[0].value
    assert "unseen" not in read(at)
    # What is painted then is learned by a new network.
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 2, "points": points}}}
    drive(at, 2)
    assert training_of(at).model is not model
    assert training_of(at).playing and not training_of(at).changed


def test_painting_on_a_network_that_has_ended_begins_a_new_one(open_page):
    at = drive(open_page("neurons"))
    ended = training_of(at)
    ended.step, ended.playing = ended.total, False
    points = [[x / 10, (x % 3) / 3, x % 2] for x in range(-9, 9)]
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 1, "points": points}}}
    drive(at, 2)
    assert training_of(at) is not ended
    assert training_of(at).playing


def test_repainting_measures_on_the_new_points():
    training = LiveTraining(generate("moons", count=60), Settings(steps=50), 0)
    training.advance(20, clock=lambda: 0.0)
    before = len(training.rows)
    points = generate("moons", count=200, seed=5)
    training.repaint(points, "points.csv")
    x, y = torch.from_numpy(points.x[points.unseen]), torch.from_numpy(points.y[points.unseen])
    right = (training.model(x).argmax(1) == y).double().mean().item()
    assert len(training.rows) == before + 1
    assert training.rows[-1]["test_score"] == pytest.approx(right)
    assert training.rows[-1]["step"] == training.step


def test_inside_opens_where_there_is_something_to_learn(open_page, read):
    """A trained network is right about most points, and its gradients there are 0."""
    at = open_page("neurons")
    training = training_of(at)
    training.advance(training.total, clock=lambda: 0.0)
    at.session_state["neurons-tab"] = "Inside"
    drive(at, 2)
    points = training.points
    outputs = training.model(torch.from_numpy(points.x))
    losses = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(points.y).long(), reduction="none")
    number = at.slider(key="neurons:example").value
    assert number == int(losses.argmax()) + 1
    assert "has the largest loss of all" in read(at)
    found = trace(
        training.model,
        torch.from_numpy(points.x[number - 1]),
        torch.tensor(points.y[number - 1]),
        board_data.names(training.points, training.model),
    )
    gradient = found.stages[-1].node.gradient
    assert gradient is not None and float(gradient.abs().max()) > 0.1
    best = int(losses.argmin()) + 1
    at.slider(key="neurons:example").set_value(best).run()
    assert "nothing left to learn from this point" in read(at)
    button(at, "Largest loss").click().run()
    assert at.slider(key="neurons:example").value == number


def test_a_turned_weight_is_turned(open_page):
    at = open_page("neurons")
    button(at, "Stop").click().run()
    edits = {"1,2,0": 3.5, "1,2,-1": -1.25, "9,9,9": 1, "nonsense": 2, "1,0,0": "x"}
    at.session_state["neurons:board"] = {"acts": {"turn": {"id": 2, "edits": edits}}}
    drive(at, 1)
    weight, bias = layers_of(training_of(at).model)[0]
    assert weight[2, 0].item() == 3.5
    assert bias[2].item() == -1.25
    assert training_of(at).changed == {"weights"}


def test_nonsense_from_the_browser_paints_nothing():
    sent = [
        [0, 0, 0],
        [0.1, 0.2],
        ["a", 0, 0],
        [float("nan"), 0, 0],
        [9, 0, 0],
        [0, 0, 7],
        None,
        [1e400, 0, 0],
    ]
    assert board_fragment.clean(sent) == [(0.0, 0.0, 0)]
    assert board_fragment.clean("text") == []
    assert len(board_fragment.clean([[0, 0, 0]] * 5000)) == board_fragment.MOST


def test_divergence_is_told_and_train_begins_anew(open_page, read):
    at = open_page("neurons")
    training_of(at).model[0].weight.data.fill_(float("inf"))
    drive(at, 2)
    assert training_of(at).state == "failed"
    assert "no longer a number" in at.error[0].value
    button(at, "Train").click().run()
    assert not training_of(at).trouble and training_of(at).playing


def test_script_and_model_come_to_the_same(open_page, run_script):
    """Painted points, trained on the page and by the downloaded script: the same figures to the last bit."""
    at = open_page("neurons")
    at.select_slider(key="neurons:steps").set_value(500)
    points = [(x / 20, ((7 * x) % 19) / 19, int(x % 4 > 1)) for x in range(-18, 18)]
    at.session_state[POINTS] = points
    at.selectbox(key="neurons:data:0").set_value(PAINTED).run()
    training, choice = training_of(at), at.session_state[board_fragment.CHOICE]
    assert choice.points.to_csv() == painted(points).to_csv()
    while training.playing:
        training.advance(100)
    figures = json.loads(run_script(downloads.script(training))[-1])
    final = training.final()
    assert {name: figures[name] for name in final} == final
    run: Any = LiveRun(training)
    content = model_bytes(run)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    predictor = TASK.predictor(load(content), json.loads(header["__metadata__"]["meta"]))
    unseen = training.split.test
    assert (predictor.predict(unseen.inputs).argmax(1) == unseen.targets).mean() == pytest.approx(
        final["test_score"]
    )
    assert training.points.name in downloads.report(training)
