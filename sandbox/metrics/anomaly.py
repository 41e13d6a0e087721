"""Figures of scores that tell bad parts from good ones: pictures, pixels, and each kind of defect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.good_parts import GOOD, Part
from sandbox.metrics.roc import Auc
from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

AUROC = Metric(
    "auroc",
    "AUROC of pictures",
    "%",
    digits=1,
    help="How often a bad part scores higher than a good one; 50 % is chance. It needs no threshold.",
)
BINS = 512
"""Levels into which values of pixels are sorted: the area under their curve is exact but for ties in one."""


def anomaly_scores(maps: Sequence[NDArray[Any]], truth: Sequence[Part]) -> dict[str, Scores]:
    """What maps of strangeness are judged by; from 1 on a pixel, and so its picture, is an alarm.

    Pictures of the same part are drawn together for an interval, as they are no independent examples.

    Args:
        maps: (H, W) of each picture.
        truth: what is known of each.

    Returns:
        `auroc` over pictures, which are as strange as their strangest pixel, and `pixel_auroc` over the
        pixels of those whose defect is marked, both if there are good and bad ones; `false_alarms`, the share
        of good pictures with an alarm; `found`, that of bad ones, also by kind: `found_scratch`.
    """
    scores = np.array([float(one.max()) for one in maps])
    kinds = np.array([part.kind for part in truth])
    bad = kinds != GOOD
    found: dict[str, Scores] = {}
    groups = _groups([part.place for part in truth])
    if bad.any() and not bad.all():
        found["auroc"] = Statistic(
            len(groups), lambda rows: _auroc(scores, bad, np.concatenate([groups[row] for row in rows]))
        )
        pixels = _histograms(maps, truth)
        if pixels[:, 0].any():
            found["pixel_auroc"] = Statistic(
                len(groups),
                lambda rows: _area(pixels[np.concatenate([groups[row] for row in rows])].sum(0)),
            )
        found["found"] = PerExample((scores[bad] >= 1).astype(np.float64))
    if not bad.all():
        found["false_alarms"] = PerExample((scores[~bad] >= 1).astype(np.float64))
    for kind in sorted(set(kinds[bad].tolist())):
        found[f"found_{kind.replace(' ', '_')}"] = PerExample((scores[kinds == kind] >= 1).astype(np.float64))
    return found


def _groups(places: Sequence[int]) -> list[NDArray[np.int64]]:
    """Rows of the pictures of each part."""
    values = np.array(places)
    return [np.flatnonzero(values == place) for place in np.unique(values)]


def _auroc(scores: NDArray[Any], bad: NDArray[np.bool_], rows: NDArray[np.int64]) -> float:
    positive = bad[rows]
    if positive.all() or not positive.any():
        return float("nan")
    return Auc(scores[rows], positive).mean


def _histograms(maps: Sequence[NDArray[Any]], truth: Sequence[Part]) -> NDArray[np.int64]:
    """How many defective (row 0) and other pixels (row 1) of each picture have each level, (N, 2, BINS)."""
    some = np.concatenate([one.ravel()[:: max(1, one.size // 500)] for one in maps])
    edges = np.unique(np.quantile(some, np.linspace(0, 1, BINS)))[1:]
    found = np.zeros((len(maps), 2, BINS), np.int64)
    for i, (one, part) in enumerate(zip(maps, truth, strict=True)):
        if part.where is not None:
            level = np.searchsorted(edges, one, side="right")
            for row, where in enumerate((part.where, ~part.where)):
                found[i, row] = np.bincount(level[where], minlength=BINS)
    return found


def _area(counts: NDArray[np.int64]) -> float:
    """The area under the curve of counts (2, levels); an equal level counts half."""
    yes, no = counts.astype(np.float64)
    if not yes.sum() or not no.sum():
        return float("nan")
    below = np.cumsum(no) - no / 2
    return float((yes * below).sum() / (yes.sum() * no.sum()))
