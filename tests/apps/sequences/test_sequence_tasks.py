"""Four tasks, three networks: they learn what the constant cannot, and stop and go on with the same bits."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from apps.sequences import adding, copying, echo, forecast, reading
from apps.sequences.learning import shape_of
from apps.sequences.networks import BLOCKS, SequenceNetwork
from sandbox.errors import UserError
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.task import load_predictor, train_task
from sandbox.training import fit

TASKS = {"adding": adding.TASK, "copying": copying.TASK, "echo": echo.TASK, "forecast": forecast.TASK}


def finish(name, settings, seed=0, data=None):
    run = Run.create(f"sequences/{name}", {"kind": "task", "seed": seed, "threads": 1, "data": data})
    assert drive(run, train_task(TASKS[name], settings, run)) == "done", run.status()["message"]
    return run


def test_an_lstm_learns_to_add_what_the_constant_cannot():
    settings = replace(adding.TASK.settings(), length=8, hidden=24, steps=350)
    figures = finish("adding", settings).metrics()[-1]
    constant = adding.TASK.baseline(settings).metrics
    assert constant["test_loss"] == pytest.approx(1 / 6, abs=0.02)
    assert figures["test_loss"] < 0.02
    assert figures["test_loss_low"] <= figures["test_loss"] <= figures["test_loss_high"]


def test_baselines_are_what_chance_gives():
    assert copying.TASK.baseline(copying.Settings()).metrics["test_accuracy"] == pytest.approx(
        1 / 8, abs=0.02
    )
    assert copying.TASK.baseline(copying.Settings()).metrics["test_loss"] == pytest.approx(
        math.log(8), abs=0.01
    )
    assert echo.TASK.baseline(echo.Settings()).metrics["test_accuracy"] == pytest.approx(0.5, abs=0.02)
    # Of a straight line, saying the same again is wrong by one step each time.
    assert forecast.TASK.baseline(forecast.Settings()).metrics["test_loss"] > 0.1


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
    settings = replace(adding.Settings(), block="all", length=6, hidden=8, steps=3)
    run = finish("adding", settings)
    networks = load_predictor(run)
    drawn = adding.TASK.held_out(settings, None)
    for block in BLOCKS:
        right = networks.answers.right(networks.say(block, drawn.inputs), drawn.targets)
        assert float(right.double().mean()) == pytest.approx(run.metrics()[-1][f"test_accuracy_{block}"])


def test_the_gradient_through_time_is_torchs_own():
    """For an RNN the norm of d loss / d h_t by hand: the product of Jacobians back from the last step."""
    torch.manual_seed(0)
    drawn = adding.TASK.held_out(replace(adding.Settings(), length=5), None, 4)
    network = SequenceNetwork("rnn", **shape_of(drawn), hidden=6, length=5)
    norms = reading.gradient_norms(network, adding.TASK.answers, drawn, 4)
    body: Any = network.body
    states = [step[-1].hidden for step in body.steps(drawn.inputs)]
    said = network.head(states[-1])
    gradient = 2 * (said - drawn.targets[:, 0]) * network.head.weight
    expected = [gradient.norm(dim=1).mean().item()]
    for state in reversed(states[1:]):
        gradient = (gradient * (1 - state**2)) @ body.layers.weight_hh_l0
        expected.insert(0, gradient.norm(dim=1).mean().item())
    assert np.allclose(norms, np.array(expected) / expected[-1], rtol=1e-4)


def test_forecast_never_looks_ahead(tmp_path):
    file = tmp_path / "line.csv"
    file.write_text("\n".join(str(i) for i in range(90)))
    settings = forecast.Settings(length=5)
    generator = torch.Generator().manual_seed(0)
    learned = forecast.TASK.draw(settings, str(file), 500, generator, held_out=False)
    held_out = forecast.TASK.held_out(settings, str(file))
    assert learned.targets.max() < held_out.inputs.min()
    assert len(held_out.inputs) == 30 - 5


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
        adding.TASK.held_out(adding.Settings(), "mine.csv")
