"""Figures of classifiers: accuracy, balanced accuracy, cross-entropy, calibration, confusion matrix."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.metrics.calibration import calibration_error, wilson
from sandbox.metrics.roc import Auc, roc
from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

ACCURACY = Metric(
    "accuracy",
    "accuracy",
    "%",
    digits=1,
    help="The share of unseen examples that are answered correctly.",
    complement="errors",
)
BALANCED_ACCURACY = Metric(
    "balanced_accuracy",
    "balanced accuracy",
    "%",
    digits=1,
    help="The mean over the classes of the share of their unseen examples that is answered correctly: "
    "a rare class counts as much as a frequent one.",
    complement="errors",
)
SPECIFICITY = 0.9
"""At which the sensitivity of two classes is told."""


def classification_scores(
    probabilities: Float[np.ndarray, "N C"], labels: Int[np.ndarray, " N"]
) -> dict[str, Scores]:
    """What classifiers are judged by.

    Args:
        probabilities: of each class; rows add up to 1.
        labels: numbers of the true classes.

    Returns:
        `accuracy`; `balanced_accuracy`, the mean over classes of the share found (recall); `loss`, the
        cross-entropy in nats; `calibration_error`, the mean gap between confidence and accuracy (ECE). Of two
        classes, where there are examples of both, also `auc`, the area under the ROC curve, and
        `sensitivity_at_90`, the share of the second class that is found while 90 % of the first one raise no
        alarm.
    """
    labels = np.asarray(labels)
    answers = probabilities.argmax(1)
    correct = answers == labels
    picked = probabilities[np.arange(len(labels)), labels]
    confidence = probabilities.max(1)
    found: dict[str, Scores] = {
        "accuracy": PerExample(correct.astype(np.float64)),
        "balanced_accuracy": Statistic(len(labels), lambda rows: balanced(correct[rows], labels[rows])),
        "loss": PerExample(-np.log(np.clip(picked.astype(np.float64), 1e-12, 1.0))),
        "calibration_error": Statistic(
            len(labels), lambda rows: calibration_error(confidence[rows], correct[rows])
        ),
    }
    return found | (_of_two(probabilities[:, 1], labels == 1) if probabilities.shape[1] == 2 else {})


def _of_two(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> dict[str, Scores]:
    if positive.all() or not positive.any():
        return {}

    def sensitivity(rows: NDArray[np.int64]) -> float:
        some = positive[rows]
        both = some.any() and not some.all()
        return roc(scores[rows], some).at_specificity(SPECIFICITY) if both else float("nan")

    return {
        "auc": Auc(scores, positive),
        f"sensitivity_at_{100 * SPECIFICITY:.0f}": Statistic(len(positive), sensitivity),
    }


def balanced(correct: NDArray[np.bool_], labels: NDArray[np.integer]) -> float:
    """The mean over the classes that occur of the share of their examples read correctly."""
    totals = np.bincount(labels)
    found = np.bincount(labels, weights=correct)
    there = totals > 0
    return float((found[there] / totals[there]).mean())


def confusion_matrix(
    labels: Int[np.ndarray, " N"], answers: Int[np.ndarray, " N"], classes: int
) -> Int[np.ndarray, "C C"]:
    """How many examples of each class (row) got each answer (column)."""
    return np.bincount(labels * classes + answers, minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class OfClass:
    """How one class fares.

    Attributes:
        count: its examples.
        recall: share of them that are answered correctly.
        low: lower end of its 95 % interval.
        high: upper end.
        precision: share of the answers with this class that are correct; None if there is no such answer.
    """

    count: int
    recall: float
    low: float
    high: float
    precision: float | None


def per_class(confusion: Int[np.ndarray, "C C"]) -> dict[int, OfClass]:
    """Each class that occurs, by its number, from a confusion matrix."""
    found = {}
    for one in np.flatnonzero(confusion.sum(1)).tolist():
        right, count, said = confusion[one, one], confusion[one].sum(), confusion[:, one].sum()
        low, high = wilson(right / count, count)
        precision = float(right / said) if said else None
        found[one] = OfClass(int(count), float(right / count), float(low), float(high), precision)
    return found
