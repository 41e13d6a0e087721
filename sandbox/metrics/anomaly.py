"""Figures of anomaly scores: higher is stranger. No anomaly is learned from or chooses a threshold."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from sandbox.metrics.roc import Auc
from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

AUROC = Metric(
    "auroc",
    "area under the ROC curve",
    digits=3,
    help="How often something unusual scores higher than something normal; 0.5 is chance, 1 is never wrong.",
    complement="errors",
)


def threshold_at(scores: Float[np.ndarray, " N"], false_alarms: float) -> float:
    """The score that a share of normal examples reaches, which were kept aside from training and test.

    Args:
        scores: of normal examples, N at least 1.
        false_alarms: the share that may raise an alarm, between 0 and 1.
    """
    return float(np.quantile(np.asarray(scores, np.float64), 1 - false_alarms))


def anomaly_scores(
    scores: Float[np.ndarray, " N"],
    unusual: Bool[np.ndarray, " N"],
    threshold: float,
    groups: NDArray[np.integer] | None = None,
) -> dict[str, Scores]:
    """Figures of scores of examples, of which some are unusual.

    Args:
        scores: higher is stranger.
        unusual: which of them are.
        threshold: an alarm is raised from here on.
        groups: what each comes from, such as a person; examples of one are alike, so whole groups are drawn
            for the interval of the area. Without groups each example stands for itself (DeLong et al. 1988).

    Returns:
        `auroc`; `found`, the share of the unusual ones above the threshold, and `false_alarms`, the share of
        the others. What has no example is left out.
    """
    scores, unusual = np.asarray(scores, np.float64), np.asarray(unusual, bool)
    alarm, found = scores >= threshold, {}
    if unusual.any() and not unusual.all():
        found["auroc"] = (
            Auc(scores, unusual)
            if groups is None
            else over_groups(members(groups), lambda rows: _area(scores[rows], unusual[rows]))
        )
    if unusual.any():
        found["found"] = PerExample(alarm[unusual].astype(float))
    if not unusual.all():
        found["false_alarms"] = PerExample(alarm[~unusual].astype(float))
    return found


def members(groups: NDArray[np.integer]) -> list[NDArray[np.int64]]:
    """Rows of the examples of each group."""
    return [np.flatnonzero(groups == group) for group in np.unique(groups)]


def over_groups(rows: list[NDArray[np.int64]], figure: Callable[[NDArray[np.int64]], float]) -> Statistic:
    """A figure of rows of examples whose interval comes from drawing whole groups."""
    return Statistic(len(rows), lambda drawn: figure(np.concatenate([rows[group] for group in drawn])))


def _area(scores: NDArray, unusual: NDArray[np.bool_]) -> float:
    return Auc(scores, unusual).mean if unusual.any() and not unusual.all() else float("nan")
