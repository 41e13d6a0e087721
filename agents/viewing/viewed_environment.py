"""One environment that is being looked at, of ours or any Gymnasium id, behind the same few calls.

`Episode` plays in a world; nothing else should need one.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from agents.action_masks import mask_of
from agents.environments import Target, find_target
from envs.engine.canvas import Canvas
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.engine.environment import Environment, Param
from envs.engine.errors import BadParameter
from sandbox.errors import UserError

Outcome = tuple[Any, float, bool, bool, dict[str, Any]]
"""Observation (whatever the space holds, mostly an array), reward, terminated, truncated, info."""


class World(ABC):
    """An environment with a picture.

    Attributes:
        name: for headings, such as `CartPole` or `LunarLander-v3`.
        id: Gymnasium id.
        environment: ours, or None.
        observation_space: of one environment.
        action_space: of one environment.
        action_names: one for each action of a `Discrete` space, else empty.
        obs_names: one for each number or channel of an observation, or empty.
        size: width and height of the picture, in the units of `draw`.
        fps: steps in a second at normal speed.
        max_episode_steps: steps after which an episode is cut off, or None.
    """

    name: str
    id: str
    environment: Environment | None = None
    observation_space: spaces.Space
    action_space: spaces.Space
    action_names: tuple[str, ...] = ()
    obs_names: tuple[str, ...] = ()
    size: tuple[int, int]
    fps: int
    max_episode_steps: int | None

    @property
    def declared_params(self) -> Mapping[str, Param]:
        """The parameters that may be turned, by name."""
        return {}

    @property
    def params(self) -> dict[str, Any]:
        """Present values of the parameters."""
        return {}

    def set_params(self, **values: Any) -> None:
        """Turns parameters, also in the middle of an episode.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
        """
        if values:
            raise BadParameter(f"{self.id} has no parameters to turn.")

    def whole_params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters with the defaults of all that are not named: `set_params` leaves those as they are."""
        return {name: param.default for name, param in self.declared_params.items()} | dict(params)

    @abstractmethod
    def reset(self, seed: int | None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode; without a seed, the next one of the generator. Returns observation and info."""

    @abstractmethod
    def step(self, action: Any) -> Outcome:
        """Plays one action. Not to be called again after the end of an episode."""

    def mask(self) -> np.ndarray | None:
        """Which actions are allowed now, (K,) bool; None where all always are."""
        return None

    @property
    def state(self) -> np.void | None:
        """The record of the present state, of an environment of ours."""
        return None

    @abstractmethod
    def draw(self, canvas: Canvas) -> None:
        """Draws the present state on a canvas of `size`."""

    @property
    def records(self) -> tuple[np.void, np.void]:
        """The present state and the parameters, as the environment's own functions take them.

        Raises:
            UserError: it is no environment of ours.
        """
        raise UserError(f"{self.id} shows no camera's pictures of its states.")

    def snapshot(self) -> bytes | None:
        """The present state, or None where it cannot be kept."""
        return None

    def restore(self, snapshot: bytes) -> None:
        """Goes back to a state; the parameters stay as they are.

        Raises:
            UserError: there are no snapshots.
        """
        raise UserError(f"{self.id} cannot go back to an earlier state.")

    @abstractmethod
    def close(self) -> None:
        """Lets go of what the environment holds."""


class OurWorld(World):
    """An environment file of ours, stepped by the compiled batch."""

    def __init__(self, environment: Environment, params: Mapping[str, Any] | None = None):
        self.environment = environment
        self.id = environment.id
        self.name = environment.id.rpartition("/")[2].rpartition("-v")[0]
        self.observation_space = environment.observation_space
        self.action_space = environment.action_space
        self.action_names = environment.action_names
        self.obs_names = environment.obs_names
        self.size, self.fps = environment.size, environment.fps
        self.max_episode_steps = environment.max_episode_steps
        self._batch = Batch(environment, 1, params=params, max_episode_steps=environment.max_episode_steps)
        self._obs = np.zeros((1, *(self.observation_space.shape or ())), self.observation_space.dtype)
        self._reward = np.zeros(1)
        self._terminated, self._truncated = np.zeros(1, np.bool_), np.zeros(1, np.bool_)

    @property
    def declared_params(self) -> Mapping[str, Param]:
        """The parameters that may be turned, by name."""
        assert self.environment is not None
        return self.environment.params

    @property
    def params(self) -> dict[str, Any]:
        """Present values of the parameters."""
        return {name: self._batch.params[name].item() for name in self.declared_params}

    def set_params(self, **values: Any) -> None:
        """Turns parameters, also in the middle of an episode."""
        self._batch.set_params(**values)

    @property
    def state(self) -> np.void | None:
        """The record of the present state."""
        return self._batch.states[0]

    def reset(self, seed: int | None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode."""
        if seed is not None:
            self._batch.seed(seed)
        self._batch.reset(self._obs)
        return self._obs[0].copy(), self._info()

    def step(self, action: Any) -> Outcome:
        """Plays one action."""
        batched = np.asarray(action, self.action_space.dtype).reshape(1, *(self.action_space.shape or ()))
        flags = self._terminated, self._truncated
        self._batch.step(np.ascontiguousarray(batched), self._obs, self._reward, *flags, autoreset=DISABLED)
        terminated, truncated = bool(self._terminated[0]), bool(self._truncated[0])
        return self._obs[0].copy(), float(self._reward[0]), terminated, truncated, self._info()

    def draw(self, canvas: Canvas) -> None:
        """Draws the present state."""
        assert self.environment is not None
        self.environment.draw(self._batch.states[0], self._batch.params, canvas)

    @property
    def records(self) -> tuple[np.void, np.void]:
        """The present state and the parameters."""
        return self._batch.states[0], self._batch.params

    def snapshot(self) -> bytes | None:
        """The present state."""
        return self._batch.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Goes back to a state; the parameters stay as they are."""
        params = self.params
        self._batch.restore(snapshot)
        self._batch.set_params(**params)

    def close(self) -> None:
        """Nothing is held."""

    def mask(self) -> np.ndarray | None:
        """Which actions are allowed now."""
        assert self.environment is not None
        if self.environment.mask is None:
            return None
        masks = np.empty((1, self.environment.mask_size), bool)
        self._batch.action_masks(masks)
        return masks[0]

    def _info(self) -> dict[str, Any]:
        assert self.environment is not None
        return {name: np.array(self._batch.states[0][name]) for name in self.environment.info}


class GymWorld(World):
    """Any other Gymnasium environment; its picture is the image that it renders."""

    def __init__(self, target: Target):
        self.id = self.name = target.id
        self._env = target.make(render_mode="rgb_array", disable_env_checker=True)
        self.observation_space, self.action_space = self._env.observation_space, self._env.action_space
        self.fps = int(self._env.metadata.get("render_fps") or 30)
        self.max_episode_steps = target.max_episode_steps
        if isinstance(self.action_space, spaces.Discrete):
            first = int(self.action_space.start)
            self.action_names = tuple(str(first + i) for i in range(int(self.action_space.n)))
        self._env.reset(seed=0)
        self._frame = self._render()
        self.size = (self._frame.shape[1], self._frame.shape[0])

    def reset(self, seed: int | None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode."""
        obs, info = self._env.reset(seed=seed)
        self._frame = None
        return obs, info

    def step(self, action: Any) -> Outcome:
        """Plays one action."""
        obs, reward, terminated, truncated, info = self._env.step(action)
        self._frame = None
        return obs, float(reward), bool(terminated), bool(truncated), info

    def draw(self, canvas: Canvas) -> None:
        """Shows the rendered image."""
        if self._frame is None:
            self._frame = self._render()
        canvas.background("black")
        canvas.image(self._frame, 0, 0, *self.size)

    def mask(self) -> np.ndarray | None:
        """Which actions are allowed now, where the environment has a method `action_masks`."""
        return mask_of(self._env)

    def close(self) -> None:
        """Closes the environment."""
        self._env.close()

    def _render(self) -> np.ndarray:
        frame = self._env.render()
        if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3:
            raise UserError(f"{self.id} renders no RGB image, so there is nothing to show.")
        return frame.astype(np.uint8, copy=False)


def open_world(target: str, params: Mapping[str, Any] | None = None) -> World:
    """The world of one of our environments or of any Gymnasium id.

    Args:
        target: `cartpole`, `sandbox/CartPole-v1` or another Gymnasium id such as `LunarLander-v3`.
        params: parameters that differ from their defaults.

    Raises:
        UserError: there is none of this name, with the nearest; or it cannot be made; or it has no picture.
        BadParameter: no such parameter, or a value outside its range.
    """
    found = find_target(target)
    if found.environment is not None:
        return OurWorld(found.environment, params)
    world = GymWorld(found)
    world.set_params(**(params or {}))
    return world
