"""Drive `sandbox/Driving-v0` by what `driving/steer` sees; the speedometer is all the car knows besides."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from agents.loops.closed_loop import ClosedLoop
from apps.driving.roads import FASTEST, WHEEL
from envs.engine.camera import Camera
from envs.engine.canvas import Canvas
from envs.scenes.driving_pursuit import drive_at
from sandbox.corruptions import road
from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.outputs.steering import Steering, marked, way_of

LEFT, TOP, RADIUS = 404.0, 45.0, 25.0
"""Where a steering wheel and words are drawn, in units of the environment's picture."""
TURNS = 15.0
"""By how much more the steering wheel is turned than the front wheels."""
SIGHT, WIDE, HIGH = (12.0, 324.0), 216.0, 144.0
"""Where the camera's picture is drawn with road and lane, and how large, in the same units."""


@dataclass(frozen=True)
class Seen:
    """An answer, and the picture that it is about.

    Attributes:
        answer: of the predictor.
        picture: (3, H, W) in [0, 1].
    """

    answer: Any
    picture: NDArray[Any]


class Steer(ClosedLoop):
    """The network's angle and speed, held by the pedals as the hand-written driver holds its own."""

    environment: ClassVar[str] = "driving"
    counts: ClassVar[Mapping[str, str]] = {
        "progress": "metres",
        "collisions": "collisions",
        "off_road": "off the road",
    }

    @property
    def ways(self) -> Mapping[str, Corruption]:
        """Fog and night by the distance of the road, as on the task's page."""
        return {name: road.CORRUPTIONS[name] for name in self.spoils}

    def own(self, obs: Any) -> float:
        """The speedometer, in m/s."""
        return FASTEST * float(obs[26])

    def answers(self, predictor: Any, pictures: NDArray[Any]) -> list[Seen]:
        """With the pictures, to draw what is seen on them."""
        return [Seen(*one) for one in zip(predictor.predict(pictures), pictures, strict=True)]

    def act(self, answer: Seen, own: Any, memory: Any) -> tuple[Any, Any]:
        """Turn the wheels by the angle; speed up or brake towards the speed."""
        angle, speed = (float(value) for value in way_of(answer.answer))
        return drive_at(angle / WHEEL, speed, own), None

    def draw(self, answer: Seen, camera: Camera, canvas: Canvas) -> None:
        """The camera's picture with road and lane, a steering wheel, and what is wanted in words."""
        ground = getattr(answer.answer, "ground", None)
        if ground is not None:
            pixels = np.round(255 * marked(answer.picture.transpose(1, 2, 0), ground)).astype(np.uint8)
            canvas.rect(SIGHT[0] - 3, SIGHT[1] - 3, WIDE + 6, HIGH + 6, "night", 4)
            canvas.image(np.ascontiguousarray(pixels), *SIGHT, WIDE, HIGH)
        turned = -math.radians(TURNS * float(way_of(answer.answer)[0]))
        canvas.rect(LEFT - 150, TOP - 33, 300, 66, "night", 10)
        canvas.circle(LEFT - 115, TOP, RADIUS, "model")
        canvas.circle(LEFT - 115, TOP, RADIUS - 6, "night")
        for spoke in (0.0, 2.2, -2.2):
            x, y = math.sin(turned + spoke), -math.cos(turned + spoke)
            canvas.line(LEFT - 115, TOP, LEFT - 115 + (RADIUS - 3) * x, TOP + (RADIUS - 3) * y, "model", 5)
        canvas.text(LEFT - 78, TOP, Steering().text(answer.answer), 17, "white")


LOOP = Steer()
