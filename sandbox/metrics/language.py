"""How well a text is foreseen: bits per character."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, Scores, Statistic

BITS = Metric(
    "bits_per_character",
    "bits per character",
    higher_is_better=False,
    digits=2,
    help="How many bits each character of unseen text still costs, on average, with its predictions: "
    "1 bit is a guess between two, and a perfect prediction costs 0.",
)
UNKNOWN_BITS = float(np.log2(0x110000))
"""What a character that is not in the vocabulary costs besides: one of all that Unicode has."""


def language_scores(bits: Sequence[float] | NDArray[np.floating], texts: Sequence[str]) -> dict[str, Scores]:
    """Bits per character over passages; the interval resamples whole passages, which are independent.

    Args:
        bits: that each passage costs in all.
        texts: the passages.
    """
    cost, length = np.asarray(bits, np.float64), np.array([max(1, len(text)) for text in texts], np.float64)
    return {
        BITS.name: Statistic(
            len(cost), lambda rows: float(cost[rows].sum() / length[rows].sum()), resamples=1_000
        )
    }
