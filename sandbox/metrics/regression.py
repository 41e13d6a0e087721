"""Figures of predicted numbers."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

RMSE = Metric(
    "rmse",
    "error (RMSE)",
    higher_is_better=False,
    digits=3,
    help="The root of the mean squared error on unseen examples, in the unit of the property.",
    log=True,
)


def regression_scores(
    answers: Float[np.ndarray, " N"], targets: Float[np.ndarray, " N"]
) -> dict[str, Scores]:
    """`rmse`; `mae`, the mean absolute error; `r2`, the share of the variance that is explained."""
    answers, targets = (np.asarray(each, np.float64).ravel() for each in (answers, targets))
    wrong = answers - targets

    def r2(rows: NDArray[np.int64]) -> float:
        spread = np.square(targets[rows] - targets[rows].mean()).sum()
        return float(1 - np.square(wrong[rows]).sum() / max(spread, 1e-12))

    return {
        "rmse": Statistic(len(wrong), lambda rows: float(np.sqrt(np.square(wrong[rows]).mean()))),
        "mae": PerExample(np.abs(wrong)),
        "r2": Statistic(len(wrong), r2),
    }
