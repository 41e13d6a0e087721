"""Boxes around people and a machine, how far the nearest person is from it, and whether that is an alarm."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.outputs.boxes import SHOWN, Boxes, Frame, drawn

NOBODY = 99.0
"""Metres, where nobody is seen."""
DANGER, SAFE = "#d0342c", "#2a7a46"
"""Of a person who is too close, and of the others."""


@dataclass(frozen=True)
class Separation(Boxes):
    """An answer is a `Detections`; a distance is told in metres of the ground that a camera looks down on.

    Attributes:
        person: the class of people.
        machine: the class of what they have to keep away from.
        metres: width of the picture.
        reach: metres between the middles of a person and of the machine when they touch.
        alarm: distance below which it is an alarm.
        false_alarms: a minute, that are put up with where alarms are judged.
        zone: left, top, right and bottom as shares of the picture: who stands in it is too close as well.
    """

    person: str = "person"
    machine: str = "gripper"
    metres: float = 12.0
    reach: float = 0.53
    alarm: float = 0.5
    false_alarms: float = 1.0
    zone: tuple[float, float, float, float] | None = None

    def distances(self, answer: Any, threshold: float | None = None) -> NDArray[np.float64]:
        """How far each person that is told is from the machine, the surest one however unsure."""
        told = np.asarray(answer.scores) >= (self.threshold if threshold is None else threshold)
        rows = told | (np.asarray(answer.kinds) == self._kind(self.machine))
        return self.between(answer.boxes[rows], answer.kinds[rows], float(answer.sides[1]))

    def between(self, boxes: Any, kinds: Any, width: float) -> NDArray[np.float64]:
        """The same of boxes (D, 4) of classes (D,), the surest first, in a picture of some width.

        All are 0 if the machine is not seen at all: it may be anywhere.
        """
        kinds = np.asarray(kinds).astype(int)
        middles = self._middles(boxes, width)
        machine = middles[kinds == self._kind(self.machine)]
        return self.apart(middles[kinds == self._kind(self.person)], machine[0] if len(machine) else None)

    def apart(self, people: NDArray[Any], machine: NDArray[Any] | None) -> NDArray[np.float64]:
        """The same of places in metres: of people (n, 2), and of the machine (2,), None if it is not seen."""
        if machine is None:
            return np.zeros(len(people))
        return np.asarray(np.maximum(np.hypot(*(people - machine).T) - self.reach, 0.0))

    def candidates(self, answer: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Places (n, 2) in metres of whatever may be a person, however unsure, and their scores (n,)."""
        rows = np.asarray(answer.kinds) == self._kind(self.person)
        middles = self._middles(answer.boxes, float(answer.sides[1]))
        return middles[rows], np.asarray(answer.scores, np.float64)[rows]

    def machine_at(self, answer: Any) -> NDArray[np.float64] | None:
        """Where the machine is, (2,) in metres, the surest place however unsure; None if there is none."""
        rows = np.flatnonzero(np.asarray(answer.kinds) == self._kind(self.machine))
        middles = self._middles(answer.boxes, float(answer.sides[1]))
        return middles[rows[0]] if len(rows) else None

    def nearest(self, answer: Any) -> float:
        """Metres between the machine and the nearest person; `NOBODY` if there is none."""
        return float(self.distances(answer).min(initial=NOBODY))

    def in_zone(self, answer: Any) -> NDArray[np.bool_]:
        """Which of the people that are told stand in the zone."""
        told = answer.told(self.threshold)
        boxes = np.asarray(told.boxes)[np.asarray(told.kinds) == self._kind(self.person)]
        if self.zone is None or not len(boxes):
            return np.zeros(len(boxes), bool)
        sides = np.asarray(answer.sides, np.float64)[::-1]
        x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2 / sides).T
        left, top, right, bottom = self.zone
        return (x >= left) & (x <= right) & (y >= top) & (y <= bottom)

    def is_alarm(self, answer: Any) -> bool:
        """Whether somebody is too close to the machine, or in the zone."""
        return self.nearest(answer) < self.alarm or bool(self.in_zone(answer).any())

    def text(self, answer: Any) -> str:
        """`3 people, 1 robot, 1 gripper; the nearest 0.4 m away: alarm`."""
        away = self.nearest(answer)
        told = super().text(answer)
        if away < NOBODY:
            told += f"; the nearest {away:.1f} m away"
        return f"{told}: alarm" if self.is_alarm(answer) else told

    def to_json(self, answer: Any) -> dict[str, Any]:
        """As boxes, with the distance of each person in metres and whether it is an alarm."""
        each = self.distances(answer).round(3).tolist()
        return {**super().to_json(answer), "distances": each, "alarm": self.is_alarm(answer)}

    def drawn(self, picture: Any, answer: Any) -> NDArray[np.float32]:
        """The picture with its boxes, and a red frame for an alarm, (H, W, 3) in [0, 1]."""
        return np.asarray(drawn(answer.picture, self._frames(answer), SHOWN), np.float32) / np.float32(255)

    def _frames(self, answer: Any) -> list[Frame]:
        told = answer.told(self.threshold)
        height, width = np.shape(answer.picture)[:2]
        smaller = width / float(answer.sides[1])
        people = np.asarray(told.kinds) == self._kind(self.person)
        close = iter(zip(self.distances(answer), self.in_zone(answer), strict=True))
        frames = []
        for box, kind, person in zip(told.boxes, told.kinds, people, strict=True):
            color, label = "#1f6feb", self.classes[int(kind)]
            if person:
                away, inside = next(close)
                color = DANGER if away < self.alarm or inside else SAFE
                label = f"{away:.1f} m"
            frames.append(Frame((box * smaller).tolist(), color, label))
        if self.zone is not None:
            sides = np.array([width, height] * 2)
            frames.append(Frame((np.array(self.zone) * sides).tolist(), "#c98a00", "zone", dashed=True))
        if self.is_alarm(answer):
            frames.append(Frame((1.0, 1.0, width - 1.5, height - 1.5), DANGER, "alarm"))
        return frames

    def _middles(self, boxes: Any, width: float) -> NDArray[np.float64]:
        """Of boxes (D, 4) in a picture of some width, (D, 2) in metres."""
        boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
        return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2 * (self.metres / width))

    def _kind(self, name: str) -> int:
        return list(self.classes).index(name) if name in self.classes else -2
