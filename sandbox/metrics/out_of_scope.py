"""Texts that belong to no class: can they be told by how unsure the answer is? Hendrycks & Gimpel 2017."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.metrics.scores import PerExample, Scores, Statistic

KEPT = 0.95
"""Share of texts in scope that a threshold lets through."""


@dataclass(frozen=True)
class OutOfScope:
    """What each threshold does: an answer that is less sure than it is taken back.

    Attributes:
        thresholds: of the confidence, ascending.
        recall: share of the texts out of scope that are taken back.
        accuracy: share of the texts in scope that are answered, and correctly.
    """

    thresholds: NDArray[np.float64]
    recall: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def curve(
    inside: Float[np.ndarray, "N C"], labels: NDArray[np.integer], outside: Float[np.ndarray, "M C"]
) -> OutOfScope:
    """Recall out of scope and accuracy in scope at every threshold.

    Args:
        inside: probabilities of texts in scope.
        labels: their classes.
        outside: probabilities of texts that belong to none.
    """
    sure, correct, unsure = inside.max(1), inside.argmax(1) == labels, np.sort(outside.max(1))
    thresholds = np.concatenate(
        [[0.0], np.quantile(np.concatenate([sure, unsure]), np.linspace(0, 1, 200)), [1.01]]
    )
    right = np.sort(sure[correct])
    return OutOfScope(
        thresholds,
        np.searchsorted(unsure, thresholds) / len(unsure),
        (len(right) - np.searchsorted(right, thresholds)) / len(sure),
    )


def threshold_at(inside: Float[np.ndarray, "N C"], labels: NDArray[np.integer], lost: float) -> float:
    """The largest threshold that takes back no more than a share of all texts that are answered correctly.

    Args:
        inside: probabilities of texts in scope that are neither learned from nor tested on.
        labels: their classes.
        lost: the share, of all texts.
    """
    right = np.sort(inside.max(1)[inside.argmax(1) == labels])
    place = int(lost * len(labels))
    return float(right[place]) if place < len(right) else 1.0


def at_threshold(
    inside: Float[np.ndarray, "N C"],
    labels: NDArray[np.integer],
    outside: Float[np.ndarray, "M C"],
    threshold: float,
) -> dict[str, Scores]:
    """What a threshold does that was chosen beforehand.

    Returns:
        `answered_correctly`: share of texts in scope that are answered, and correctly; `taken_back`: share of
        texts out of scope that are not answered, if there are any.
    """
    right = (inside.max(1) >= threshold) & (inside.argmax(1) == labels)
    found: dict[str, Scores] = {"answered_correctly": PerExample(right.astype(np.float64))}
    if len(outside):
        found["taken_back"] = PerExample((outside.max(1) < threshold).astype(np.float64))
    return found


def out_of_scope_scores(
    inside: Float[np.ndarray, "N C"], outside: Float[np.ndarray, "M C"]
) -> dict[str, Scores]:
    """How well confidence tells texts out of scope.

    Returns:
        `out_of_scope_auc`: how often a text in scope is answered more surely than one out of scope;
        `out_of_scope_recall`: share of those that a threshold takes back which keeps 95 % of the others.
    """
    sure, unsure = inside.max(1), outside.max(1)
    count = len(sure) + len(unsure)

    def parts(rows: NDArray[np.int64]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        return sure[rows[rows < len(sure)]], unsure[rows[rows >= len(sure)] - len(sure)]

    def auc(rows: NDArray[np.int64]) -> float:
        one, other = parts(rows)
        order = np.sort(other)
        below, upto = np.searchsorted(order, one), np.searchsorted(order, one, "right")
        return float((below + upto).mean() / 2 / max(1, len(other)))

    def recall(rows: NDArray[np.int64]) -> float:
        one, other = parts(rows)
        return float((other < np.quantile(one, 1 - KEPT)).mean())

    return {"out_of_scope_auc": Statistic(count, auc), "out_of_scope_recall": Statistic(count, recall)}
