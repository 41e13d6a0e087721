"""What vector environments on every device have in common: spaces, metadata, pictures."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from gymnasium.logger import warn
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from envs.engine.core.kernels import DISABLED, NEXT_STEP, SAME_STEP
from envs.engine.environment import Environment
from envs.engine.errors import BadArray, BadParameter
from envs.engine.vector.frame_lists import FrameLists

MODES = {
    AutoresetMode.NEXT_STEP: NEXT_STEP,
    AutoresetMode.SAME_STEP: SAME_STEP,
    AutoresetMode.DISABLED: DISABLED,
}


RENDER_MODES = ("rgb_array", "rgb_array_list")


def draw_each(environment: Environment, states: np.ndarray, params: Any) -> tuple[np.ndarray, ...]:
    """One picture (height, width, 3) uint8 of each state."""
    from envs.engine.canvas import PygameCanvas

    canvas = PygameCanvas(environment.size)
    frames = []
    for state in states:
        environment.draw(state, params, canvas)
        frames.append(canvas.pixels.copy())
    return tuple(frames)


class EngineVectorEnv(VectorEnv):
    """What vector environments on every device have in common: spaces, metadata, pictures."""

    def __init__(
        self,
        environment: str | Environment,
        num_envs: int,
        autoreset_mode: str | AutoresetMode,
        render_mode: str | None,
    ) -> None:
        """Set what Gymnasium wants to know of a vector environment.

        Args:
            environment: the environment or its name.
            num_envs: how many copies.
            autoreset_mode: what happens to finished environments, see `gymnasium.vector.AutoresetMode`.
            render_mode: None, "rgb_array", or "rgb_array_list" for lists of all pictures since the last
                `render`. As in Gymnasium others only warn, and `render` refuses them; but "human" is refused
                at once.

        Raises:
            BadArray: render mode "human".
        """
        if isinstance(environment, str):
            from envs import find

            environment = find(environment)
        if render_mode == "human":
            raise BadArray("A batch cannot be rendered as 'human'; use render_mode='rgb_array'.")
        if render_mode not in (None, *RENDER_MODES):
            warn(
                f"The environment is being initialised with render_mode={render_mode!r} "
                f"that is not in the possible render_modes ({RENDER_MODES})."
            )
        self.environment = environment
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.metadata = {
            "render_modes": list(RENDER_MODES),
            "render_fps": environment.fps,
            "autoreset_mode": AutoresetMode(autoreset_mode),
        }
        # Spaces hold a random generator: each vector environment has its own.
        self.single_observation_space = copy.deepcopy(environment.observation_space)
        self.single_action_space = copy.deepcopy(environment.action_space)
        self.observation_space = batch_space(environment.observation_space, num_envs)
        self.action_space = batch_space(environment.action_space, num_envs)
        self._mode = MODES[self.metadata["autoreset_mode"]]
        self._seeded = False
        listed = render_mode == "rgb_array_list"
        self._frame_lists = FrameLists(num_envs, self._draw) if listed else None

    def render(self) -> tuple[Any, ...] | None:
        """One picture (height, width, 3) uint8 for each environment, or a list of those since the last call.

        Returns:
            None without a render mode.

        Raises:
            BadParameter: there is no such render mode.
        """
        if self.render_mode is None:
            return None
        if self.render_mode not in RENDER_MODES:
            modes = " or ".join(map(repr, RENDER_MODES))
            raise BadParameter(f"render_mode cannot be {self.render_mode!r}: use {modes}.")
        return self._draw() if self._frame_lists is None else self._frame_lists.take()

    def _draw(self) -> tuple[np.ndarray, ...]:
        raise NotImplementedError
