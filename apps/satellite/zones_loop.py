"""Drive Recon on the hours that a network expects of the land it sees, also beneath clouds."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from agents.loops.closed_loop import ClosedLoop
from apps.satellite import lands
from envs.engine import palette
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from envs.recon import DOWN, HOURS, LEFT, PARAMS, RIGHT, UP
from envs.scenes.recon import FIRE, GRASS, ROAD, SIDE
from envs.scenes.recon_picture import UNITS, place
from sandbox.errors import UserError
from sandbox.metrics.route import Cell

ACTIONS = {(-1, 0): UP, (0, 1): RIGHT, (1, 0): DOWN, (0, -1): LEFT}
CENTRE = slice(lands.CELL // 2 - 1, lands.CELL // 2 + 1)
"""Pixels in the middle of a square, whose ground is the square's; a road passes through it."""
AROUND = slice(lands.CELL // 4, lands.CELL - lands.CELL // 4)
"""Pixels beside a road, which say whether it is on fire."""
LEAST = 1e-3
DOT = 4.0
"""Radius of the dot on a square that takes long, at most, in units of the environment's picture."""


@dataclass
class Outlook:
    """What a network expects of a land.

    Attributes:
        hours: that each square takes.
        way: squares, row and column, that are to be entered; None before it is planned.
    """

    hours: Float[np.ndarray, "R C"]
    way: Int[np.ndarray, "N 2"] | None = None


class Route(ClosedLoop):
    """The quickest way on the map that the network makes, planned anew at every step."""

    environment: ClassVar[str] = "recon"
    counts: ClassVar[Mapping[str, str]] = {"hours": "hours", "burns": "times through fire"}

    def own(self, obs: Any) -> tuple[int, int]:
        """The squares of the vehicle and of the goal: it knows where it is, and where it is to go."""
        return int(obs[:, :, 3].argmax()), int(obs[:, :, 4].argmax())

    def size(self, predictor: Any) -> tuple[int, int]:
        """All of the environment's picture.

        Raises:
            UserError: the network learned from other pictures, and knows other classes.
        """
        if tuple(predictor.output.classes) != lands.CLASSES:
            raise UserError("Only a network that learned from made lands can plan a way through Recon's.")
        return lands.SIZE

    def answers(self, predictor: Any, pictures: NDArray[Any]) -> list[Outlook]:
        """The hours that each square is expected to take."""
        photos = [lands.map_of(picture) for picture in pictures]
        return [Outlook(expected_hours(lands.probabilities(predictor, photo))) for photo in photos]

    def act(self, answer: Outlook, own: tuple[int, int], memory: Any) -> tuple[int, Any]:
        """A step along the quickest way."""
        here, goal = (divmod(square, SIDE) for square in own)
        answer.way = quickest(answer.hours, here, goal)
        row, column = answer.way[1] - answer.way[0]
        return ACTIONS[int(row), int(column)], None

    def draw(self, answer: Outlook, camera: Camera, canvas: Canvas) -> None:
        """A dot on each square, the larger and the redder the longer it is expected to take; and the way."""
        for square, hours in enumerate(answer.hours.ravel().tolist()):
            share = min(1.0, hours / lands.TAKES["fire"])
            canvas.circle(*place(square), DOT * share**0.5, palette.blend("model", "danger", share))
        if answer.way is not None:
            middles = [place(row * SIDE + column) for row, column in answer.way.tolist()]
            for one, other in pairwise(middles):
                canvas.line(*one, *other, "model", UNITS / 8)


def expected_hours(shares: Float[np.ndarray, "K H W"]) -> Float[np.ndarray, "R C"]:
    """Hours that each square takes by Recon's rules, expected under the probabilities of its pixels."""
    cells = shares.reshape(len(shares), SIDE, lands.CELL, SIDE, lands.CELL)
    centre, around = (cells[:, :, part][..., part].mean((2, 4)) for part in (CENTRE, AROUND))
    beside = around[FIRE] / np.maximum(1 - around[ROAD], LEAST)
    burns = centre[FIRE] + centre[ROAD] * beside
    # What burns is taken for grass; forest would be an hour more.
    hours = np.tensordot(HOURS, centre[:FIRE], 1) + HOURS[GRASS] * centre[FIRE]
    return np.maximum(LEAST, hours + PARAMS["fire_hours"].default * burns)


def quickest(hours: Float[np.ndarray, "R C"], start: Cell, goal: Cell) -> Int[np.ndarray, "N 2"]:
    """The way along rows and columns whose squares take the fewest hours, start and goal included."""
    from skimage.graph import MCP

    paths = MCP(hours, fully_connected=False)
    paths.find_costs([start], [goal])
    return np.array(paths.traceback(goal))


LOOP = Route()
