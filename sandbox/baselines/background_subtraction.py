"""Find people as what differs from an empty picture of the same place, and the machine by its colour.

The picture of the empty place is scaled to the light of the picture at hand, channel by channel. What
differs by more than a threshold and is no shadow is cleaned of single pixels and cut into blobs (Piccardi,
2004, reviews the method). The largest patch of the machine's colour is the machine; its tip is the place
farthest from its foot.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.inputs.scene import Scene
from sandbox.tasks.outputs.boxes import Detections, detections
from sandbox.tasks.outputs.separation import Separation

DIFFERENT = 0.13
"""Difference of a channel, of 1."""
ORANGE = 0.25
"""By how much a pixel of the machine has more red than blue, and more than its surroundings had."""
DARKEST, GREY = 0.6, 0.12
"""A shadow takes so much of the light at most, and the colours alike."""
LEAST = 0.08
"""Area of a person, in square metres."""


class BackgroundSubtraction:
    """Blobs that differ from an empty picture.

    Args:
        empty: pictures (K, 3, H, W) of each place without people; the most similar one is taken.
        foot: x and y of the machine's foot, in pixels.
        tip: radius of the machine's tip, in metres.
        input: what it is asked about.
        output: classes, and how metres are told.
    """

    def __init__(
        self, empty: Any, foot: Sequence[float], tip: float, input: Scene, output: Separation
    ) -> None:
        self.empty = np.asarray(empty, np.float32)
        self.foot, self.tip, self.input, self.output = np.asarray(foot, np.float64), tip, input, output
        self._small = self.empty[:, :, ::8, ::8]

    def predict(self, inputs: Any) -> list[Detections]:
        """What is found in pictures (N, 3, H, W)."""
        pixels = np.asarray(self.input.encoded(inputs), np.float32)
        return [detections(inputs, picture, *self._found(picture)) for picture in pixels]

    def _found(self, picture: NDArray[np.float32]) -> tuple[Any, Any, Any]:
        before = self._before(picture)
        changed = picture - before
        orange = (picture[0] - picture[2] > ORANGE) & (changed[0] - changed[2] > ORANGE / 2)
        machine = cv2.dilate(orange.astype(np.uint8), np.ones((3, 3), np.uint8))
        count, patches, stats, _ = cv2.connectedComponentsWithStats(machine, connectivity=8)
        machine = (
            (patches == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()).astype(np.uint8) if count > 1 else machine
        )
        y, x = np.nonzero(orange & (machine > 0))
        scale = picture.shape[2] / self.output.metres
        r, far = self.tip * scale, 0
        if len(x):
            far = int(np.hypot(x - self.foot[0], y - self.foot[1]).argmax())
            cv2.circle(machine, (int(x[far]), int(y[far])), round(r), 1, -1)
        share = picture / np.maximum(before, 0.02)
        shadow = (share.max(0) < 1) & (share.min(0) > DARKEST) & (np.ptp(share, 0) < GREY)
        different = (np.abs(changed).max(0) > DIFFERENT) & ~shadow
        moved = different.astype(np.uint8) * (1 - machine)
        moved = cv2.morphologyEx(moved, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        boxes, kinds, scores = [], [], []
        count, _, stats, _ = cv2.connectedComponentsWithStats(moved, connectivity=8)
        for left, top, wide, high, area in stats[1:count]:
            if area >= LEAST * scale**2:
                boxes.append((left, top, left + wide, top + high))
                kinds.append(self.output.classes.index(self.output.person))
                scores.append(min(0.95, 0.5 + 0.1 * area / scale))
        if len(x):
            boxes.append((x[far] - r, y[far] - r, x[far] + r, y[far] + r))
            kinds.append(self.output.classes.index(self.output.machine))
            scores.append(0.95)
        order = np.argsort(-np.array(scores), kind="stable")
        found = np.array(boxes, np.float32).reshape(-1, 4)[order]
        return found, np.array(kinds, np.int64)[order], np.array(scores, np.float32)[order]

    def _before(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """The empty picture that is most similar, in the light of this one."""
        small = picture[:, ::8, ::8]
        gains = np.median(small / np.maximum(self._small, 0.02), axis=(2, 3))[:, :, None, None]
        best = int(np.abs(gains * self._small - small).mean((1, 2, 3)).argmin())
        return np.asarray((gains[best] * self.empty[best]).clip(0, 1), np.float32)
