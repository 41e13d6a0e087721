"""Lane lines without learning: edges, straight lines through them, and a car that follows their middle.

Edges by Canny (1986), line segments by the probabilistic Hough transform (Matas, Galambos & Kittler 2000),
put on the ground as if the road were flat. Of those that run along the road, the ones between half a metre
and a lane away are the lines of the own lane. Pure pursuit (Coulter 1992) steers for the middle between them.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.baselines.lane_area import ground_of
from sandbox.data import road_view
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.steering import Steered, Steering

LARGE = 384
"""Pixels of the width to which pictures are enlarged: thin lines have two edges then."""
NEAR, AIM, FAR = 6.0, 11.0, 25.0
"""Metres ahead where lines are told apart, for which the car steers, and beyond which no line counts."""
STEEPEST = 0.5
"""How many metres to the side a line of the lane may go in a metre ahead."""


class HoughPursuit:
    """Follows the lines of its lane at one speed; it knows no other cars. See `lane_area` for what it marks.

    Args:
        speed: in m/s.
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, speed: float, input: Input, output: Steering) -> None:
        self.speed, self.input, self.output = speed, input, output

    def predict(self, inputs: Any) -> list[Steered]:
        """Answers for pictures (N, 3, H, W) in [0, 1]."""
        return [self._answer(np.asarray(one)) for one in inputs]

    def _answer(self, picture: NDArray[Any]) -> Steered:
        sides = own_lane(lines(picture))
        middles = [
            side[0] + AIM * side[1] - sign * road_view.LANE / 2
            for side, sign in zip(sides, (1, -1), strict=True)
            if side is not None
        ]
        angle = road_view.angle_to(AIM, float(np.mean(middles))) if middles else 0.0
        return Steered(np.array([angle, self.speed], np.float32), ground_of(picture, sides))


def own_lane(found: NDArray[np.float64]) -> list[tuple[float, float] | None]:
    """The line to the left and the one to the right of the own lane, of segments as `lines` gives them.

    Returns:
        Metres to the left of the camera, and how many more in each metre ahead; None where there is no line.
    """
    near = found[:, 0] + NEAR * found[:, 1]
    there = found[:, 0] + AIM * found[:, 1]
    sides: list[tuple[float, float] | None] = []
    for sign in (1, -1):
        own = (sign * near > 0.5) & (sign * near < road_view.LANE)
        if not own.any():
            sides.append(None)
            continue
        at, slope = (_weighted_median(values[own], found[own, 2]) for values in (there, found[:, 1]))
        sides.append((at - AIM * slope, slope))
    return sides


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
        answer: for every picture.
        input: how a picture is read.
        output: what is answered.
    """

    def __init__(self, answer: Steered, input: Input, output: Steering) -> None:
        self.answer, self.input, self.output = answer, input, output

    def predict(self, inputs: Any) -> list[Steered]:
        """The answer, as often as there are pictures."""
        return [self.answer] * len(inputs)
