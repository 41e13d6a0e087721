import numpy as np
import pytest
from scipy.stats import mannwhitneyu, trim_mean

from sandbox.statistics import (
    bootstrap_interval,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
    stratified_interval,
)


def test_it_agrees_with_the_normal_interval():
    values = np.random.default_rng(0).normal(10, 2, size=400)
    interval = bootstrap_interval(values)
    half = 1.96 * values.std(ddof=1) / np.sqrt(400)
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03)


def test_it_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(1)
    hits = 0
    for i in range(200):
        interval = bootstrap_interval(generator.exponential(1.0, size=60), level=0.9, seed=i, resamples=400)
        hits += interval.low <= 1.0 <= interval.high
    assert 0.82 <= hits / 200 <= 0.96


def test_the_same_values_give_the_same_interval():
    assert bootstrap_interval([1, 2, 3]) == bootstrap_interval([1, 2, 3])
    assert bootstrap_interval(range(99), seed=1) != bootstrap_interval(range(99))
    one = bootstrap_interval([4.0])
    assert (one.mean, one.low, one.high) == (4.0, 4.0, 4.0)
    assert str(one) == "4 [4, 4]"


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [([], 0.95, "at least one"), ([np.nan], 0.95, "finite"), ([1.0], 1.0, "between")],
)
def test_nonsense_is_refused(values, level, words):
    with pytest.raises(ValueError, match=words):
        bootstrap_interval(values, level)


def test_the_interquartile_mean_is_scipys_trimmed_mean():
    values = np.random.default_rng(3).normal(size=(5, 11))
    for row in [*values, values[0, :1], values[0, :3]]:
        assert interquartile_mean(row) == pytest.approx(trim_mean(row, 0.25))


def test_the_probability_of_improvement_is_mann_whitneys():
    generator = np.random.default_rng(4)
    ours, theirs = generator.integers(0, 6, 9), generator.integers(0, 5, 7)  # with ties
    expected = mannwhitneyu(ours, theirs).statistic / (9 * 7)
    assert probability_of_improvement(ours, theirs) == pytest.approx(expected)
    assert probability_of_improvement([1], [1]) == 0.5


def test_the_performance_profile_is_the_share_of_runs_above():
    assert performance_profile([1, 2, 2, 5], [0, 1, 2, 5]).tolist() == [1.0, 0.75, 0.25, 0.0]


def test_a_stratified_interval_draws_within_each_group():
    def spread(low, high):
        return float(high.min() - low.max())

    # Were runs drawn across groups, the two would be mixed up and the difference negative.
    interval = stratified_interval([[0, 1], [10, 11]], spread, resamples=200)
    assert interval.mean == 9 and 9 <= interval.low <= interval.high <= 11
    one = stratified_interval([[1.0, 2.0, 4.0, 9.0]], lambda group: float(group.mean()))
    plain = bootstrap_interval([1.0, 2.0, 4.0, 9.0])
    assert one.low == pytest.approx(plain.low, abs=0.3) and one.high == pytest.approx(plain.high, abs=0.3)


@pytest.mark.parametrize("groups", [[], [[1.0], []], [[1.0, float("nan")]]])
def test_a_stratified_interval_needs_numbers_in_each_group(groups):
    with pytest.raises(ValueError):
        stratified_interval(groups, lambda *parts: 0.0)
