"""Lane lines without learning: edges, straight lines through them, and a car that follows their middle.

Edges by Canny (1986), line segments by the probabilistic Hough transform (Matas, Galambos & Kittler 2000),
put on the ground as if the road were flat. Of those that run along the road, the ones between half a metre
and a lane away are the lines of the own lane. Pure pursuit (Coulter 1992) steers for the middle between them.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data import road_view
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.steering import Steering

LARGE = 384
"""Pixels of the width to which pictures are enlarged: thin lines have two edges then."""
NEAR, AIM, FAR = 6.0, 11.0, 25.0
"""Metres ahead where lines are told apart, for which the car steers, and beyond which no line counts."""
STEEPEST = 0.5
"""How many metres to the side a line of the lane may go in a metre ahead."""


class HoughPursuit:
    """Follows the lines of its lane at one speed; it knows no other cars.

    Args:
        speed: in m/s.
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, speed: float, input: Input, output: Steering) -> None:
        self.speed, self.input, self.output = speed, input, output

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Answers (N, 2) for pictures (N, 3, H, W) in [0, 1]."""
        return np.array([(self._angle(np.asarray(one)), self.speed) for one in inputs], np.float32).reshape(
            -1, 2
        )

    def _angle(self, picture: NDArray[Any]) -> float:
        found = lines(picture)
        near = found[:, 0] + NEAR * found[:, 1]
        there = found[:, 0] + AIM * found[:, 1]
        sides = []
        for sign in (1, -1):
            own = (sign * near > 0.5) & (sign * near < road_view.LANE)
            if own.any():
                sides.append(_weighted_median(there[own], found[own, 2]) - sign * road_view.LANE / 2)
        return road_view.angle_to(AIM, float(np.mean(sides))) if sides else 0.0


def lines(picture: NDArray[Any]) -> NDArray[np.float64]:
    """Line segments on the ground that run along the road.

    Args:
        picture: (3, H, W) in [0, 1].

    Returns:
        (N, 3): metres to the left of the camera, how many more in each metre ahead, and the length in metres.
    """
    pixels = np.round(255 * np.clip(picture.transpose(1, 2, 0), 0, 1)).astype(np.uint8)
    size = round(LARGE * pixels.shape[0] / pixels.shape[1]), LARGE
    grey = cv2.resize(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), size[::-1])
    edges = cv2.Canny(grey, 40, 100)
    far = road_view.pixels(np.array(FAR), np.array(0.0), size)[1]
    edges[: round(float(far))] = 0
    found = cv2.HoughLinesP(edges, 1, np.pi / 180, 20, minLineLength=14, maxLineGap=6)
    if found is None:
        return np.zeros((0, 3))
    ends = road_view.ground(np.asarray(found, np.float64).reshape(-1, 2, 2), size)
    step = ends[:, 1] - ends[:, 0]
    along = np.abs(step[:, 1]) < STEEPEST * np.abs(step[:, 0])
    ends, step = ends[along], step[along]
    slope = step[:, 1] / step[:, 0]
    return np.stack([ends[:, 0, 1] - slope * ends[:, 0, 0], slope, np.hypot(*step.T)], axis=1)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


class SameEverywhere:
    """Answers the same to every picture.

    Args:
        answer: (2,).
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, answer: Any, input: Input, output: Steering) -> None:
        self.answer, self.input, self.output = np.asarray(answer, np.float32), input, output

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Answers (N, 2)."""
        return np.broadcast_to(self.answer, (len(inputs), *self.answer.shape)).copy()
