"""Spoilt sequences: marks stay, larger numbers have larger sums, longer sequences are longer."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from apps.sequences import adding, echo, forecast
from sandbox.corruptions.found import corruptions_of
from sandbox.corruptions.measure import fall


@pytest.fixture(scope="module")
def sums():
    settings = adding.TASK.settings()
    split = adding.TASK.load(settings, None)
    return settings, split, adding.TASK.input(adding.TASK.meta(settings, split))


def test_nothing_changes_at_amount_0(sums):
    settings, split, input = sums
    for corruption in corruptions_of(input).values():
        spoilt = corruption.spoil(adding.TASK, settings, split.test, 0.0)
        assert torch.allclose(spoilt.inputs, split.test.inputs)
        assert torch.allclose(spoilt.targets, split.test.targets)


def test_noise_leaves_marks_and_answers_alone(sums):
    settings, split, input = sums
    spoilt = corruptions_of(input)["noise"].spoil(adding.TASK, settings, split.test, 0.3)
    changed = spoilt.inputs - split.test.inputs
    assert float(changed[..., 0].std()) == pytest.approx(0.3, abs=0.01)
    assert not changed[..., 1].any()
    assert torch.equal(spoilt.targets, split.test.targets)


def test_larger_numbers_have_larger_sums(sums):
    settings, split, input = sums
    spoilt = corruptions_of(input)["stretch"].spoil(adding.TASK, settings, split.test, 1.0)
    assert torch.allclose(spoilt.targets, 2 * split.test.targets)


def test_longer_sequences_end_the_line_of_who_cannot_read_them(sums):
    settings, split, input = sums
    longer = corruptions_of(input)["longer"]
    assert longer.spoil(adding.TASK, settings, split.test.some(50), 1.0).inputs.shape == (50, 80, 2)
    small = replace(settings, block="all", hidden=8)
    predictor: Any = adding.TASK.prepare(small, split, seed=0, device=torch.device("cpu")).predictor
    found = fall(adding.TASK, predictor.members, split.test.some(20), longer, small, points=3)
    assert {name: len(values) for name, values in found.figures.items()} == {
        "rnn": 3,
        "lstm": 3,
        "attention": 1,
    }


def test_an_echo_of_a_longer_sequence_has_more_answers():
    settings = echo.Settings(block="rnn", hidden=8)
    split = echo.TASK.load(settings, None)
    training = echo.TASK.prepare(settings, split, seed=0, device=torch.device("cpu"))
    longer = corruptions_of(training.predictor.input)["longer"]
    predictors = {"network": training.predictor, **echo.TASK.baselines(settings, split)}
    found = fall(echo.TASK, predictors, split.test.some(20), longer, settings, points=2)
    assert all(len(values) == 2 for values in found.figures.values())


def test_a_series_has_noise_only():
    settings = forecast.Settings()
    split = forecast.TASK.load(settings, None)
    assert list(corruptions_of(forecast.TASK.input(forecast.TASK.meta(settings, split)))) == ["noise"]
