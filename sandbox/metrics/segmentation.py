"""Figures of masks: Dice, intersection over union, AP50 of objects, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from sandbox.data.objects import count
from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

Mask = Int[np.ndarray, "H W"]
DICE = Metric(
    "dice",
    "Dice",
    "%",
    digits=1,
    help="How much the answer and the truth overlap: twice the pixels that both have, of the pixels of both. "
    "The mean over pictures.",
)
AP50 = Metric(
    "ap50",
    "AP50",
    "%",
    digits=1,
    help="Objects that are found, of all that are found, missed or made up. An object is found if more than "
    "half of it and its answer together is common to both.",
)
IOU = Metric(
    "iou",
    "intersection over union",
    "%",
    digits=1,
    help="Of the pixels that the answer or the truth gives to a class, the share that both do. "
    "The mean over the classes of a picture, then over pictures.",
)
MATCHED = 0.5
"""Intersection over union above which an answer is the object; so each has one answer at most."""


@dataclass(frozen=True)
class Matched:
    """Objects of an answer beside those of the truth.

    Attributes:
        found: that are in both.
        missed: numbers of the true objects without an answer.
        made_up: numbers of the answer's objects without a true one.
    """

    found: int
    missed: NDArray[np.integer]
    made_up: NDArray[np.integer]

    @property
    def counts(self) -> tuple[int, int]:
        """Objects found, and all that were found, missed or made up."""
        return self.found, self.found + len(self.missed) + len(self.made_up)


def match(truth: Mask, answer: Mask) -> Matched:
    """Pair the objects of two masks whose intersection over union is above `MATCHED`."""
    true, said = (np.unique(mask, return_inverse=True) for mask in (truth, answer))
    shape = len(true[0]), len(said[0])
    both = np.bincount(true[1].ravel() * shape[1] + said[1].ravel(), minlength=shape[0] * shape[1])
    both = both.reshape(shape)
    either = both.sum(1, keepdims=True) + both.sum(0, keepdims=True) - both
    paired = (both > MATCHED * either) & (true[0] > 0)[:, None] & (said[0] > 0)[None]
    missed = true[0][(true[0] > 0) & ~paired.any(1)]
    made_up = said[0][(said[0] > 0) & ~paired.any(0)]
    return Matched(int(paired.sum()), missed, made_up)


def dice(truth: Mask, answer: Mask) -> float:
    """Twice the common pixels of two foregrounds, of the pixels of both; 1 if both are empty. Dice 1945."""
    one, other = np.asarray(truth) > 0, np.asarray(answer) > 0
    pixels = int(one.sum() + other.sum())
    return 2 * int((one & other).sum()) / pixels if pixels else 1.0


def object_scores(truths: Sequence[Mask], answers: Sequence[Mask]) -> dict[str, Scores]:
    """What numbered objects are judged by.

    Args:
        truths: a mask for each picture.
        answers: likewise.

    Returns:
        `dice` and `iou` of the foreground, per picture; `ap50`, over the objects of all pictures together the
        share found / (found + missed + made up), pairs having an intersection over union above 0.5, as in
        the Data Science Bowl 2018 and by Schmidt et al. 2018; `count_error`, by how many objects a picture's
        number is wrong; `count_share`, all objects counted of those there are.
    """
    overlap = np.array([dice(truth, answer) for truth, answer in zip(truths, answers, strict=True)])
    pairs = np.array([match(truth, answer).counts for truth, answer in zip(truths, answers, strict=True)])
    numbers = np.array([(count(truth), count(answer)) for truth, answer in zip(truths, answers, strict=True)])
    return {
        "dice": PerExample(overlap),
        "iou": PerExample(overlap / (2 - overlap)),
        "ap50": Statistic(len(pairs), lambda rows: _share(pairs[rows])),
        "count_error": PerExample(np.abs(numbers[:, 0] - numbers[:, 1]).astype(np.float64)),
        "count_share": Statistic(len(numbers), lambda rows: _share(numbers[rows][:, ::-1])),
    }


def class_scores(truths: Sequence[Mask], answers: Sequence[Mask], classes: int) -> dict[str, Scores]:
    """What masks of classes are judged by: `iou` and `accuracy`, the share of pixels, of each picture.

    Args:
        truths: the class of each pixel, for each picture.
        answers: likewise.
        classes: how many there are.
    """
    shares, correct = [], []
    for truth, answer in zip(truths, answers, strict=True):
        cells = np.asarray(truth).ravel() * classes + np.asarray(answer).ravel()
        table = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
        both, either = np.diag(table), table.sum(0) + table.sum(1) - np.diag(table)
        shares.append((both[either > 0] / either[either > 0]).mean())
        correct.append(both.sum() / table.sum())
    return {"iou": PerExample(np.array(shares)), "accuracy": PerExample(np.array(correct))}


def _share(pairs: NDArray[np.integer]) -> float:
    part, whole = pairs.sum(0)
    return float(part / whole) if whole else 1.0
