"""Find objects without learning to: what differs from the ground, cut apart, and named by its neighbours.

On an even ground two thresholds (Otsu 1979, for three levels) say what differs from it a little and much, and
a watershed over the distance to the edge cuts touching objects apart (Meyer 1994). In photos the pieces are
those that hardly change with the threshold (MSER, Matas et al. 2002). A piece gets the class of the most
similar pieces of the training pictures, which may be *no object*.
"""

from functools import cached_property
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.blocks.centernet import suppressed
from sandbox.metrics.detection import overlaps
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.boxes import Boxes, Detections, detections
from sandbox.tasks.split import Examples

LEARNED = 200
"""Training pictures whose pieces are remembered."""
NEIGHBOURS = 5
MOST = 200
"""Pieces of a picture that are told."""
LEAST_SIDE = 4
"""Pixels of the shorter side of a piece."""
OVERLAP = 0.5
"""Intersection over union above which two pieces of a class are one."""
Box = tuple[float, float, float, float]
Piece = tuple[Box, NDArray[np.float32]]
"""Where it lies, and what describes it."""
PATCH = 8
"""Side to which a piece is scaled to be compared."""


class Components:
    """Connected components with a nearest neighbour.

    Args:
        train: pictures (N, 3, H, W) and boxes (N, M, 5).
        input: what it is asked about.
        output: the names of the classes.
        local: whether the ground is a photo and not one even colour.
    """

    def __init__(
        self, train: Examples[Any, Any], input: Input, output: Boxes, *, local: bool = False
    ) -> None:
        self.train, self.input, self.output, self.local = train.some(LEARNED), input, output, local

    @cached_property
    def known(self) -> tuple[Any, NDArray[np.int64]]:
        """Pieces of the training pictures, ready to be searched, and their classes; -1 for no object."""
        from sklearn.neighbors import NearestNeighbors

        features, kinds = [], []
        for picture, truth in zip(photos(self.train.inputs), np.asarray(self.train.targets), strict=True):
            boxes, found = self._pieces(picture)
            fits = overlaps(boxes, truth[:, :4]) * (truth[:, 4] >= 0)
            best = fits.argmax(1)
            kinds.append(np.where(fits.max(1, initial=0) >= 0.5, truth[best, 4], -1))
            features.append(found)
        table = np.concatenate(features)
        if not len(table):
            table, kinds = np.zeros((1, features[0].shape[1]), np.float32), [np.array([-1])]
        search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(table))).fit(table)
        return search, np.concatenate(kinds).astype(int)

    def predict(self, inputs: Any) -> list[Detections]:
        """What is found in pictures (N, 3, H, W); a score is the share of neighbours that agree."""
        search, known = self.known
        answers = []
        for picture in photos(inputs):
            boxes, features = self._pieces(picture)
            kinds, scores = np.zeros(0, int), np.zeros(0, np.float32)
            if len(boxes):
                far, rows = search.kneighbors(features)
                votes = np.zeros((len(boxes), len(self.output.classes) + 1))
                # Nearer ones count more, so that ties are rare.
                np.add.at(votes, (np.arange(len(boxes))[:, None], known[rows]), 1 / (1 + far))
                shares = (votes / votes.sum(1, keepdims=True))[:, :-1]
                kinds, scores = shares.argmax(1), shares.max(1).astype(np.float32)
            order = np.argsort(-scores, kind="stable")
            order = order[scores[order] > 0][:MOST]
            whole, named = (torch.from_numpy(part[order])[None] for part in (boxes, kinds))
            order = order[~suppressed(whole, named, OVERLAP)[0].numpy()]
            answers.append(
                detections(inputs, picture.transpose(2, 0, 1), boxes[order], kinds[order], scores[order])
            )
        return answers

    def _pieces(self, picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Boxes (D, 4) of what differs from the ground, and what describes each, (D, F)."""
        found = _stable(picture) if self.local else _levels(picture)
        boxes, features = [each for each, _ in found], [each for _, each in found]
        size = PATCH * PATCH * (1 if self.local else 3) + 2
        return (
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(features, np.float32).reshape(len(boxes), size),
        )


def _stable(picture: NDArray[np.float32]) -> list[Piece]:
    """Pieces that hardly change with the threshold, in grey and each colour, described by their shape."""
    pixels = np.round(255 * picture).astype(np.uint8)
    most = picture.shape[0] * picture.shape[1] // 10
    search = cv2.MSER_create(delta=3, min_area=30, max_area=most)  # pyright: ignore[reportAttributeAccessIssue]
    found: list[Piece] = []
    for values in (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), *cv2.split(pixels)):
        regions, places = search.detectRegions(values)
        for points, (left, top, width, height) in zip(regions, places, strict=True):
            if min(width, height) < LEAST_SIDE:
                continue
            mask = np.zeros((height, width), np.float32)
            mask[points[:, 1] - top, points[:, 0] - left] = 1
            box = (float(left), float(top), float(left + width), float(top + height))
            found.append((box, _described(mask, box, max(width, height))))
    return found


def _levels(picture: NDArray[np.float32]) -> list[Piece]:
    """Pieces that differ from the ground a little, and those that differ much, described by their colours."""
    from skimage.filters import threshold_multiotsu

    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    bright = lab[lab[..., 0] >= np.quantile(lab[..., 0], 0.7)]  # light shines through where nothing is
    apart = np.linalg.norm(lab - np.median(bright, axis=0), axis=2)
    grey = cv2.medianBlur(np.asarray(255 * apart / max(1e-6, float(apart.max())), np.uint8), 3)
    try:
        levels = threshold_multiotsu(grey, 3)
    except ValueError:  # fewer than three shades
        return []
    small, longer = np.asarray(lab / 100, np.float32), max(lab.shape[:2]) / 20
    found: list[Piece] = []
    for level in levels:
        for box in _cut(_filled(np.asarray(255 * (grey > level), np.uint8))):
            left, top, right, bottom = (int(side) for side in box)
            found.append((box, _described(small[top:bottom, left:right], box, longer)))
    return found


def photos(inputs: Any) -> NDArray[np.float32]:
    """Pictures (N, H, W, 3), as OpenCV takes them."""
    return np.ascontiguousarray(np.asarray(inputs, np.float32).transpose(0, 2, 3, 1))


def _filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without holes: a red cell is pale in its middle."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return np.asarray(cv2.drawContours(np.zeros_like(mask), outlines, -1, 255, cv2.FILLED), np.uint8)


def _cut(mask: NDArray[np.uint8]) -> list[Box]:
    """Boxes of the pieces of a mask, those that touch cut apart where they are thin."""
    from skimage.feature import peak_local_max
    from skimage.measure import regionprops
    from skimage.segmentation import watershed

    depth = cv2.GaussianBlur(cv2.distanceTransform(mask, cv2.DIST_L2, 3), (0, 0), 2.0)
    tops = peak_local_max(depth, min_distance=5, threshold_abs=1.0, exclude_border=False)
    seeds = np.zeros(mask.shape, np.int32)
    seeds[tuple(tops.T)] = np.arange(1, len(tops) + 1)
    boxes = [each.bbox for each in regionprops(watershed(-depth, seeds, mask=mask > 0))]
    return [
        (float(left), float(top), float(right), float(bottom))
        for top, left, bottom, right in boxes
        if min(bottom - top, right - left) >= LEAST_SIDE
    ]


def _described(patch: NDArray[np.float32], box: Box, unit: float) -> NDArray[np.float32]:
    """A piece as a small patch, and its height and width in some unit."""
    scaled = cv2.resize(patch, (PATCH, PATCH), interpolation=cv2.INTER_AREA)
    sides = np.array([box[3] - box[1], box[2] - box[0]], np.float32) / np.float32(unit)
    return np.append(np.asarray(scaled, np.float32).ravel(), sides)
