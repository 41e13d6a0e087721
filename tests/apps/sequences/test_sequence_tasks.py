"""Four tasks, three networks: they learn what the constant cannot, and stop and go on with the same bits."""

import math
from dataclasses import replace

import pytest
import torch

from apps.sequences import adding, copying, echo, forecast
from sandbox.errors import UserError
from sandbox.metrics.scores import means
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.tasks.families.sequence_network import BLOCKS
from sandbox.tasks.loading import load_predictor
from sandbox.tasks.training import train_task
from sandbox.training import fit

TASKS = {"adding": adding.TASK, "copying": copying.TASK, "echo": echo.TASK, "forecast": forecast.TASK}


def finish(name, settings, seed=0, data=None):
    run = Run.create(f"sequences/{name}", {"kind": "task", "seed": seed, "threads": 1, "data": data})
    assert drive(run, train_task(TASKS[name], settings, run)) == "done", run.status()["message"]
    return run


def baseline(name, settings):
    split = TASKS[name].load(settings, None)
    (predictor,) = TASKS[name].baselines(settings, split).values()
    return means(TASKS[name].measure(predictor, split.test))


def test_an_lstm_learns_to_add_what_the_constant_cannot():
    settings = replace(adding.TASK.settings(), length=8, hidden=24, steps=350)
    figures = finish("adding", settings).metrics()[-1]
    constant = baseline("adding", settings)
    assert constant["test_loss"] == pytest.approx(1 / 6, abs=0.02)
    assert figures["test_loss"] < 0.02
    assert figures["test_loss_low"] <= figures["test_loss"] <= figures["test_loss_high"]


def test_baselines_are_what_chance_gives():
    repeated = baseline("copying", copying.Settings())
    assert repeated["test_accuracy"] == pytest.approx(1 / 8, abs=0.02)
    assert repeated["test_loss"] == pytest.approx(math.log(8), abs=0.01)
    assert baseline("echo", echo.Settings())["test_accuracy"] == pytest.approx(0.5, abs=0.02)
    assert baseline("forecast", forecast.Settings())["test_loss"] > 0.1


def test_stopped_and_resumed_it_ends_with_the_same_bits(monkeypatch):
    monkeypatch.setattr(fit, "LOOK_EVERY", 0.0)  # each step can be the last
    settings = replace(copying.Settings(), block="all", length=6, symbols=2, hidden=8, steps=12, batch_size=4)
    whole = finish("copying", settings)
    run = Run.create("sequences/copying", {"kind": "task", "seed": 0, "threads": 1})
    events = train_task(copying.TASK, settings, run)
    for progress in events:
        if progress.step >= 4:
            events.close()
            break
    assert run.resumable_step() == 4
    assert drive(run, train_task(copying.TASK, settings, run, resume=True)) == "done"
    first, second = whole.load_model()[0], run.load_model()[0]
    assert first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def test_side_by_side_each_learns_as_it_would_alone():
    small = replace(echo.Settings(), length=8, delay=3, hidden=8, steps=5, batch_size=4)
    together, _ = finish("echo", replace(small, block="all")).load_model()
    for block in BLOCKS:
        alone, _ = finish("echo", replace(small, block=block)).load_model()
        assert all(torch.equal(alone[name], together[name]) for name in alone)


def test_a_checkpoint_answers_as_the_network_did():
    settings = replace(adding.TASK.settings(), block="all", length=6, hidden=8, steps=3)
    run = finish("adding", settings)
    predictor = load_predictor(run)
    test = adding.TASK.load(settings, None).test
    figures = run.metrics()[-1]
    assert list(predictor.members) == list(BLOCKS)
    for block, member in predictor.members.items():
        alone = means(adding.TASK.measure(member, test))
        assert alone["test_loss"] == pytest.approx(figures[f"test_loss_{block}"])
    assert figures["test_loss"] == pytest.approx(sum(figures[f"test_loss_{block}"] for block in BLOCKS) / 3)


def test_a_checkpoint_of_an_older_version_answers():
    """It says nothing of a series' scale, and has its answers' kind in a place of its own."""
    settings = replace(forecast.Settings(), length=6, hidden=8, steps=2)
    run = finish("forecast", settings)
    tensors, meta = run.load_model()
    old = {key: value for key, value in meta.items() if key not in ("scale", "range")}
    predictor = forecast.TASK.predictor(tensors, old | {"answers": {"kind": "number", "tolerance": 0.1}})
    test = forecast.TASK.load(settings, None).test
    found = means(forecast.TASK.measure(predictor, test))
    assert found["test_loss"] == pytest.approx(run.metrics()[-1]["test_loss"])


def test_rules_give_the_right_answers():
    for name in ("adding", "copying", "echo"):
        task = TASKS[name]
        test = task.load(task.settings(), None).test
        assert torch.allclose(task.truth(task.settings(), test.inputs), test.targets)
    assert forecast.TASK.truth(forecast.Settings(), torch.zeros(1, 30, 1)) is None


def test_forecast_never_looks_ahead(tmp_path):
    file = tmp_path / "line.csv"
    file.write_text("\n".join(str(i) for i in range(90)))
    settings = forecast.Settings(length=5)
    split = forecast.TASK.load(settings, str(file))
    assert split.train.targets.max() < split.test.inputs.min()
    assert len(split.test) == 30 - 5
    assert not split.about.synthetic


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("adding", {"length": 1}, "length must be from 2 to 1000, not 1."),
        ("copying", {"length": 9}, "at least 10"),
        ("echo", {"delay": 30}, "below the length"),
        ("adding", {"block": "attention", "hidden": 30}, "multiple of 4"),
        ("adding", {"learning_rate": -1.0}, "above 0"),
        ("forecast", {"length": 1000}, "need at least"),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(name, change, words):
    run = Run.create(f"sequences/{name}", {"kind": "task"})
    settings = replace(TASKS[name].settings(), **change)
    assert drive(run, train_task(TASKS[name], settings, run)) == "failed"
    assert words in run.status()["message"] and not (run.path / "error.txt").exists()


def test_data_of_ones_own_is_for_the_forecast():
    with pytest.raises(UserError, match="sequences/forecast takes a file"):
        adding.TASK.load(adding.TASK.settings(), "mine.csv")


def test_a_series_that_cannot_be_used_is_a_sentence(tmp_path):
    file = tmp_path / "flat.csv"
    file.write_text("3\n" * 60)
    with pytest.raises(UserError, match="the same number everywhere"):
        forecast.TASK.load(forecast.Settings(length=5), str(file))
    with pytest.raises(UserError, match="no column 'level'"):
        forecast.TASK.load(forecast.Settings(length=5, column="level"), str(file))
