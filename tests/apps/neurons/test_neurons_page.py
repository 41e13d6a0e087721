"""The neuron playground without a browser: it learns by itself, obeys the board, and has all its tabs."""

import json

import pytest
import torch
from safetensors.torch import load

from apps.neurons import descents, frames, plane, screen, take_away, trials
from apps.neurons.controls import PAINTED, POINTS, parse_layers
from apps.neurons.lab import Lab
from apps.neurons.plane import TASK, Settings
from apps.neurons.points import generate, painted
from apps.neurons.trace import trace
from sandbox.errors import UserError

TABS = ("Try", "Inside", "Compare", "Code", "Limits")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Comparisons of a few steps: here only that they are drawn counts."""
    monkeypatch.setattr(trials, "STEPS", 3)
    monkeypatch.setattr(trials, "CURVE", 2)
    monkeypatch.setattr(descents, "STEPS", 3)


def lab_of(at):
    return at.session_state[screen.LAB]


def drive(at, looks=3):
    for _ in range(looks):
        at.run()
    assert not at.exception
    return at


def button(at, label):
    return next(button for button in at.button if button.label == label)


def test_opening_begins_to_learn(open_page, read):
    at = drive(open_page("neurons"))
    assert lab_of(at).playing
    assert lab_of(at).step > 0
    assert "held-out points right" in read(at)
    assert "synthetic" in read(at)
    button(at, "Stop").click().run()
    step = lab_of(at).step
    at.run()
    assert lab_of(at).step == step
    assert button(at, "Resume")
    button(at, "Reset").click().run()
    assert lab_of(at).step == 0 and lab_of(at).state == "queued"


@pytest.mark.parametrize("tab", TABS[1:])
def test_tabs(open_page, tab):
    at = open_page("neurons", **{"neurons-tab": tab})
    assert not at.error
    assert at.session_state["neurons-tab"] == tab


def test_another_network_begins_anew_and_a_bad_one_is_a_sentence(open_page):
    at = drive(open_page("neurons"))
    first = lab_of(at)
    at.selectbox(key="neurons:network").set_value("rbfn").run()
    assert lab_of(at) is not first
    assert lab_of(at).settings.network == "rbfn"
    for text in ("", "0", "8 8 8 8 8 8 8", "1000", "eight"):
        with pytest.raises(UserError, match="Hidden layers"):
            parse_layers(text)
    assert parse_layers("8, 6-4") == (8, 6, 4)


def test_painting_goes_on_with_the_same_network(open_page, read):
    at = drive(open_page("neurons"))
    model = lab_of(at).model
    points = [[x / 10, (x % 3) / 3, x % 2] for x in range(-9, 9)]
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 1, "points": points}}}
    drive(at, 2)
    assert at.session_state["neurons:data"] == PAINTED
    assert lab_of(at).model is model
    assert len(lab_of(at).points.x) == len(points)
    assert lab_of(at).touched == {"points"}
    # Told once: a rerun does not paint again what was cleared since.
    at.session_state[POINTS] = []
    at.run()
    assert lab_of(at) is None
    assert "no points" in at.info[0].value
    assert "of 100" not in read(at)
    # What is painted then is learned by a new network.
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 2, "points": points}}}
    drive(at, 2)
    assert lab_of(at).model is not model
    assert lab_of(at).playing and not lab_of(at).touched


def test_painting_on_a_network_that_has_ended_begins_a_new_one(open_page):
    at = drive(open_page("neurons"))
    ended = lab_of(at)
    ended.step, ended.playing = ended.total, False
    points = [[x / 10, (x % 3) / 3, x % 2] for x in range(-9, 9)]
    at.session_state["neurons:board"] = {"acts": {"paint": {"id": 1, "points": points}}}
    drive(at, 2)
    assert lab_of(at) is not ended
    assert lab_of(at).playing


def test_repainting_measures_on_the_new_points():
    lab = Lab(generate("moons", count=60), Settings(steps=50), 0)
    lab.advance(20, clock=lambda: 0.0)
    before = len(lab.rows)
    points = generate("moons", count=200, seed=5)
    lab.repaint(points)
    x, y = plane.tensors_of(points, torch.device("cpu"))
    held = torch.from_numpy(points.held)
    right = (lab.model(x[held]).argmax(1) == y[held]).double().mean().item()
    assert len(lab.rows) == before + 1
    assert lab.rows[-1]["test_score"] == pytest.approx(right)
    assert lab.rows[-1]["step"] == lab.step


def test_inside_opens_where_there_is_something_to_learn(open_page, read):
    """A trained network is right about most points, and its gradients there are 0."""
    at = open_page("neurons")
    lab = lab_of(at)
    lab.advance(lab.total, clock=lambda: 0.0)
    at.session_state["neurons-tab"] = "Inside"
    drive(at, 2)
    points = lab.points
    outputs = lab.model(torch.from_numpy(points.x))
    losses = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(points.y).long(), reduction="none")
    number = at.slider(key="neurons:example").value
    assert number == int(losses.argmax()) + 1
    assert "this one has the largest loss" in read(at)
    found = trace(
        lab.model,
        torch.from_numpy(points.x[number - 1]),
        torch.tensor(points.y[number - 1]),
        frames.names(lab, lab.model),
    )
    gradient = found.stages[-1].node.gradient
    assert gradient is not None and float(gradient.abs().max()) > 0.1
    best = int(losses.argmin()) + 1
    at.slider(key="neurons:example").set_value(best).run()
    assert "nothing is left to learn from this point" in read(at)
    button(at, "Largest loss").click().run()
    assert at.slider(key="neurons:example").value == number


def test_a_turned_weight_is_turned(open_page):
    at = open_page("neurons")
    button(at, "Stop").click().run()
    edits = {"1,2,0": 3.5, "1,2,-1": -1.25, "9,9,9": 1, "nonsense": 2, "1,0,0": "x"}
    at.session_state["neurons:board"] = {"acts": {"turn": {"id": 2, "edits": edits}}}
    drive(at, 1)
    weight, bias = lab_of(at).parameters()[0]
    assert weight[2, 0].item() == 3.5
    assert bias[2].item() == -1.25
    assert lab_of(at).touched == {"weights"}


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
    assert screen.clean(sent) == [(0.0, 0.0, 0)]
    assert screen.clean("text") == []
    assert len(screen.clean([[0, 0, 0]] * 5000)) == screen.MOST


def test_divergence_is_told_and_train_begins_anew(open_page, read):
    at = open_page("neurons")
    lab_of(at).model[0].weight.data.fill_(float("inf"))
    drive(at, 2)
    assert lab_of(at).state == "failed"
    assert "no longer a number" in at.error[0].value
    button(at, "Train").click().run()
    assert not lab_of(at).trouble and lab_of(at).playing


def test_script_and_model_come_to_the_same(open_page, run_script):
    """Painted points, trained on the page and by the downloaded script: the same figures to the last bit."""
    at = open_page("neurons")
    at.select_slider(key="neurons:steps").set_value(500)
    points = [(x / 20, ((7 * x) % 19) / 19, int(x % 4 > 1)) for x in range(-18, 18)]
    at.session_state[POINTS] = points
    at.selectbox(key="neurons:data:0").set_value(PAINTED).run()
    lab, choice = lab_of(at), at.session_state[screen.CHOICE]
    assert choice.points.to_csv() == painted(points).to_csv()
    while lab.playing:
        lab.advance(100)
    figures = json.loads(run_script(take_away.script(lab, choice))[-1])
    final = lab.final()
    assert {name: figures[name] for name in final} == final
    content = take_away.model_bytes(lab)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    predictor = TASK.predictor(load(content), json.loads(header["__metadata__"]["meta"]))
    right = predictor.predict(lab.points.x[lab.points.held]).argmax(1) == lab.points.y[lab.points.held]
    assert right.mean() == pytest.approx(final["test_score"])
    assert lab.points.name in take_away.markdown(lab, choice)
