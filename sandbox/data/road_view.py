"""Where things on a flat road are in a picture from a car: a pinhole camera that looks along the road.

A point `ahead` metres in front of the camera, `left` of it and on the ground is seen at

    x = W / 2 - f left / ahead        y = horizon + f height / ahead        f = FOCAL W

The numbers are those of the camera of `sandbox/Driving-v0`. Pictures of other cameras are off by a little.
"""

import numpy as np
from numpy.typing import NDArray

FOCAL = 520 / 720
"""Focal length as a share of the picture's width."""
HORIZON = 205 / 480
"""Row of the horizon as a share of the picture's height."""
EYE = 1.35
"""Metres of the camera above the road."""
WHEELBASE = 2.7
"""Metres between the axles; the camera is in the middle."""
LANE, CAR = 3.6, 1.8
"""Widths in metres."""


def pixels(
    ahead: NDArray[np.float64], left: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float64]:
    """Where points of the ground are in a picture of that height and width, x and y along a last axis."""
    height, width = size
    share = FOCAL * width / np.maximum(ahead, 0.5)
    return np.stack([width / 2 - share * left, HORIZON * height + share * EYE], axis=-1)


def ground(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Where on the ground points (..., 2) of a picture are: metres ahead and to the left.

    Points above the horizon are taken for far away.
    """
    height, width = size
    below = np.maximum(points[..., 1] - HORIZON * height, 0.05)
    ahead = FOCAL * width * EYE / below
    return np.stack([ahead, (width / 2 - points[..., 0]) * ahead / (FOCAL * width)], axis=-1)


def distances(size: tuple[int, int]) -> NDArray[np.float64]:
    """How far away the ground is in each row of a picture, (H,), in metres; inf above the horizon."""
    height, width = size
    below = np.arange(height) + 0.5 - HORIZON * height
    with np.errstate(divide="ignore"):
        return np.where(below > 0, FOCAL * width * EYE / np.maximum(below, 1e-9), np.inf)


def path(angle: float, beyond: float = 40.0) -> NDArray[np.float64]:
    """The way of a car whose front wheels are turned by `angle` degrees: (N, 2) metres ahead and left.

    The middle of the rear axle goes along a circle of curvature tan(angle) / wheelbase.
    """
    bend = np.tan(np.radians(angle)) / WHEELBASE
    way = np.linspace(3.0, beyond, 32)
    turn = np.clip(bend * way, -1.5, 1.5)
    small = np.abs(turn) < 1e-6
    safe = np.where(small, 1.0, turn)
    ahead = way * np.where(small, 1.0, np.sin(safe) / safe)
    left = way * np.where(small, turn / 2, (1 - np.cos(safe)) / safe)
    return np.stack([ahead - WHEELBASE / 2, left], axis=-1)


def angle_to(ahead: float, left: float) -> float:
    """The angle of the front wheels, in degrees, that leads to a point: pure pursuit. Coulter 1992.

    Args:
        ahead: metres in front of the camera.
        left: metres to the left of it.
    """
    x = ahead + WHEELBASE / 2
    return float(np.degrees(np.arctan(WHEELBASE * 2 * left / (x * x + left * left))))
