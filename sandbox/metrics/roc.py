"""Two classes and a threshold between them: what is found against what is raised in vain."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from sandbox.metrics.scores import Scores
from sandbox.statistics import Interval

RESAMPLES = 200
"""Draws behind the band around a curve."""


@dataclass(frozen=True)
class Roc:
    """The receiver operating characteristic: a point for each threshold, from strict to lax.

    Attributes:
        thresholds: an example counts as positive from such a score on; infinite for the first point.
        false_alarms: share of the negative examples that count as positive, 1 - specificity.
        sensitivity: share of the positive examples that are found.
    """

    thresholds: NDArray[np.floating]
    false_alarms: NDArray[np.floating]
    sensitivity: NDArray[np.floating]

    def at_specificity(self, specificity: float) -> float:
        """The largest sensitivity of a threshold with at least this specificity."""
        return float(self.sensitivity[self.false_alarms <= 1 - specificity + 1e-12].max())


def roc(scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> Roc:
    """The curve of scores of examples, of which those are positive. Examples of both kinds are needed."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores, found = scores[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1)  # equal scores are one point
    hits = np.cumsum(found)[last]
    return Roc(
        np.append(np.inf, sorted_scores[last]),
        np.append(0.0, (last + 1 - hits) / np.count_nonzero(~positive)),
        np.append(0.0, hits / np.count_nonzero(positive)),
    )


def roc_band(
    scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"], at: NDArray[np.floating], seed: int = 0
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Ends of the 95 % interval of the sensitivity at shares of false alarms, by resampled examples.

    Args:
        scores: of examples.
        positive: whether each is positive.
        at: shares of false alarms.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)
    yes, no = np.flatnonzero(positive), np.flatnonzero(~positive)
    curves = []
    for _ in range(RESAMPLES):  # each class by itself, so that none is missing
        rows = np.append(generator.choice(yes, len(yes)), generator.choice(no, len(no)))
        one = roc(scores[rows], positive[rows])
        curves.append(np.interp(at, one.false_alarms, one.sensitivity))
    low, high = np.quantile(curves, [0.025, 0.975], axis=0)
    return low, high


@dataclass(frozen=True)
class Auc(Scores):
    """The area under the curve: how often a positive example scores higher than a negative one.

    Attributes:
        scores: (N,).
        positive: (N,), whether each is positive; some are, some are not.
    """

    scores: NDArray[np.floating]
    positive: NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """The area, 0.5 for chance."""
        return float(self._parts[0].mean())

    def interval(self, level: float = 0.95) -> Interval:
        """The area with its interval, without resampling. DeLong, DeLong & Clarke-Pearson 1988."""
        from statistics import NormalDist

        over, under = self._parts
        variance = sum(part.var(ddof=1) / len(part) for part in (over, under) if len(part) > 1)
        half = NormalDist().inv_cdf((1 + level) / 2) * float(np.sqrt(variance))
        return Interval(self.mean, max(0.0, self.mean - half), min(1.0, self.mean + half))

    @property
    def _parts(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """For each positive example the share of negatives below it; for each negative, of positives above.

        An equal score counts half. By ranks, in N log N steps: Sun & Xu 2014.
        """
        yes, no = np.sort(self.scores[self.positive]), np.sort(self.scores[~self.positive])
        over = (np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")) / (2 * len(no))
        under = 1 - (np.searchsorted(yes, no, "left") + np.searchsorted(yes, no, "right")) / (2 * len(yes))
        return over, under


@dataclass(frozen=True)
class Decisions:
    """What a threshold makes of examples.

    Attributes:
        found: positive examples that count as positive.
        missed: positive examples that do not.
        alarms: negative examples that count as positive.
        passed: negative examples that do not.
    """

    found: int
    missed: int
    alarms: int
    passed: int

    @property
    def sensitivity(self) -> float:
        """Share of the positive examples that are found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def specificity(self) -> float:
        """Share of the negative examples that raise no alarm."""
        return self.passed / max(1, self.alarms + self.passed)

    def cost(self, miss: float) -> float:
        """Of all mistakes, in false alarms, where a miss costs as much as so many of them."""
        return miss * self.missed + self.alarms


def decisions(
    scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"], threshold: float
) -> Decisions:
    """Count an example as positive where its score reaches the threshold."""
    said = scores >= threshold
    return Decisions(
        *(
            int(np.count_nonzero(one))
            for one in (positive & said, positive & ~said, ~positive & said, ~positive & ~said)
        )
    )


def cheapest(scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"], miss: float) -> float:
    """The threshold with the lowest cost, halfway to the next score below; chosen by no test's examples.

    Args:
        scores: of examples in [0, 1], kept aside from training.
        positive: whether each is positive.
        miss: what a miss costs, in false alarms.
    """
    found = roc(scores, positive)
    total = np.count_nonzero(positive)
    costs = miss * total * (1 - found.sensitivity) + found.false_alarms * (len(positive) - total)
    best = int(np.argmin(costs))
    here = min(1.0, float(found.thresholds[best]))
    below = float(found.thresholds[best + 1]) if best + 1 < len(found.thresholds) else 0.0
    return (here + below) / 2
