"""Whether a classifier is as often correct as it says, and how to mend it with one number."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

BINS = 10
"""Groups of equal width that the expected calibration error sorts confidences into."""
TEMPERATURES = (0.05, 20.0)
"""Between them one is looked for."""
LEAST = 1e-12
"""Probabilities below count as this."""


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
        """Ends of the 95 % interval of each group's accuracy, wide where there are few."""
        return wilson(self.accuracy, self.counts)


def wilson(
    share: NDArray[np.floating], counts: NDArray[np.integer]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Ends of the 95 % interval of shares of so many. Wilson 1927."""
    z = 1.96
    middle = (share + z**2 / (2 * counts)) / (1 + z**2 / counts)
    half = z / (1 + z**2 / counts) * np.sqrt(share * (1 - share) / counts + z**2 / (4 * counts**2))
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


def tempered(probabilities: Float[np.ndarray, "N C"], temperature: float) -> Float[np.ndarray, "N C"]:
    """Probabilities of scores divided by a temperature: above 1 they are less sure; no answer changes."""
    logs = np.log(np.clip(np.asarray(probabilities, np.float64), LEAST, 1.0)) / temperature
    powers = np.exp(logs - logs.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def fit_temperature(probabilities: Float[np.ndarray, "N C"], labels: Int[np.ndarray, " N"]) -> float:
    """The temperature with the lowest cross-entropy. Guo, Pleiss, Sun & Weinberger 2017, arXiv:1706.04599.

    Args:
        probabilities: of each class for examples that were neither learned from nor are the test's.
        labels: numbers of the true classes.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(labels))

    def loss(log: float) -> float:
        picked = tempered(probabilities, float(np.exp(log)))[rows, labels]
        return float(-np.log(np.clip(picked, LEAST, 1.0)).mean())

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded")
    return float(np.exp(found.x))  # pyright: ignore[reportAttributeAccessIssue]


def _bins(confidence: NDArray[np.floating]) -> NDArray[np.integer]:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
