"""Points: held out by their own coordinates, read from files with clear sentences, learned by the task."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from apps.neurons import table, trials
from apps.neurons.lab import Lab
from apps.neurons.plane import TASK, Settings, load_points
from apps.neurons.points import SETS, generate, painted
from apps.neurons.scores import neighbours, straight
from apps.neurons.trace import trace
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_made_split_and_read_back(name):
    points = generate(name, count=300)
    assert len(points.x) == 300
    assert 0.25 < points.held.mean() < 0.42
    again = table.parse(points.to_csv().encode(), "again.csv")
    np.testing.assert_allclose(again.x, points.x, atol=1e-5)
    assert np.array_equal(again.held, points.held)
    assert again.classes == points.classes
    assert not np.array_equal(generate(name, count=300, split_seed=1).held, points.held)


def test_a_point_painted_later_moves_none_to_the_other_side():
    first = [(x / 50, (x * 7 % 50) / 50, x % 2) for x in range(-40, 40)]
    some, all_of_them = painted(first[:60]), painted(first)
    assert np.array_equal(all_of_them.held[:60], some.held)
    twice = painted([*first, *first])
    assert np.array_equal(twice.held[:80], twice.held[80:])


BAD = {
    b"": "rows",
    b"x,y\n1,2\n3,4\n5,6\n": "columns",
    b"a,b,c\n1,2,u\n1,nan,u\n3,4,v\n5,6,v\n": "Row 3 .* 'nan' in column b",
    b"1,2,u\n1,x,u\n3,4,v\n5,6,v\n": "Row 2 .* 'x'",
    b"1,2,u\n1,3\n3,4,v\n5,6,v\n": "Row 2 .* 2 columns",
    b"1,2,u\n1,3,u\n1,4,v\n1,6,v\n": "1 everywhere",
    b"1,2,u\n2,3,u\n3,4,u\n4,6,u\n": "nothing to tell apart",
    b"1,2,u\n2,3,v\n3,4,w\n4,6,x\n5,5,y\n": "5 different labels",
    b"1,2,u\n2,3,\n3,4,v\n4,6,v\n": "empty label",
    b"1,2,u\n2,3,u\n3,4,u\n4,6,v\n": "Class v needs at least two",
    b"\xff\xfe\x00\x01": "not a text file",
    b"u,v,w\nu,v,w\nu,v,w\nu,v,w\nu,v,w\n": "two columns of numbers",
    b"\x80\x04\x95 pickle": "not a text file",
}


@pytest.mark.parametrize("content", BAD)
def test_bad_files_are_one_clear_sentence(content):
    with pytest.raises(UserError, match=BAD[content]) as caught:
        table.parse(content, "mine.csv")
    assert "mine.csv" in str(caught.value) or "Class" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_with_many_columns_values_and_semicolons():
    rows = "\n".join(f"n{i};{i};{i * i};{i % 3};{i / 7}" for i in range(30))
    points = table.parse(f"name;a;b;c;price\n{rows}".encode(), "mine.csv")
    assert points.axes == ("a", "b")
    assert points.classes == ()
    assert points.y.min() == pytest.approx(-1) and points.y.max() == pytest.approx(1)
    assert "price" in points.notes[0]
    np.testing.assert_allclose(
        points.shift[1] + points.scale[1] * points.x[:, 1], np.arange(30) ** 2, atol=0.01
    )


def test_the_task_beats_a_straight_cut_and_the_page_takes_the_same_steps():
    run = Run.create("neurons/plane", {"seed": 3, "threads": 1})
    settings = Settings(steps=300)
    assert drive(run, train_task(TASK, settings, run), lambda progress: None) == "done"
    final = run.metrics()[-1]
    points = load_points(settings)
    assert final["test_score"] > straight(points).metrics["test_score_high"]
    assert neighbours(points).metrics["test_score"] > 0.9
    lab = Lab(points, settings, 3)
    lab.playing = True
    while lab.playing:
        lab.advance(37)
    tensors, _ = run.load_model()
    assert all(torch.equal(value, tensors[name]) for name, value in lab.model.state_dict().items())
    assert lab.final() == pytest.approx({name: final[name] for name in lab.final()}, abs=1e-6)
    assert lab.ages == run.checkpoints()
    young = lab.at(lab.ages[3])
    assert torch.equal(young.state_dict()["0.weight"], run.load_model(lab.ages[3])[0]["0.weight"])
    predictor = load_predictor(run)
    assert predictor.predict(points.x).shape == (300, 2)


def test_bumps_learn_values():
    settings = Settings(network="rbfn", centres=20, steps=250, learning_rate=0.05)
    score, losses, _ = trials.train(load_points(settings, "waves"), settings, 0)
    assert score > 0.8
    assert losses[-1][1] < losses[0][1]


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        (Settings(hidden=(5, 4)), "blobs"),
        (Settings(activation="relu"), "moons"),
        (Settings(activation="sigmoid"), "waves"),
        (Settings(network="rbfn"), "moons"),
    ],
)
def test_every_number_of_the_steps_is_torchs_own(settings, data):
    """Forward and backward on the tape against torch.autograd, weight by weight."""
    lab = Lab(load_points(settings, data), settings)
    x, y = torch.from_numpy(lab.points.x[7]), torch.tensor(lab.points.y[7])
    names = [[""] * 2, *([""] * len(weight) for weight, _ in lab.parameters())]
    found = trace(lab.model, x, y, names)
    outputs = lab.model(x[None])
    loss = F.cross_entropy(outputs, y.long()[None]) if lab.points.classes else (outputs - y).square().sum()
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    loss.backward()
    layers = [stage for stage in found.stages if stage.weight is not None]
    assert len(layers) == len(lab.parameters())
    for stage, (weight, bias) in zip(layers, lab.parameters(), strict=True):
        assert stage.weight is not None
        torch.testing.assert_close(stage.weight.gradient, weight.grad, atol=1e-6, rtol=1e-4)
        if stage.bias is not None:
            torch.testing.assert_close(stage.bias.gradient, bias.grad, atol=1e-6, rtol=1e-4)
        assert stage.inputs is not None
        total = stage.node.value
        if stage.bias is not None:
            torch.testing.assert_close(
                total, F.linear(stage.inputs.value, stage.weight.value, stage.bias.value)
            )


def test_damage_leaves_what_is_held_out_alone():
    points = generate("moons")
    for kind, amount in (("Fewer points", 16), ("Wrong labels", 0.5)):
        worse = trials.damaged(points, kind, amount)
        assert np.array_equal(worse.x[worse.held], points.x[points.held])
        assert np.array_equal(worse.y[worse.held], points.y[points.held])
        assert len(worse.x) < len(points.x) or not np.array_equal(worse.y, points.y)
    assert (~trials.damaged(points, "Fewer points", 16).held).sum() == 16
