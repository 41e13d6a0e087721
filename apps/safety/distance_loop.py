"""Set the robot's speed in Work cell by the people that a network sees.

The network says where people are; where the hand is and how fast, the robot knows by itself. How fast the
hand may move at a distance is decided by the environment's own rule (ISO/TS 15066), so that the network and
the true state differ by nothing but what is seen. Somebody whom the network loses from sight is believed to
be there for another 0.6 s, and to come nearer meanwhile. Two people who walk close together look like one
from above; so who is lost right beside somebody else is believed to walk on with him, for longer.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.loops.closed_loop import ClosedLoop
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from envs.scenes.work_cell import BODY, CLASSES, DT, HAND, hand_x, hand_y
from envs.work_cell import HUMAN_SPEED, separation_monitoring
from sandbox.errors import UserError
from sandbox.tasks.outputs.following import LOST, SAME, follow
from sandbox.tasks.outputs.separation import DANGER, NOBODY, SAFE, Separation

SEEN = Separation(CLASSES, threshold=0.5)
"""How boxes are told as metres, and whom `follow` believes."""
PERSON = CLASSES.index("person")
NUMBERS, OWN, GAP = 57, slice(48, 55), 55
"""Of an observation: how many, which the robot knows of itself, and the one that the rule decides by."""
HIDDEN = round(LOST / DT)
"""Steps for which somebody is believed to be there without being seen."""
TOGETHER = 60
"""The same of who was lost right beside somebody who is seen: both may stand there for seconds."""
UNSURE = 0.02
"""Metres by which somebody may be nearer than he is seen, about a standard deviation of somebody alone."""
SPREAD = 0.15
"""The same of two who are seen as one: what is seen may be the one who is farther away."""


class SetSpeed(ClosedLoop):
    """The level of speed that the rule allows at the distance that is seen."""

    environment: ClassVar[str] = "work_cell"
    counts: ClassVar[Mapping[str, str]] = {
        "injuries": "injuries",
        "near_misses": "near misses",
        "cycles": "work cycles",
    }
    spoils: ClassVar[Sequence[str]] = ("fog", "night", "blur", "noise")

    def size(self, predictor: Any) -> tuple[int, int]:
        """As the predictor takes them.

        Raises:
            UserError: it learned other classes.
        """
        if tuple(predictor.output.classes) != CLASSES:
            raise UserError("This network learned from other pictures than those of Work cell.")
        return super().size(predictor)

    def own(self, obs: Any) -> Any:
        """Where the hand is, its way and speed, what it may do at most, and the gripper's time."""
        return np.array(obs[OWN])

    def act(self, answer: Any, own: Any, memory: Any) -> tuple[Any, Any]:
        """The rule's level; what is remembered are the people of `follow`."""
        phase = float(np.arctan2(own[1], -own[0]))
        hand = np.array([hand_x(phase), hand_y(phase)])
        followed = follow(*SEEN.candidates(answer), memory, threshold=SEEN.threshold, steps=TOGETHER)
        people, nearer = believed(followed)
        gaps = np.hypot(*(people[:, :2] - hand).T) - HAND - BODY - nearer
        obs = np.zeros(NUMBERS, np.float32)
        obs[OWN] = own
        obs[GAP] = np.clip(0.1 * gaps.min(initial=NOBODY), 0, 1)
        return separation_monitoring(obs, None), people

    def draw(self, answer: Any, camera: Camera, canvas: Canvas) -> None:
        """Boxes around the people that are told, and how far they are; red is an alarm."""
        told = answer.told(SEEN.threshold)
        people = np.asarray(told.kinds) == PERSON
        boxes = camera.units(np.asarray(told.boxes, np.float64).reshape(-1, 2, 2))[people]
        for ((left, top), (right, bottom)), away in zip(boxes, SEEN.distances(answer), strict=True):
            color = DANGER if away < SEEN.alarm else SAFE
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
                canvas.line(float(x1), float(y1), float(x2), float(y2), color, 2)
            canvas.text(float(left + right) / 2, float(top) - 10, f"{away:z.1f} m", 13, color, "center")


def believed(followed: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Who is there: those who are seen, and those who may be hidden by the arm or by somebody else.

    Args:
        followed: (n, 3), see `follow`.

    Returns:
        People (k, 3) likewise, who was lost beside somebody at that one's place; and by how many metres each
        may be nearer to anything than that place is, (k,).
    """
    people, seen = followed.copy(), followed[:, 2] == 0
    nearer = UNSURE + HUMAN_SPEED * DT * followed[:, 2]  # who is not seen may walk there
    kept = followed[:, 2] <= HIDDEN
    if seen.any():
        apart = np.hypot(*(followed[:, None, :2] - followed[None, seen, :2]).transpose(2, 0, 1))
        beside = ~seen & (apart.min(1) < SAME)
        people[beside, :2] = followed[seen, :2][apart.argmin(1)[beside]]
        nearer[beside], kept[beside] = SPREAD, True
    return people[kept], nearer[kept]


LOOP = SetSpeed()
