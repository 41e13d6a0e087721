"""Figures of telling whether two examples belong together, by a distance and a threshold.

A false accept calls two people one, a false reject calls one person two. Moving the threshold trades one for
the other; where both are equally frequent is the equal error rate.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, Scores
from sandbox.statistics import Interval

EQUAL_ERROR = Metric(
    "equal_error_rate",
    "equal error rate",
    "%",
    higher_is_better=False,
    digits=1,
    help="The share of mistakes at the threshold where both are equally frequent: strangers taken for one "
    "person, and one person taken for strangers. Guessing has 50 %.",
)
STRICT = 0.01
"""Share of false accepts at which true accepts are counted."""
GROUPS = ("nobody_wears_glasses", "one_wears_glasses", "both_wear_glasses")
"""Names of groups of pairs by their number in a target."""


def pair_distances(vectors: Float[np.ndarray, "M D"]) -> Float[np.ndarray, " N"]:
    """Cosine distances of pairs, from 0 to 2, of the vectors of all first ones, then all second ones."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    first, second = np.split(vectors / np.maximum(lengths, 1e-9), 2)
    return 1 - (first * second).sum(1)


@dataclass(frozen=True)
class Rates:
    """A point for each threshold, from strict to lax; a pair is accepted up to that distance.

    Attributes:
        thresholds: distances; minus infinity for the first point.
        false_accepts: share of the pairs of two people that are accepted.
        true_accepts: share of the pairs of one person that are accepted.
    """

    thresholds: NDArray[np.floating]
    false_accepts: NDArray[np.floating]
    true_accepts: NDArray[np.floating]

    @property
    def equal_error(self) -> float:
        """Where false accepts and false rejects meet; between two points on the line between them."""
        place, share = self._meeting
        return float(np.interp(share, (0, 1), self.false_accepts[place : place + 2]))

    @property
    def threshold(self) -> float:
        """The distance at which they meet."""
        place, share = self._meeting
        before, after = self.thresholds[place : place + 2]
        return float(after if np.isinf(before) else before + share * (after - before))

    def true_accepts_at(self, false_accepts: float) -> float:
        """The largest share of true accepts of a threshold with at most so many false ones."""
        return float(self.true_accepts[self.false_accepts <= false_accepts + 1e-12].max())

    @property
    def _meeting(self) -> tuple[int, float]:
        """The last point with more false rejects than false accepts, and the share of the way to the next."""
        over = self.false_accepts - (1 - self.true_accepts)
        after = int(np.argmax(over >= 0))
        before = over[after - 1]
        return after - 1, float(before / (before - over[after]))


def rates(
    distances: Float[np.ndarray, " N"],
    same: Bool[np.ndarray, " N"],
    weights: Float[np.ndarray, " N"] | None = None,
) -> Rates:
    """The rates of pairs; some with the same person and some without are needed."""
    order = np.argsort(distances, kind="stable")
    sorted_distances, accepted = distances[order], same[order]
    weight = np.ones(len(order)) if weights is None else weights[order]
    last = np.append(np.flatnonzero(np.diff(sorted_distances)), len(order) - 1)  # equal ones are one point
    right, wrong = np.cumsum(weight * accepted), np.cumsum(weight * ~accepted)
    return Rates(
        np.append(-np.inf, sorted_distances[last]),
        np.append(0.0, wrong[last] / wrong[-1]),
        np.append(0.0, right[last] / right[-1]),
    )


@dataclass(frozen=True)
class OverPeople(Scores):
    """A figure of pairs whose interval is over people: pairs with one person in common hang together.

    Attributes:
        distances: (N,).
        people: (N, 2), who is in each pair.
        strict: share of false accepts at which true accepts are counted; None for the equal error rate.
        resamples: draws behind the interval.
    """

    distances: Float[np.ndarray, " N"]
    people: Int[np.ndarray, "N 2"]
    strict: float | None = None
    resamples: int = 200

    @property
    def mean(self) -> float:
        """The figure of all pairs."""
        return self._figure(rates(self.distances, self.same))

    @property
    def same(self) -> NDArray[np.bool_]:
        """Whether both of a pair are one person."""
        return self.people[:, 0] == self.people[:, 1]

    def interval(self, level: float = 0.95) -> Interval:
        """The figure with its percentile interval: people are drawn again, with all their pairs."""
        generator = np.random.default_rng(0)
        _, places = np.unique(self.people, return_inverse=True)
        places = places.reshape(self.people.shape)
        count, same, found = int(places.max()) + 1, self.same, []
        for _ in range(self.resamples):
            drawn = np.bincount(generator.integers(0, count, count), minlength=count)
            weights = drawn[places[:, 0]] * np.where(same, 1, drawn[places[:, 1]])
            if weights[same].any() and weights[~same].any():
                found.append(self._figure(rates(self.distances, same, weights.astype(float))))
        low, high = np.quantile(found or [self.mean], [(1 - level) / 2, (1 + level) / 2])
        return Interval(self.mean, min(float(low), self.mean), max(float(high), self.mean))

    def _figure(self, found: Rates) -> float:
        return found.equal_error if self.strict is None else found.true_accepts_at(self.strict)


def verification_scores(
    distances: Float[np.ndarray, " N"], targets: Int[np.ndarray, "N 3"]
) -> dict[str, Scores]:
    """What telling people apart is judged by.

    Args:
        distances: of each pair.
        targets: the two people of each pair, and the number of its group in `GROUPS`; -1 if that is unknown.

    Returns:
        `equal_error_rate`; `true_accepts`, at 1 % false ones; and the equal error rate of each group that has
        pairs of both kinds.
    """
    people, group = targets[:, :2], targets[:, 2]
    found: dict[str, Scores] = {
        EQUAL_ERROR.name: OverPeople(distances, people),
        "true_accepts": OverPeople(distances, people, STRICT),
    }
    for number, name in enumerate(GROUPS):
        rows = group == number
        one = OverPeople(distances[rows], people[rows])
        if one.same.any() and not one.same.all():
            found[f"error_{name}"] = one
    return found
