"""Truncated backpropagation: what is carried, and that a stopped training goes on exactly."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from apps.text.write import TASK
from sandbox.blocks.lstm import LSTM


def training(**changes) -> Any:
    settings = replace(TASK.settings(), hidden=16, context=16, batch_size=4, steps=40, **changes)
    torch.manual_seed(0)
    split = TASK.load(settings, None)
    return TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))


@pytest.mark.thorough
def test_it_reads_on_with_the_state_of_the_step_before():
    one = training(forgotten=0.0, precision="float32", learning_rate=1e-9)
    for step in range(3):
        one.learner.step(one.batches(step))
    model = one.predictor.model
    assert isinstance(model.body, LSTM)
    whole = torch.cat([one.batches(step)[0] for step in range(3)], 1)
    _, state = model(whole)
    for carried, wanted in zip(one.learner.carried, state, strict=True):
        assert torch.allclose(carried, wanted, atol=1e-4)


@pytest.mark.thorough
def test_a_stopped_training_goes_on_exactly():
    whole, first, second = training(), training(), training()
    torch.manual_seed(1)
    for step in range(6):
        whole.learner.step(whole.batches(step))
    torch.manual_seed(1)
    for step in range(3):
        first.learner.step(first.batches(step))
    state = torch.get_rng_state()
    second.learner.load_state(first.learner.model_state(), *first.learner.state())
    torch.set_rng_state(state)
    for step in range(3, 6):
        second.learner.step(second.batches(step))
    for name, value in whole.learner.model_state().items():
        assert torch.equal(value, second.learner.model_state()[name]), name


@pytest.mark.thorough
def test_a_share_of_the_rows_begins_anew():
    one = training(forgotten=1.0, precision="float32", learning_rate=1e-9)
    for step in range(3):
        one.learner.step(one.batches(step))
    _, state = one.predictor.model(one.batches(2)[0])
    for carried, wanted in zip(one.learner.carried, state, strict=True):
        assert torch.allclose(carried, wanted, atol=1e-4)
