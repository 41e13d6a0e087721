"""Figures of search: how far up is the passage that was looked for?"""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores

RECIPROCAL_RANK = Metric(
    "reciprocal_rank",
    "mean reciprocal rank",
    digits=3,
    help="The mean of 1 / rank of the passage that was looked for: 1 if it always comes first.",
)
FIRST = (1, 5)
"""Ranks down to which a passage counts as found."""


def ranks(scores: Float[np.ndarray, "N P"], wanted: NDArray[np.integer]) -> NDArray[np.float64]:
    """The rank of the wanted passage, from 1; in the middle of those with the same score, (N,)."""
    own = scores[np.arange(len(wanted)), wanted][:, None]
    return 1 + (scores > own).sum(1) + ((scores == own).sum(1) - 1) / 2


def retrieval_scores(scores: Float[np.ndarray, "N P"], wanted: NDArray[np.integer]) -> dict[str, Scores]:
    """What search is judged by.

    Args:
        scores: of each passage for each question.
        wanted: (N,), the numbers of the passages that were looked for.

    Returns:
        `reciprocal_rank`; `recall_at_1` and `recall_at_5`, shares of the questions for which it is the first
        one, or one of the first five.
    """
    found = ranks(scores, wanted)
    recall = {f"recall_at_{most}": PerExample((found <= most).astype(np.float64)) for most in FIRST}
    return {RECIPROCAL_RANK.name: PerExample(1 / found), **recall}
