"""Machines that learn, complete and go on with the same bits; completions with known answers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from apps.energy import dbn, rbm
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.predictor import read
from sandbox.tasks.training import train_task
from sandbox.training import fit


def finish(name, task, settings, seed=0):
    run = Run.create(f"energy/{name}", {"kind": "task", "seed": seed, "threads": 1})
    assert drive(run, train_task(task, settings, run)) == "done", run.status()["message"]
    return run


def test_a_machine_learns_to_complete_better_than_the_mean_picture():
    run = finish("rbm", rbm.TASK, rbm.Settings(steps=400, hidden=64))
    rows = [row for row in run.metrics() if "test_completion" in row]
    assert rows[0]["test_completion"] < 0.02
    assert rows[-1]["test_completion"] > 0.2
    assert rows[-1]["test_pseudo_likelihood"] > rows[0]["test_pseudo_likelihood"] + 4
    assert rows[-1]["test_completion_low"] < rows[-1]["test_completion"] < rows[-1]["test_completion_high"]


@pytest.mark.parametrize(
    ("name", "task", "settings", "stop"),
    [
        ("rbm", rbm.TASK, rbm.Settings(steps=12, hidden=8, batch_size=8, chains=8), 5),
        ("dbn", dbn.TASK, dbn.Settings(hidden=(8, 6), pretraining=4, tuning=6, batch_size=8), 6),
        ("dbn", dbn.TASK, dbn.Settings(hidden=(8, 6), pretraining=4, tuning=6, batch_size=8), 10),
    ],
)
def test_stopped_and_resumed_it_ends_with_the_same_bits(name, task, settings, stop, monkeypatch):
    monkeypatch.setattr(fit, "LOOK_EVERY", 0.0)  # each step can be the last
    whole = finish(name, task, settings)
    run = Run.create(f"energy/{name}", {"kind": "task", "seed": 0, "threads": 1})
    events = train_task(task, settings, run)
    for progress in events:
        if progress.step >= stop:
            events.close()
            break
    assert run.resumable_step() == stop
    assert drive(run, train_task(task, settings, run, resume=True)) == "done"
    first, second = whole.load_model()[0], run.load_model()[0]
    assert first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_few_labels_teach_both_nets_and_pretraining_leaves_the_plain_one_alone():
    settings = dbn.Settings(hidden=(32, 32), pretraining=150, tuning=200, pretraining_rate=0.3)
    run = finish("dbn", dbn.TASK, settings)
    figures = run.metrics()[-1]
    assert figures["test_accuracy_pretrained"] > 0.6 and figures["test_accuracy_plain"] > 0.6
    assert figures["test_accuracy"] == figures["test_accuracy_pretrained"]
    first, _ = run.load_model(0)
    looked = max(step for step in run.checkpoints() if step <= settings.before == 300)
    before, _ = run.load_model(looked)
    assert torch.equal(first["plain.layers.0.weight"], before["plain.layers.0.weight"])
    assert not torch.equal(first["pretrained.layers.0.weight"], before["pretrained.layers.0.weight"])
    # Looking teaches the first layer to keep a picture, and then the second one.
    rows = [row for row in run.metrics() if "test_rebuilt_2" in row]
    assert rows[0]["test_rebuilt_1"] < 0.05 and rows[0]["test_rebuilt_2"] < 0.05
    split, mine = dbn.TASK.load(settings, None), load_predictor(run, looked)
    left = {name: score.mean for name, score in dbn.TASK.measure(mine, split.test).items()}
    assert left["rebuilt_1"] > 0.2 and left["rebuilt_1"] > left["rebuilt_2"] == left["rebuilt"]
    assert dbn.TASK.metric_at(settings, looked).name == "rebuilt"
    assert dbn.TASK.metric_at(settings, looked + 500).name == "accuracy"
    # Each net answers for itself, and the pretrained one for both.
    some = split.test.inputs[:3]
    assert list(mine.members) == ["pretrained", "plain"]
    assert (mine.predict(some) == mine.members["pretrained"].predict(some)).all()
    assert (mine.predict(some) != mine.members["plain"].predict(some)).any()


def test_known_labels_are_shared_evenly_and_never_unseen():
    settings = dbn.Settings(labels=50)
    split = dbn.TASK.load(settings, None)
    known = dbn.known_rows(split, settings)
    assert len(set(known.tolist())) == 50 and int(known.max()) < len(split.train)
    assert torch.bincount(split.train.targets[known]).tolist() == [5] * 10
    (neighbour,) = dbn.TASK.baselines(settings, split).values()
    scores = dbn.TASK.measure(neighbour, split.test)
    assert scores["accuracy"].mean > 0.6 and "accuracy_plain" not in scores


def test_a_picture_in_a_completed_picture_out(tmp_path):
    run = finish("rbm", rbm.TASK, rbm.Settings(steps=30, hidden=8))
    machine = load_predictor(run)
    split = rbm.TASK.load(rbm.Settings(), None)
    file = machine.input.write(split.test.inputs[0].numpy(), tmp_path, "digit")
    image = read(machine, file)
    (answer,) = machine.predict(image[None])
    assert answer.shape == (1, 8, 8)
    assert (answer[:, :4] == image[:, :4]).all() and (answer[:, 4:] != image[:, 4:]).any()
    assert machine.output.save(answer, tmp_path, "completed").exists()


@pytest.mark.parametrize("name", ["rbm", "dbn"])
def test_old_checkpoints_open_and_are_measured_nearly_the_same(name):
    task = rbm.TASK if name == "rbm" else dbn.TASK
    small = {
        "rbm": rbm.Settings(steps=30, hidden=8),
        "dbn": dbn.Settings(hidden=(8,), pretraining=9, tuning=9),
    }[name]
    tensors, meta = finish(name, task, small).load_model()
    old = {key: value for key, value in meta.items() if key != "mean"} | {"shape": meta["shape"][1:]}
    assert old["shape"] == [8, 8] and len(meta["mean"]) == 64
    test = task.load(small, None).test
    key = "completion" if name == "rbm" else "rebuilt"
    now, then = (task.measure(task.predictor(tensors, each), test)[key].mean for each in (meta, old))
    assert now == pytest.approx(then, abs=0.02) and now != then


def test_pictures_of_ones_own_are_grey_and_as_large_as_the_setting_says(tmp_path):
    generator = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        for i in range(6):
            noise = generator.integers(0, 255, (20, 24, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / name / f"{i}.png")
    split = rbm.TASK.load(rbm.Settings(size=12), str(tmp_path))
    assert split.shape == (1, 12, 12) and split.style is None and split.classes == ("cats", "dogs")
    for predictor in rbm.TASK.baselines(rbm.Settings(), split).values():
        assert predictor.predict(split.test.inputs).shape == split.test.inputs.shape


@pytest.mark.parametrize(
    ("task", "settings", "words"),
    [
        (rbm.TASK, rbm.Settings(hidden=0), "hidden must be from 1 to 4096, not 0."),
        (rbm.TASK, rbm.Settings(chains=-1), "chains must be from 0 to 10,000,000, not -1."),
        (dbn.TASK, dbn.Settings(labels=5), "from 10, one for each class"),
        (dbn.TASK, replace(dbn.Settings(), hidden=()), "hidden takes 1 to 16 values, not none."),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(task, settings, words):
    run = Run.create("energy/rbm", {"kind": "task"})
    assert drive(run, train_task(task, settings, run)) == "failed"
    assert words in run.status()["message"] and not (run.path / "error.txt").exists()
