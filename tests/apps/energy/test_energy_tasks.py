"""Machines that learn, complete and go on with the same bits; completions with known answers."""

from dataclasses import replace

import pytest
import torch

from apps.energy import completion, dbn, pictures, rbm
from sandbox.blocks.rbm import RBM
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.task import load_predictor, train_task
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
    looked = max(step for step in run.checkpoints() if step <= 300)
    before, _ = run.load_model(looked)
    assert torch.equal(first["plain.layers.0.weight"], before["plain.layers.0.weight"])
    assert not torch.equal(first["pretrained.layers.0.weight"], before["pretrained.layers.0.weight"])
    # Looking teaches the first layer to keep a picture, and then the second one.
    rows = [row for row in run.metrics() if "test_rebuilt_2" in row]
    assert rows[0]["test_rebuilt_1"] < 0.05 and rows[0]["test_rebuilt_2"] < 0.05
    stack = load_predictor(run, looked).nets["pretrained"]
    data = pictures.load(None, 0)
    left = dbn.rebuilding(stack, data.test, data.train.mean(0))
    assert left["test_rebuilt_1"] > 0.2 and left["test_rebuilt_1"] > left["test_rebuilt_2"]
    assert torch.allclose(dbn.rebuilt(stack, data.test, 0), data.test)
    assert load_predictor(run).say("plain", pictures.load(None, 0).test[:3]).shape == (3, 10)


def test_known_labels_are_shared_evenly_and_never_held_out():
    found = pictures.load(None, 0)
    known = dbn.known_rows(found, dbn.Settings(labels=50))
    assert len(set(known.tolist())) == 50 and int(known.max()) < len(found.train)
    assert torch.bincount(found.train_labels[known]).tolist() == [5] * 10


@pytest.mark.parametrize("missing", ["lower", "upper", "left", "right"])
def test_the_missing_half_is_where_it_is_said(missing):
    keep = completion.given((4, 6), missing).reshape(4, 6)
    assert int((~keep).sum()) == 12
    side = {"lower": keep[2:], "upper": keep[:2], "left": keep[:, :3], "right": keep[:, 3:]}[missing]
    assert not side.any()


def test_completions_keep_what_is_given_and_find_what_is_certain():
    generator = torch.Generator().manual_seed(0)
    top = torch.bernoulli(torch.full((300, 4), 0.5), generator=generator)
    rows = torch.cat([top, top], 1)  # the lower half repeats the upper one
    keep = torch.tensor([True] * 4 + [False] * 4)
    mean = rows[:200].mean(0)
    for guess in (
        completion.by_neighbours(rows[:200], rows[200:], keep, 1),
        completion.by_components(rows[:200], rows[200:], keep, 4),
    ):
        assert torch.allclose(guess[:, keep], rows[200:, keep])
        assert completion.explained(rows[200:], guess, mean, keep).mean() > 0.9
    plain = mean.expand(100, -1)
    assert completion.explained(rows[200:], plain, mean, keep).mean().item() == pytest.approx(0, abs=1e-5)
    # A machine whose hidden units tie pairs of pixels together does the same.
    machine = RBM(8, 4)
    with torch.no_grad():
        machine.weight.zero_()
        for i in range(4):
            machine.weight[i, [i, i + 4]] = 12.0
        machine.hidden_bias.fill_(-12.0)
        machine.visible_bias.fill_(-6.0)
    guess = completion.by_machine(machine, rows[200:], keep)
    assert torch.equal(guess[:, keep], rows[200:, keep])
    assert completion.explained(rows[200:], guess, mean, keep).mean() > 0.9
    state = torch.random.get_rng_state()
    completion.by_machine(machine, rows[200:], keep)
    assert torch.equal(state, torch.random.get_rng_state())


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
