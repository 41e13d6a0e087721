"""Figures that say how sure they are; numpy only."""

from collections.abc import Sequence
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
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    # In portions, so that 70,000 examples do not need a gigabyte.
    portion = max(1, 2_000_000 // array.size)
    for begin in range(0, resamples, portion):
        count = min(portion, resamples - begin)
        draws = generator.integers(0, array.size, size=(count, array.size), dtype=np.int32)
        means[begin : begin + count] = array[draws].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(array.mean()), float(low), float(high))
