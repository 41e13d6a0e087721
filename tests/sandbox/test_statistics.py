import numpy as np
import pytest

from sandbox.statistics import bootstrap_interval


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
