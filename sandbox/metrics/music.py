"""How well music is foreseen, and how often what is written breaks the rules of counterpoint."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.metrics.counterpoint import breaks
from sandbox.metrics.scores import Metric, Scores, Statistic

NATS = Metric(
    "nats_per_step",
    "nats per step",
    higher_is_better=False,
    digits=2,
    help="Minus the logarithm of the probability of what sounds at each time step of unseen music, on "
    "average: the probability of exactly these of 88 keys, given all that came before. 0 is perfect.",
)
BREAKS = Metric(
    "rule_breaks",
    "rule breaks in 100 steps",
    higher_is_better=False,
    digits=1,
    help="Parallel fifths and octaves, awkward leaps and dissonances in 100 time steps of what it writes.",
)


def music_scores(
    costs: Sequence[Float[np.ndarray, " _"]], written: Sequence[NDArray[np.bool_]]
) -> dict[str, Scores]:
    """Nats per time step over pieces, and rule breaks; intervals resample whole pieces.

    Args:
        costs: nats of each step of each unseen piece.
        written: what was written behind the beginnings of the same pieces.
    """
    cost, length = np.array([one.sum() for one in costs]), np.array([len(one) for one in costs], np.float64)
    found = np.array([sum(breaks(one).values()) for one in written], np.float64)
    steps = np.array([len(one) for one in written], np.float64)
    return {
        NATS.name: _ratio(cost, length, 1.0),
        BREAKS.name: _ratio(found, steps, 100.0),
    }


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64], factor: float) -> Statistic:
    return Statistic(
        len(above),
        lambda rows: factor * float(above[rows].sum() / max(1.0, below[rows].sum())),
        resamples=1_000,
    )
