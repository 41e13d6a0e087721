"""Figures of maps that say where a part is strange: pictures, pixels, and each kind of defect."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.good_parts import GOOD, Part
from sandbox.metrics.anomaly import anomaly_scores, members, over_groups
from sandbox.metrics.scores import PerExample, Scores

ALARM = 1.0
"""From here on a pixel, and so its picture, is an alarm."""
BINS = 512
"""Levels into which values of pixels are sorted: the area under their curve is exact but for ties in one."""


def strangeness_scores(maps: Sequence[NDArray[Any]], truth: Sequence[Part]) -> dict[str, Scores]:
    """What maps of strangeness are judged by.

    Pictures of the same part are drawn together for an interval, as they are no independent examples.

    Args:
        maps: (H, W) of each picture, which is as strange as its strangest pixel.
        truth: what is known of each.

    Returns:
        Those of `anomaly_scores` over pictures; `pixel_auroc` over the pixels of those whose defect is
        marked, if there are good and bad pictures; and the share found by kind, such as `found_scratch`.
    """
    scores = np.array([float(one.max()) for one in maps])
    kinds = np.array([part.kind for part in truth])
    places = np.array([part.place for part in truth])
    bad = kinds != GOOD
    found = anomaly_scores(scores, bad, ALARM, places)
    if bad.any() and not bad.all() and (pixels := _histograms(maps, truth))[:, 0].any():
        found["pixel_auroc"] = over_groups(members(places), lambda rows: _area(pixels[rows].sum(0)))
    for kind in sorted(set(kinds[bad].tolist())):
        found[f"found_{kind.replace(' ', '_')}"] = PerExample((scores[kinds == kind] >= ALARM).astype(float))
    return found


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
