"""Roads of `sandbox/Driving-v0` as a camera behind the windscreen sees them, and what its driver wants."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import envs
from envs.engine.camera import Camera
from envs.engine.core.batch import Batch
from envs.engine.frames import ClassMaps, classes
from envs.scenes.driving_pursuit import MAX_STEERING, aims, drive_at
from sandbox.tasks.outputs.steering import GROUND

HEIGHT, WIDTH = 64, 96
"""Of a frame, in pixels."""
FASTEST = 40.0
"""m/s; what the driver wants is cut to 0 and this."""
WHEEL = float(np.degrees(MAX_STEERING))
"""How far the front wheels turn to either side, in degrees."""


class Roads:
    """Copies of the environment side by side, each on a road of its own, with a camera each.

    What is wanted of a car are two numbers: the angle of its front wheels in degrees, positive to the left,
    and a speed in m/s.

    Args:
        seed: copy `i` plays the episodes of the environment with seed `seed + i`.
        copies: how many, N.
        params: of the environment, where they differ from its defaults.

    Attributes:
        obs: what the hand-written driver is told of each, (N, 49).
        batch: the environments.
    """

    def __init__(self, seed: int, copies: int, params: Mapping[str, Any] | None = None) -> None:
        self.environment = envs.find("driving")
        self.batch = Batch(
            self.environment, copies, params=params, max_episode_steps=self.environment.max_episode_steps
        )
        self.camera = Camera(self.environment, (HEIGHT, WIDTH))
        self._maps = ClassMaps(self.environment, self.camera)
        # Cars and trees are as little road as the meadow is.
        kinds = ["other", *classes(self.environment)]
        self._ground = np.array([GROUND.index(kind) if kind in GROUND else 0 for kind in kinds], np.uint8)
        self.obs = np.zeros((copies, *(self.environment.observation_space.shape or ())), np.float32)
        self.rewards = np.zeros(copies)
        self.terminated, self.truncated = np.zeros(copies, np.bool_), np.zeros(copies, np.bool_)
        self.batch.seed(seed)
        self.batch.reset(self.obs)

    def frames(self) -> NDArray[np.uint8]:
        """What each camera sees, (N, 3, H, W)."""
        seen = np.empty((len(self.obs), 3, HEIGHT, WIDTH), np.uint8)
        for frame, state in zip(seen, self.batch.states, strict=True):
            frame[:] = self.camera.picture(state, self.batch.params).transpose(2, 0, 1)
        return seen

    def ground(self) -> NDArray[np.uint8]:
        """What each pixel of `frames` is, (N, H, W), a class of `GROUND`."""
        return np.stack(
            [self._ground[self._maps.of(state, self.batch.params)] for state in self.batch.states]
        )

    def wanted(self) -> NDArray[Any]:
        """What the hand-written driver wants, who knows the true state: (N, 2)."""
        found = np.array([aims(row) for row in self.obs], np.float32)
        return np.stack([WHEEL * found[:, 0].clip(-1, 1), found[:, 1].clip(0, FASTEST)], axis=1)

    def drive(self, wanted: NDArray[Any]) -> NDArray[np.bool_]:
        """Drive a step of 0.1 s as is wanted, (N, 2); returns whose episode ended."""
        speeds = FASTEST * self.obs[:, 26]
        actions = [
            drive_at(float(angle) / WHEEL, float(speed), float(now))
            for (angle, speed), now in zip(wanted, speeds, strict=True)
        ]
        self.batch.step(np.stack(actions), self.obs, self.rewards, self.terminated, self.truncated)
        return self.terminated | self.truncated
