"""Find objects by sliding the mean picture of each class over the picture, at several sizes.

A template is the mean of a class's grey training crops. Those of light objects on dark ground count negative,
and so does a match. How well it fits at a place is the normalised correlation (Lewis 1995), 1 at best.
"""

from dataclasses import replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.baselines.components import photos
from sandbox.blocks.centernet import suppressed
from sandbox.metrics.detection import best_threshold, matches
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.boxes import Boxes, Detections, detections
from sandbox.tasks.split import Examples

LEARNED = 120
"""Training pictures whose objects make the templates."""
SIDE = 24
"""Side of a template before it is scaled."""
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""The sizes that are tried: quantiles of the sizes of a class."""
LEAST = 0.35
"""Correlation of an answer."""
MOST = 40
"""Peaks of one template."""
OVERLAP = 0.4
CALIBRATED = 40
"""Training pictures by which the correlation is chosen from which on an object is told."""


class TemplateMatching:
    """Normalised correlation with mean pictures.

    Args:
        train: pictures (N, 3, H, W) and boxes (N, M, 5).
        input: what it is asked about.
        output: the names of the classes.
    """

    def __init__(self, train: Examples[Any, Any], input: Input, output: Boxes) -> None:
        self.train, self.input, self._told = train.some(LEARNED), input, output

    @cached_property
    def output(self) -> Boxes:
        """Told is what correlates so well that F1 is best on the training pictures."""
        some = self.train.some(CALIBRATED)
        found = matches(self.predict(some.inputs), some.targets, len(self._told.classes))
        return replace(self._told, threshold=best_threshold(found))

    @cached_property
    def templates(self) -> list[tuple[int, NDArray[np.float32]]]:
        """Class and template, of each size."""
        crops: dict[int, list[NDArray[np.float32]]] = {}
        sizes: dict[int, list[tuple[float, float]]] = {}
        for picture, truth in zip(_grey(self.train.inputs), np.asarray(self.train.targets), strict=True):
            for left, top, right, bottom, kind in truth[truth[:, 4] >= 0]:
                crop = picture[int(top) : round(bottom), int(left) : round(right)]
                if min(crop.shape) >= 3:
                    scaled = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
                    crops.setdefault(int(kind), []).append(_normal(np.asarray(scaled, np.float32)))
                    sizes.setdefault(int(kind), []).append((bottom - top, right - left))
        found = []
        for kind, each in crops.items():
            mean = _mean(np.stack(each))
            for share in SHARES:
                height, width = (max(4, round(side)) for side in np.quantile(sizes[kind], share, axis=0))
                found.append((kind, cv2.resize(mean, (width, height), interpolation=cv2.INTER_AREA)))
        return found

    def predict(self, inputs: Any) -> list[Detections]:
        """What is found in pictures (N, 3, H, W); a score is the correlation."""
        return [
            detections(inputs, picture, *self._found(grey))
            for picture, grey in zip(np.asarray(inputs, np.float32), _grey(inputs), strict=True)
        ]

    def _found(self, grey: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        rows: list[Any] = []
        for kind, template in self.templates:
            height, width = template.shape
            if height >= grey.shape[0] or width >= grey.shape[1]:
                continue
            fit = np.abs(cv2.matchTemplate(grey, template, cv2.TM_CCOEFF_NORMED))
            peak = (cv2.dilate(fit, np.ones((3, 3))) == fit) & (fit >= LEAST)
            tops, lefts = np.nonzero(peak)
            best = np.argsort(-fit[tops, lefts])[:MOST]
            for top, left in zip(tops[best], lefts[best], strict=True):
                rows.append((left, top, left + width, top + height, kind, fit[top, left]))
        table = np.array(rows, np.float32).reshape(-1, 6)
        table = table[np.argsort(-table[:, 5], kind="stable")][: 10 * MOST]
        whole = torch.from_numpy(table)[None]
        kept = ~suppressed(whole[..., :4], whole[..., 4], OVERLAP)[0].numpy() if len(table) else slice(None)
        table = table[kept]
        return table[:, :4], table[:, 4].astype(int), table[:, 5].clip(0, 1)


def _grey(inputs: Any) -> list[NDArray[np.float32]]:
    return [np.asarray(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY)) for each in photos(inputs)]


def _normal(crop: NDArray[np.float32]) -> NDArray[np.float32]:
    return (crop - crop.mean()) / max(1e-4, float(crop.std()))


def _mean(crops: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of crops (N, S, S), each with the sign that fits the others: light or dark on its ground."""
    signs = np.ones(len(crops), np.float32)
    for _ in range(5):
        mean = (signs[:, None, None] * crops).mean(0)
        signs = np.where((crops * mean).sum((1, 2)) < 0, -1, 1).astype(np.float32)
    return np.asarray((signs[:, None, None] * crops).mean(0), np.float32)
