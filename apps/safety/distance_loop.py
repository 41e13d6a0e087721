"""Set the robot's speed in Work cell by the people that a network sees.

The network says where people are; where the hand is and how fast, the robot knows by itself. How fast the
hand may move at a distance is decided by the environment's own rule (ISO/TS 15066), so that the network and
the true state differ by nothing but what is seen. Somebody whom the network loses from sight is believed to
be there for another 0.6 s, and to come nearer meanwhile.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from agents.loops.closed_loop import ClosedLoop
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from envs.scenes.work_cell import BODY, CLASSES, DT, HAND, hand_x, hand_y
from envs.work_cell import HUMAN_SPEED, separation_monitoring
from sandbox.errors import UserError
from sandbox.tasks.outputs.following import LOST, follow
from sandbox.tasks.outputs.separation import DANGER, NOBODY, SAFE, Separation

SEEN = Separation(CLASSES, threshold=0.5)
"""How boxes are told as metres, and whom `follow` believes."""
PERSON = CLASSES.index("person")
NUMBERS, OWN, GAP = 57, slice(48, 55), 55
"""Of an observation: how many, which the robot knows of itself, and the one that the rule decides by."""
HIDDEN = round(LOST / DT)
"""Steps for which somebody who was near is believed to be there without being seen."""
UNSURE = 0.05
"""Metres by which what is seen may be off."""
NEAR = 3.0
"""Metres from the hand within which somebody who is lost from sight is still reckoned with."""


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
        followed = follow(*SEEN.candidates(answer), memory, threshold=SEEN.threshold, steps=HIDDEN)
        people = believed(followed, hand)
        # Who was last seen some steps ago may have come as much nearer as a person walks.
        walked = HUMAN_SPEED * DT * people[:, 2]
        gaps = np.hypot(*(people[:, :2] - hand).T) - HAND - BODY - UNSURE - walked
        obs = np.zeros(NUMBERS, np.float32)
        obs[OWN] = own
        obs[GAP] = np.clip(0.1 * gaps.min(initial=NOBODY), 0, 1)
        return separation_monitoring(obs, None), followed

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


def believed(followed: np.ndarray, hand: np.ndarray) -> np.ndarray:
    """People who are seen, and those who were near the hand a moment ago and may be hidden by the arm.

    Args:
        followed: (k, 3), see `follow`.
        hand: (2,) in metres.

    Returns:
        Those of its rows.
    """
    near = np.hypot(*(followed[:, :2] - hand).T) - HAND - BODY < NEAR
    return followed[near | (followed[:, 2] == 0)]


LOOP = SetSpeed()
