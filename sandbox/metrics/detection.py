"""Figures of detectors: average precision at an overlap of one half, precision, recall, counting errors.

An answer is correct if it overlaps an object of its class by `OVERLAP` (intersection over union) and no surer
answer has found that object. Average precision (AP) is the area under the precision-recall curve, each
precision being the best at that recall or a higher one: Pascal VOC's since 2010, over all recalls and not at
11 or 101 of them. Everingham et al. 2010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

OVERLAP = 0.5
AP50 = Metric(
    "ap50",
    "average precision",
    "%",
    digits=1,
    help="AP50: the area under the precision-recall curve, mean over classes. A box is correct if it "
    "overlaps the true one by half (intersection over union).",
)


@dataclass(frozen=True)
class Matches:
    """All answers of a set, the surest first, with what became of each.

    Attributes:
        picture: (D,), which picture each answer is about.
        kind: (D,), its class.
        score: (D,).
        correct: (D,).
        objects: (N, K), how many objects of each class there are in each picture.
        found: by picture, for each of its answers in their order the place of the object it found, or -1.
    """

    picture: NDArray[np.int64]
    kind: NDArray[np.int64]
    score: NDArray[np.float64]
    correct: NDArray[np.bool_]
    objects: NDArray[np.int64]
    found: Sequence[NDArray[np.int64]]


def overlaps(one: Any, other: Any) -> NDArray[np.float64]:
    """Intersection over union of boxes (D, 4) with boxes (M, 4): (D, M)."""
    a, b = np.asarray(one, np.float64).reshape(-1, 1, 4), np.asarray(other, np.float64).reshape(1, -1, 4)
    shared = (np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])).clip(0).prod(2)
    union = (a[..., 2:] - a[..., :2]).clip(0).prod(2) + (b[..., 2:] - b[..., :2]).clip(0).prod(2) - shared
    return shared / union.clip(1e-9)


def matched(boxes: Any, kinds: Any, scores: Any, truth: Any, overlap: float = OVERLAP) -> NDArray[np.int64]:
    """The place in `truth` of the object that each answer found, or -1.

    Args:
        boxes: (D, 4).
        kinds: (D,), classes.
        scores: (D,); the surest chooses first.
        truth: (M, 5), boxes and classes, -1 where there is none.
        overlap: least intersection over union.
    """
    truth = np.asarray(truth, np.float64).reshape(-1, 5)
    kinds = np.asarray(kinds)
    fits = overlaps(boxes, truth[:, :4]) * (kinds[:, None] == truth[None, :, 4])
    found, taken = np.full(len(kinds), -1), np.zeros(len(truth), bool)
    for i in np.argsort(-np.asarray(scores), kind="stable"):
        # The best of all objects, taken or not, as VOC has it: a second answer to one object is wrong.
        best = int(fits[i].argmax()) if len(truth) else -1
        if best >= 0 and fits[i, best] >= overlap and not taken[best]:
            found[i], taken[best] = best, True
    return found


def matches(answers: Sequence[Any], truths: Any, classes: int) -> Matches:
    """Match answers with objects, picture by picture.

    Args:
        answers: one for each picture, with `boxes` (D, 4), `kinds` (D,) and `scores` (D,).
        truths: (N, M, 5), see `matched`.
        classes: how many there are, K.
    """
    truths = np.asarray(truths)
    found = [matched(a.boxes, a.kinds, a.scores, t) for a, t in zip(answers, truths, strict=True)]
    objects = np.stack([np.bincount(t[t[:, 4] >= 0, 4].astype(int), minlength=classes) for t in truths])
    picture = np.repeat(np.arange(len(answers)), [len(each) for each in found])
    kind, score = (
        np.concatenate([np.asarray(getattr(answer, name), np.float64) for answer in answers] or [np.zeros(0)])
        for name in ("kinds", "scores")
    )
    order = np.argsort(-score, kind="stable")
    correct = np.concatenate([each >= 0 for each in found])
    return Matches(picture[order], kind[order].astype(int), score[order], correct[order], objects, found)


def curve(
    found: Matches, kind: int, times: NDArray[np.integer] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision of one class as the least score falls, one point for each answer.

    Args:
        found: all answers.
        kind: the class.
        times: (N,), how often each picture counts; once by default.
    """
    weight = np.ones(len(found.objects)) if times is None else times.astype(np.float64)
    rows = found.kind == kind
    each = weight[found.picture[rows]]
    right, told = np.cumsum(each * found.correct[rows]), np.cumsum(each)
    there = float((weight * found.objects[:, kind]).sum())
    return right / max(there, 1e-9), right / np.maximum(told, 1e-9)


def average_precision(recall: NDArray[np.floating], precision: NDArray[np.floating]) -> float:
    """The area under the curve, every precision raised to the best at that recall or a higher one."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * best).sum())


def ap(found: Matches, kind: int, rows: NDArray[np.int64] | None = None) -> float:
    """Average precision of one class; NaN where it has no objects.

    Args:
        found: all answers.
        kind: the class.
        rows: pictures that count, some perhaps twice; all by default.
    """
    count = len(found.objects)
    times = np.ones(count, int) if rows is None else np.bincount(rows, minlength=count)
    if not (times * found.objects[:, kind]).sum():
        return float("nan")
    return average_precision(*curve(found, kind, times))


def best_threshold(found: Matches) -> float:
    """The score from which on telling gives the best F1, the harmonic mean of precision and recall."""
    if not len(found.score):
        return 0.5
    right = np.cumsum(found.correct)
    f1 = 2 * right / (np.arange(1, len(right) + 1) + found.objects.sum())
    return float(found.score[f1.argmax()])


def detection_scores(
    answers: Sequence[Any], truths: Any, classes: Sequence[str], threshold: float
) -> dict[str, Scores]:
    """What detectors are judged by.

    Args:
        answers: see `matches`.
        truths: likewise.
        classes: names.
        threshold: score from which an answer counts as told.

    Returns:
        `ap50`, the mean over classes, and `ap_<class>` of each; `precision` and `recall` of what is told;
        `count_error`, how many objects a count by class is off, on average over pictures and classes.
    """
    found = matches(answers, truths, len(classes))
    told = found.score >= threshold
    count = len(found.objects)
    counts = np.zeros_like(found.objects)
    np.add.at(counts, (found.picture[told], found.kind[told]), 1)
    right = np.bincount(found.picture[told], found.correct[told], count)
    totals, there = counts.sum(1), found.objects.sum(1)

    def mean(rows: NDArray[np.int64]) -> float:
        each = [ap(found, kind, rows) for kind in range(len(classes))]
        return 0.0 if np.isnan(each).all() else float(np.nanmean(each))

    scores: dict[str, Scores] = {"ap50": Statistic(count, mean)}
    for kind, name in enumerate(classes):
        if found.objects[:, kind].any():
            scores[f"ap_{name}"] = Statistic(count, lambda rows, kind=kind: ap(found, kind, rows))
    scores["precision"] = Statistic(count, lambda rows: _share(right[rows], totals[rows]))
    scores["recall"] = Statistic(count, lambda rows: _share(right[rows], there[rows]))
    scores["count_error"] = PerExample(np.abs(counts - found.objects).mean(1))
    return scores


def _share(part: NDArray[Any], whole: NDArray[np.integer]) -> float:
    return float(part.sum() / max(1, whole.sum()))
