"""Figures with their intervals: a value per example, or a statistic that resamples itself."""

import numpy as np
import pytest

from sandbox.metrics.scores import Metric, PerExample, Statistic, means, rounded, with_intervals
from sandbox.statistics import bootstrap_interval

VALUES = np.random.default_rng(0).normal(3.0, 1.0, 200)


def test_a_value_per_example_has_the_bootstrap_interval():
    score = PerExample(VALUES)
    assert score.mean == pytest.approx(VALUES.mean())
    assert score.interval() == bootstrap_interval(VALUES)


def test_a_statistic_of_the_mean_has_nearly_the_interval_of_the_mean():
    score = Statistic(len(VALUES), lambda rows: float(VALUES[rows].mean()), resamples=1000)
    mean = PerExample(VALUES).interval()
    found = score.interval()
    assert found.mean == pytest.approx(mean.mean)
    assert (found.low, found.high) == pytest.approx((mean.low, mean.high), abs=0.03)
    assert score.interval() == found  # always the same draws
    assert score.interval(0.5).low > found.low


def test_a_resample_without_a_figure_is_left_out():
    def compute(rows):
        return float("nan") if len(set(rows.tolist())) < 3 else float(VALUES[rows].mean())

    found = Statistic(4, compute).interval()
    assert np.isfinite([found.low, found.high]).all() and found.low <= found.mean <= found.high


def test_figures_have_the_keys_that_old_runs_have():
    scores = {"accuracy": PerExample(np.array([0.0, 1.0, 1.0, 1.0]))}
    assert means(scores) == {"test_accuracy": 0.75}
    found = with_intervals(scores)
    assert found.keys() == {"test_accuracy", "test_accuracy_low", "test_accuracy_high"}
    assert found["test_accuracy_low"] < 0.75 < found["test_accuracy_high"] <= 1


def test_how_people_read_a_metric():
    share, loss = (
        Metric("accuracy", "accuracy", "%", digits=1),
        Metric("loss", "loss", higher_is_better=False),
    )
    assert (share.key, share.text(0.9634), share.scale) == ("test_accuracy", "96.3 %", 100)
    assert loss.text(0.25) == "0.25"
    assert share.better(0.9, 0.8) and loss.better(0.8, 0.9)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.0, 1, "0"), (0.004, 1, "0.004"), (-0.0, 2, "0"), (1234.56, 1, "1,234.6"), (-0.06, 1, "-0.1")],
)
def test_rounding_never_hides_a_value(value, digits, text):
    assert rounded(value, digits) == text
