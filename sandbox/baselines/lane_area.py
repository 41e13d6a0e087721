"""Road and own lane without learning: what is of the asphalt's colour, and what lies between two lines."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data import road_view
from sandbox.tasks.outputs.steering import GROUND

NEAR, FAR = 2.0, 40.0
"""Metres ahead between which a lane is drawn."""
ALIKE = 0.09
"""Distance of colours, of 1, up to which a pixel is taken for asphalt."""
GAP = 3
"""Pixels of the side of holes in the asphalt that are taken for painted lines."""


def ground_of(picture: NDArray[Any], sides: Sequence[tuple[float, float] | None]) -> NDArray[np.uint8]:
    """What each pixel is, (H, W), a class of `GROUND`.

    Args:
        picture: (3, H, W) in [0, 1].
        sides: the line to the left and to the right of the own lane: metres to the left of the camera, and
            how many more in each metre ahead; None where none is found, and the lane is as wide as usual.
    """
    size = (picture.shape[1], picture.shape[2])
    road = _asphalt(np.asarray(picture, np.float32))
    found = road.astype(np.uint8) * GROUND.index("road")
    lane = np.zeros(size, np.uint8)
    left, right = sides
    if right is not None:
        left = left or (right[0] + road_view.LANE, right[1])
    if left is not None:
        right = right or (left[0] - road_view.LANE, left[1])
    if left is not None and right is not None:
        ahead = np.array([NEAR, FAR])
        edges = [road_view.pixels(ahead, side[0] + side[1] * ahead, size) for side in (left, right)]
        corners = np.concatenate([edges[0], edges[1][::-1]]).clip(-5_000, 5_000)
        cv2.fillPoly(lane, [np.round(corners).astype(np.int32)], (1,))
    found[(lane > 0) & road] = GROUND.index("lane")
    return found


def _asphalt(picture: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels below the horizon that hang together and have the colour of the ground right ahead."""
    _, height, width = picture.shape
    ahead = picture[:, round(0.85 * height) :, round(0.4 * width) : round(0.6 * width)]
    colour = np.median(ahead.reshape(3, -1), axis=1)
    alike = np.linalg.norm(picture - colour[:, None, None], axis=0) < ALIKE
    alike[: round(road_view.HORIZON * height)] = False
    closed = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((GAP, GAP), np.uint8))
    _, parts = cv2.connectedComponents(closed)
    here = parts[round(0.85 * height) :, round(0.4 * width) : round(0.6 * width)]
    here = here[here > 0]
    return parts == np.bincount(here).argmax() if here.size else np.zeros((height, width), np.bool_)
