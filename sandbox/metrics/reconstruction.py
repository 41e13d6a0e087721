"""Figures of what was rebuilt: how much of the difference between examples is left in it."""

from typing import Any

import numpy as np

from sandbox.metrics.scores import Metric, PerExample, Scores

EXPLAINED = Metric(
    "explained",
    "explained share",
    "%",
    digits=1,
    help="How much of the variation between unseen examples it rebuilds: 100 % is all of it, "
    "0 % is no better than always answering the mean example.",
)


def reconstruction_scores(wholes: Any, answers: Any, mean: Any) -> dict[str, Scores]:
    """How well answers stand for the wholes.

    Args:
        wholes: (N, ...), unseen.
        answers: likewise.
        mean: of the training examples, which whoever learns nothing would answer; None for the wholes' own.

    Returns:
        `explained`: the share of the squared distance to `mean` that is gone; `error`: the mean squared error
        of a number.
    """
    wholes, answers = (
        np.asarray(values, np.float32).reshape(len(values), -1) for values in (wholes, answers)
    )
    middle = wholes.mean(0) if mean is None else np.asarray(mean, np.float32).ravel()
    wrong = np.square((wholes - answers).astype(np.float64)).mean(1)
    spread = float(np.square((wholes - middle).astype(np.float64)).mean())
    return {"explained": PerExample(1 - wrong / max(spread, 1e-12)), "error": PerExample(wrong)}
