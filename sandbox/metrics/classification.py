"""Figures of classifiers: accuracy, balanced accuracy, cross-entropy, calibration, confusion matrix."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

ACCURACY = Metric(
    "accuracy",
    "accuracy",
    "%",
    digits=1,
    help="The share of unseen examples that are answered correctly.",
    complement="errors",
)
BINS = 10
"""Groups of equal width that the expected calibration error sorts confidences into."""


def classification_scores(
    probabilities: Float[np.ndarray, "N C"], labels: Int[np.ndarray, " N"]
) -> dict[str, Scores]:
    """What classifiers are judged by.

    Args:
        probabilities: of each class; rows add up to 1.
        labels: numbers of the true classes.

    Returns:
        `accuracy`; `balanced_accuracy`, the mean over classes of the share found (recall); `loss`, the
        cross-entropy in nats; `calibration_error`, the mean gap between confidence and accuracy (ECE).
    """
    labels = np.asarray(labels)
    answers = probabilities.argmax(1)
    correct = answers == labels
    picked = probabilities[np.arange(len(labels)), labels]
    confidence = probabilities.max(1)
    return {
        "accuracy": PerExample(correct.astype(np.float64)),
        "balanced_accuracy": Statistic(len(labels), lambda rows: balanced(correct[rows], labels[rows])),
        "loss": PerExample(-np.log(np.clip(picked.astype(np.float64), 1e-12, 1.0))),
        "calibration_error": Statistic(
            len(labels), lambda rows: calibration_error(confidence[rows], correct[rows])
        ),
    }


def balanced(correct: NDArray[np.bool_], labels: NDArray[np.integer]) -> float:
    """The mean over the classes that occur of the share of their examples read correctly."""
    totals = np.bincount(labels)
    found = np.bincount(labels, weights=correct)
    there = totals > 0
    return float((found[there] / totals[there]).mean())


def calibration_error(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    """The expected calibration error (ECE). Naeini, Cooper & Hauskrecht 2015.

    Args:
        confidence: (N,), the probability of each answer.
        correct: (N,), whether the answer is correct.
    """
    bins = _bins(confidence)
    gaps = np.abs(np.bincount(bins, correct, BINS) - np.bincount(bins, confidence, BINS))
    return float(gaps.sum() / len(confidence))


@dataclass(frozen=True)
class Reliability:
    """How often answers of a given confidence are correct; empty groups are left out.

    Attributes:
        confidence: mean confidence of each group.
        accuracy: share of correct answers in it.
        counts: examples in it.
    """

    confidence: NDArray[np.floating]
    accuracy: NDArray[np.floating]
    counts: NDArray[np.integer]

    @property
    def interval(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Ends of the 95 % interval of each group's accuracy, wide where there are few. Wilson 1927."""
        z, p, n = 1.96, self.accuracy, self.counts
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        return middle - half, middle + half


def reliability(probabilities: Float[np.ndarray, "N C"], labels: Int[np.ndarray, " N"]) -> Reliability:
    """The reliability curve of a classifier. DeGroot & Fienberg 1983."""
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == labels
    bins = _bins(confidence)
    counts = np.bincount(bins, minlength=BINS)
    there = counts > 0
    return Reliability(
        np.bincount(bins, confidence, BINS)[there] / counts[there],
        np.bincount(bins, correct, BINS)[there] / counts[there],
        counts[there],
    )


def confusion_matrix(
    labels: Int[np.ndarray, " N"], answers: Int[np.ndarray, " N"], classes: int
) -> Int[np.ndarray, "C C"]:
    """How many examples of each class (row) got each answer (column)."""
    return np.bincount(labels * classes + answers, minlength=classes**2).reshape(classes, classes)


def _bins(confidence: NDArray[np.floating]) -> NDArray[np.integer]:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
