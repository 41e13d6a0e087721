"""Figures that say how sure they are; numpy only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A mean and the interval that it is in with the asked confidence."""

    mean: float
    low: float
    high: float

    def metrics(self, name: str) -> dict[str, float]:
        """As three figures of a run: `name`, `name_low` and `name_high`."""
        return {name: self.mean, f"{name}_low": self.low, f"{name}_high": self.high}

    def __str__(self) -> str:
        return f"{self.mean:.4g} [{self.low:.4g}, {self.high:.4g}]"


def bootstrap_interval(
    values: Sequence[float | int] | NDArray[np.generic],
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 2000,
) -> Interval:
    """The percentile bootstrap interval of a mean. Efron 1979.

    Draws as many values as there are, with replacement, again and again; the middle `level` of the means of
    these draws is the interval. The values must be independent: one for each episode, example or training
    seed.

    Args:
        values: at least one number; a single one gives an interval without width.
        level: confidence, between 0 and 1.
        seed: of the draws, so that the same values always give the same interval.
        resamples: number of draws.

    Raises:
        ValueError: no values, one that is not finite, or a level outside (0, 1).
    """
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    if array.size == 0:
        raise ValueError("a mean needs at least one value")
    if not np.isfinite(array).all():
        raise ValueError("some values are not finite")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    mean = float(array.mean())
    if (array == array[0]).all():  # every draw would be the same
        return Interval(mean, mean, mean)
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    # In portions, so that 70,000 examples do not need a gigabyte.
    portion = max(1, 2_000_000 // array.size)
    for begin in range(0, resamples, portion):
        count = min(portion, resamples - begin)
        draws = generator.integers(0, array.size, size=(count, array.size), dtype=np.int32)
        means[begin : begin + count] = array[draws].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, float(low), float(high))


def interquartile_mean(values: Sequence[float | int] | NDArray[np.generic]) -> float:
    """Return the mean of the middle half. Agarwal et al. 2021, arXiv:2108.13264.

    A quarter of the values, rounded down, is left out at either end, as scipy's `trim_mean(values, 0.25)`
    does.

    Raises:
        ValueError: no values.
    """
    array = np.sort(np.asarray(values, np.float64).reshape(-1))
    if array.size == 0:
        raise ValueError("a mean needs at least one value")
    cut = array.size // 4
    return float(array[cut : array.size - cut].mean())


def probability_of_improvement(
    ours: Sequence[float | int] | NDArray[np.generic], theirs: Sequence[float | int] | NDArray[np.generic]
) -> float:
    """Return how likely a run of ours is better than one of theirs; a tie counts half. Agarwal et al. 2021.

    It is the Mann-Whitney U statistic divided by the number of pairs.

    Raises:
        ValueError: no values.
    """
    mine, other = (np.asarray(values, np.float64).reshape(-1) for values in (ours, theirs))
    if not mine.size or not other.size:
        raise ValueError("a comparison needs at least one value on either side")
    difference = mine[:, None] - other[None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def performance_profile(
    scores: Sequence[float | int] | NDArray[np.generic], thresholds: Sequence[float] | NDArray[np.generic]
) -> NDArray[np.float64]:
    """Return the share of runs with a score above each threshold. Agarwal et al. 2021; Dolan & Moré 2002."""
    array = np.asarray(scores, np.float64).reshape(-1)
    return (array[:, None] > np.asarray(thresholds, np.float64)).mean(axis=0)


def stratified_interval(
    groups: Sequence[Sequence[float | int] | NDArray[np.generic]],
    statistic: Callable[..., float],
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 2000,
) -> Interval:
    """Give a statistic of several groups of runs with its stratified bootstrap interval. Agarwal et al. 2021.

    Runs are drawn with replacement within each group (an environment, an algorithm), never across groups, and
    the middle `level` of the statistics of these draws is the interval.

    Args:
        groups: scores of each group's runs, at least one each.
        statistic: called with the groups as arrays, one argument for each: `interquartile_mean`,
            `probability_of_improvement`.
        level: confidence, between 0 and 1.
        seed: of the draws.
        resamples: number of draws.

    Returns:
        The statistic of the scores themselves, as `mean`, and its interval.

    Raises:
        ValueError: an empty group, a score that is not finite, or a level outside (0, 1).
    """
    arrays = [np.asarray(group, np.float64).reshape(-1) for group in groups]
    if not arrays or not all(array.size for array in arrays):
        raise ValueError("each group needs at least one value")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("some values are not finite")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    generator = np.random.default_rng(seed)
    draws = [
        statistic(*(array[generator.integers(0, array.size, array.size)] for array in arrays))
        for _ in range(resamples)
    ]
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(statistic(*arrays)), float(low), float(high))
