"""Points: held out by their own coordinates, read from files with clear sentences, learned by the task."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from apps.neurons import retraining
from apps.neurons.live_training import LiveTraining, layers_of
from apps.neurons.plane import TASK, Settings, load_points, split_of
from apps.neurons.predictor import make_model
from apps.neurons.trace import trace
from sandbox import cli
from sandbox.data import labelled_points
from sandbox.data.formats import tables
from sandbox.data.plane_points import SETS, generate, painted
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.evaluation import baseline_figures, evaluate
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_made_split_and_read_back(name):
    points = generate(name, count=300)
    assert len(points.x) == 300
    assert 0.25 < points.unseen.mean() < 0.42
    again = labelled_points.points_of(points.to_csv(), "again.csv")
    np.testing.assert_allclose(again.x, points.x, atol=1e-5)
    assert np.array_equal(again.unseen, points.unseen)
    assert again.classes == points.classes
    assert not np.array_equal(generate(name, count=300, split_seed=1).unseen, points.unseen)


def test_a_point_painted_later_moves_none_to_the_other_side():
    first = [(x / 50, (x * 7 % 50) / 50, x % 2) for x in range(-40, 40)]
    some, all_of_them = painted(first[:60]), painted(first)
    assert np.array_equal(all_of_them.unseen[:60], some.unseen)
    twice = painted([*first, *first])
    assert np.array_equal(twice.unseen[:80], twice.unseen[80:])


BAD = {
    b"": "rows",
    b"x,y\n1,2\n3,4\n5,6\n": "columns",
    b"a,b,c\n1,2,u\n1,nan,u\n3,4,v\n5,6,v\n": "Row 3 .* 'nan' in column b",
    b"1,2,u\n1,x,u\n3,4,v\n5,6,v\n": "Row 2 .* 'x'",
    b"1,2,u\n1,3\n3,4,v\n5,6,v\n": "Row 2 .* 2 columns",
    b"1,2,u\n1,3,u\n1,4,v\n1,6,v\n": "1 everywhere",
    b"1,2,u\n2,3,u\n3,4,u\n4,6,u\n": "two different labels",
    b"1,2,u\n2,3,v\n3,4,w\n4,6,x\n5,5,y\n": "5 different labels",
    b"1,2,u\n2,3,\n3,4,v\n4,6,v\n": "empty label",
    b"1,2,u\n2,3,u\n3,4,u\n4,6,v\n": "Class v has 1 point: at least two",
    b"\xff\xfe\x00\x01": "not a text file",
    b"u,v,w\nu,v,w\nu,v,w\nu,v,w\nu,v,w\n": "two columns of numbers",
    b"\x80\x04\x95 pickle": "not a text file",
}


@pytest.mark.parametrize("content", BAD)
def test_bad_files_are_one_clear_sentence(content):
    with pytest.raises(UserError, match=BAD[content]) as caught:
        labelled_points.points_of(tables.decoded(content, "mine.csv"), "mine.csv")
    assert "mine.csv" in str(caught.value) or "Class" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_with_many_columns_values_and_semicolons():
    rows = "\n".join(f"n{i};{i};{i * i};{i % 3};{i / 7}" for i in range(30))
    points = labelled_points.points_of(f"name;a;b;c;price\n{rows}", "mine.csv")
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
    near, straight = baseline_figures(TASK, settings, split=split_of(points)).values()
    assert final["test_score"] > straight["test_score_high"]
    assert near["test_score"] > 0.9
    lab = LiveTraining(points, settings, 3)
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
    score, losses, _ = retraining.train(load_points(settings, "waves"), settings, 0)
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
    lab = LiveTraining(load_points(settings, data), settings)
    x, y = torch.from_numpy(lab.points.x[7]), torch.tensor(lab.points.y[7])
    names = [[""] * 2, *([""] * len(weight) for weight, _ in layers_of(lab.model))]
    found = trace(lab.model, x, y, names)
    outputs = lab.model(x[None])
    loss = F.cross_entropy(outputs, y.long()[None]) if lab.points.classes else (outputs - y).square().sum()
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    loss.backward()
    layers = [stage for stage in found.stages if stage.weight is not None]
    assert len(layers) == len(layers_of(lab.model))
    for stage, (weight, bias) in zip(layers, layers_of(lab.model), strict=True):
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
        worse = retraining.harder(points, kind, amount)
        assert np.array_equal(worse.x[worse.unseen], points.x[points.unseen])
        assert np.array_equal(worse.y[worse.unseen], points.y[points.unseen])
        assert len(worse.x) < len(points.x) or not np.array_equal(worse.y, points.y)
    assert (~retraining.harder(points, "Fewer points", 16).unseen).sum() == 16


def test_a_table_is_answered_row_by_row(tmp_path, capsys, monkeypatch):
    """A file of own points trains a network; the same table without labels, or with, is predicted."""
    monkeypatch.chdir(tmp_path)
    rows = [(i / 10, (i * 7 % 20) / 10, "left" if i < 10 else "right") for i in range(20)]
    (tmp_path / "own.csv").write_text("across,up,side\n" + "\n".join(f"{x},{y},{c}" for x, y, c in rows))
    assert cli.main(["train", "neurons/plane", "--data", "own.csv", "--steps", "200"]) == 0
    run = "neurons-plane-001"
    (tmp_path / "some.csv").write_text("0.1,0.5\n1.8,0.5\n")
    capsys.readouterr()
    assert cli.main(["predict", run, "some.csv", "own.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["predictions"]
    assert found["some.csv, row 1"]["left"] > 0.9 and found["some.csv, row 2"]["right"] > 0.9
    assert len(found) == 22 and "own.csv, row 20" in found
    assert cli.main(["evaluate", run, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {"5 nearest neighbours", "logistic regression"} <= set(str(figures).split("'"))


def test_values_are_answered_in_the_users_units_and_classes_are_refused(tmp_path):
    rows = "\n".join(f"{i % 6},{i // 6},{1000 + 100 * (i % 6)}.5" for i in range(36))
    path = tmp_path / "prices.csv"
    path.write_text(f"a,b,price\n{rows}\n")
    settings = Settings(steps=300)
    run = Run.create("neurons/plane", {"seed": 0, "threads": 1, "data": str(path), "kind": "task"})
    assert drive(run, train_task(TASK, settings, run), lambda progress: None) == "done"
    predictor = load_predictor(run)
    said = predictor.predict(predictor.input.encode_all([[0, 2], [5, 2]]))
    assert said[:, 0] == pytest.approx([1000.5, 1500.5], abs=60)
    assert predictor.output.text(said[0]).startswith("value ")
    with pytest.raises(UserError, match="these points have classes"):
        evaluate(run, data="moons")


def test_a_run_of_before_the_move_still_opens():
    """Its checkpoint says the same of the points; its figures have the names they had."""
    run = Run.create("neurons/plane", {"seed": 0, "kind": "task", "settings": {"steps": 5, "hidden": [8, 6]}})
    keywords = {"kind": "mlp", "in_dim": 2, "hidden": [8, 6], "out_dim": 2, "activation": "tanh"}
    meta = {
        **{"network": keywords, "classes": ["A", "B"], "axes": ["plane_x", "plane_y"], "data": "two moons"},
        **{"shift": [0.0, 0.0], "scale": [1.0, 1.0], "value": [0.0, 1.0], "step": 5},
    }
    run.save_checkpoint(5, make_model(keywords).state_dict(), meta, None)
    found = evaluate(run)
    assert {"test_score", "test_score_low", "test_score_high", "test_loss"} <= set(found.figures)
    assert found.tested_on == f"{load_points(Settings()).unseen.sum()} unseen synthetic points"
