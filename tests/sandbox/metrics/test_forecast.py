"""Figures of forecasts, where the right ones are known."""

import numpy as np
import torch

from sandbox.metrics.forecast import Blocks, forecast_scores, pinball
from sandbox.metrics.scores import PerExample


def test_the_quantile_has_the_least_pinball_loss():
    truth = torch.linspace(0, 1, 1001)
    said = torch.linspace(0, 1, 101)
    for level in (0.1, 0.5, 0.9):
        losses = pinball(
            said[:, None].expand(-1, 1001)[..., None], truth.expand(101, -1), torch.tensor([level])
        )
        assert abs(float(said[losses.mean((1, 2)).argmin()]) - level) < 0.011


def test_errors_and_coverage():
    outputs = np.tile([-1.0, 0.5, 1.0], (4, 2, 1, 1))
    targets = np.array([[[0.0], [2.0]]] * 4)
    found = {
        name: score.mean for name, score in forecast_scores(outputs, targets, (0.1, 0.5, 0.9), 1).items()
    }
    assert found["mse"] == (0.25 + 2.25) / 2 and found["mae"] == 1.0 and found["coverage"] == 0.5


def test_windows_that_overlap_know_less_than_as_many_that_do_not():
    values = np.repeat(np.random.default_rng(0).normal(size=40), 25)
    one, other = (score.interval() for score in (Blocks(values, 25), PerExample(values)))
    assert one.mean == other.mean
    assert one.high - one.low > 3 * (other.high - other.low)
