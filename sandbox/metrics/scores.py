"""Figures that know their own interval: a value per example, or a statistic of the whole set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.statistics import Interval, bootstrap_interval

PREFIX = "test_"
"""Before the name of a figure on unseen examples, in a run's metrics."""


@dataclass(frozen=True)
class Metric:
    """A figure's name and how people read it.

    Attributes:
        name: its key in what `measure` returns, such as `accuracy`.
        title: what it is called on a page, such as `accuracy`.
        unit: `%` for a share that is shown as per cent, else what stands behind the number: `dB`, `nats`.
        higher_is_better: the direction.
        digits: decimals that are shown.
        help: one sentence for whoever meets the word for the first time.
        complement: what is left to 1 is called: `errors`. A curve shows it on a logarithmic axis instead.
        log: whether a curve shows it on a logarithmic axis.
    """

    name: str
    title: str
    unit: str = ""
    higher_is_better: bool = True
    digits: int = 2
    help: str = ""
    complement: str = ""
    log: bool = False

    @property
    def key(self) -> str:
        """The figure's name in a run's metrics: `test_accuracy`."""
        return PREFIX + self.name

    @property
    def scale(self) -> float:
        """What a value is multiplied by before it is shown: 100 for a share in per cent."""
        return 100.0 if self.unit == "%" else 1.0

    def text(self, value: float) -> str:
        """The value as people read it: `96.3 %`. A value that rounds to nothing keeps its first digit."""
        return f"{rounded(self.scale * value, self.digits)}{' ' + self.unit if self.unit else ''}"

    def better(self, one: float, other: float) -> bool:
        """Whether the first value is the better one."""
        return one > other if self.higher_is_better else one < other


def rounded(value: float, digits: int) -> str:
    """A number with so many decimals; never `-0.0`, and what would round to 0 keeps one digit."""
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return f"{value:.1g}" if value else "0"
    return text


class Scores(ABC):
    """A figure over examples."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """The figure."""

    @abstractmethod
    def interval(self, level: float = 0.95) -> Interval:
        """The figure with its bootstrap interval over examples."""


@dataclass(frozen=True)
class PerExample(Scores):
    """A value for each example; the figure is their mean.

    Attributes:
        values: (N,), at least one, finite.
    """

    values: NDArray[Any]

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return float(np.asarray(self.values, np.float64).mean())

    def interval(self, level: float = 0.95) -> Interval:
        """The mean with its bootstrap interval."""
        return bootstrap_interval(self.values, level=level)


@dataclass(frozen=True)
class Statistic(Scores):
    """A figure of the whole set that is no mean over examples: it is computed again for each resample.

    Attributes:
        count: examples, N.
        compute: the figure of the examples at positions (M,), some of them perhaps twice.
        resamples: draws behind the interval.
    """

    count: int
    compute: Callable[[NDArray[np.int64]], float]
    resamples: int = field(default=200)

    @property
    def mean(self) -> float:
        """The figure of all examples."""
        return float(self.compute(np.arange(self.count)))

    def interval(self, level: float = 0.95) -> Interval:
        """The figure with the percentile interval of its resamples. Efron 1979."""
        generator = np.random.default_rng(0)
        found = [self.compute(generator.integers(0, self.count, self.count)) for _ in range(self.resamples)]
        low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2])
        return Interval(self.mean, float(low), float(high))


def means(scores: Mapping[str, Scores]) -> dict[str, float]:
    """The figures as a row of a run's metrics, without intervals: `test_accuracy`."""
    return {PREFIX + name: score.mean for name, score in scores.items()}


def with_intervals(scores: Mapping[str, Scores]) -> dict[str, float]:
    """The same with intervals: `test_accuracy`, `test_accuracy_low` and `test_accuracy_high`."""
    found: dict[str, float] = {}
    for name, score in scores.items():
        found |= score.interval().metrics(PREFIX + name)
    return found
