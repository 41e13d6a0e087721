"""`SingleEnv`: one environment as a `gymnasium.Env`; what `gym.make` returns inside its wrappers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envs.engine.core.actions import action_array
from envs.engine.core.attributes import NamedAttributes, field_values, get_param, named_params, state_fields
from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.engine.environment import Environment
from envs.engine.errors import BadAction, BadParameter

if TYPE_CHECKING:
    from envs.engine.canvas import PygameCanvas
    from envs.engine.canvas.window import Window


class SingleEnv(NamedAttributes, gymnasium.Env):
    """One environment behind Gymnasium's `Env`. It never truncates: `gym.make` adds `TimeLimit` for that.

    Parameters and fields of the state are also attributes, as in Gymnasium's own environments:
    `env.unwrapped.gravity = 3.7` is checked and counts from the next step on, `env.unwrapped.x` is the field
    of the present state.

    Attributes:
        environment: what is played.
        batch: the batch of one that plays it.
        params: the record of parameters; may be changed at any time. A dict that is assigned changes those it
            names.
        state: the record of the present state. A dict of some fields, or all numbers in order, may be
            assigned.
    """

    metadata = {"render_modes": ["human", "rgb_array"]}  # noqa: RUF012 - Gymnasium declares it so

    def __init__(
        self,
        environment: str | Environment,
        *,
        render_mode: str | None = None,
        batch: Batch | None = None,
        **params: Any,
    ) -> None:
        """Make the environment; `gym.make(id, ...)` calls this.

        Args:
            environment: the environment or its name.
            render_mode: None, "human" for a window or "rgb_array" for pictures. As in Gymnasium another one
                is refused by `render` only; `gym.make` warns of it.
            batch: the batch of one to play with, if there is one already; its parameters count.
            **params: parameters of the environment that differ from their defaults.

        Raises:
            BadParameter: no such parameter, or a value outside its range.
        """
        if isinstance(environment, str):
            from envs import find

            environment = find(environment)
        self.environment = environment
        self.metadata = {"render_modes": ["human", "rgb_array"], "render_fps": environment.fps}
        self.render_mode = render_mode
        # Spaces hold a random generator: each environment has its own.
        self.observation_space = copy.deepcopy(environment.observation_space)
        self.action_space = copy.deepcopy(environment.action_space)
        self.batch = Batch(environment, 1, params=params) if batch is None else batch
        self._record: Any = self.batch.states[0]
        self._obs = np.zeros((1, *(self.observation_space.shape or ())), self.observation_space.dtype)
        self._actions = np.zeros((1, *(self.action_space.shape or ())), self.action_space.dtype)
        self._discrete = isinstance(self.action_space, spaces.Discrete)
        self._scalar_obs = isinstance(self.observation_space, spaces.Discrete)
        self._reward = np.zeros(1)
        self._terminated, self._truncated = np.zeros(1, np.bool_), np.zeros(1, np.bool_)
        self._canvas: PygameCanvas | None = None
        self._window: Window | None = None
        # A row of a larger batch goes on with its generator.
        self._seeded = batch is not None

    @property
    def params(self) -> Any:
        """The record of parameters."""
        return self.batch.params

    @params.setter
    def params(self, values: Any) -> None:
        self.batch.set_params(**named_params(self.environment, values))

    @property
    def state(self) -> Any:
        """The record of the present state."""
        return self._record

    @state.setter
    def state(self, value: Any) -> None:
        # All of them are looked at before the first one is written.
        fields = state_fields(self.environment, value)
        arrays = {name: field_values(self.environment, name, one, 1) for name, one in fields.items()}
        for name, array in arrays.items():
            self.batch.states[name] = array

    def _get_named(self, name: str) -> Any:
        if name in self.environment.params:
            return get_param(self.params, name)
        return self._record[name]

    def _set_named(self, name: str, value: Any) -> None:
        if name in self.environment.params:
            self.batch.set_params(**{name: value})
        else:
            self.batch.states[name] = field_values(self.environment, name, value, 1)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin a new episode.

        Args:
            seed: of the random generator; None goes on with the present one, and lets `np_random` choose if
                there is none.
            options: not used.

        Returns:
            The first observation and infos.
        """
        super().reset(seed=seed)
        if seed is not None:
            self.batch.seed(seed)
        elif not self._seeded:
            self.batch.seed(int(self.np_random.integers(2**64, dtype=np.uint64)))
        self._seeded = True
        self.batch.reset(self._obs)
        if self.render_mode == "human":
            self.render()
        return self._observation(), self._infos()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Play one action.

        Returns:
            Observation, reward, terminated, False and infos.

        Raises:
            BadAction: not an action of the action space. Nothing was done.
            ResetNeeded: there was no reset yet, or the episode is over. Nothing was done.
        """
        if self._discrete:
            if not self.action_space.contains(action):
                raise BadAction(f"{action!r} is not in {self.action_space}.")
            self._actions[0] = action
        else:
            self._actions[0] = self._row(action)
        self.batch.step(
            self._actions, self._obs, self._reward, self._terminated, self._truncated, None, DISABLED
        )
        if self.render_mode == "human":
            self.render()
        return self._observation(), float(self._reward[0]), bool(self._terminated[0]), False, self._infos()

    def _row(self, action: Any) -> np.ndarray:
        """An action that is an array, in the dtype of the space."""
        space = self.action_space
        try:
            given = np.asarray(action)
        except ValueError:
            given = np.empty(0)  # lists of different lengths
        if given.shape != space.shape:
            raise BadAction(f"An action must have shape {space.shape}, not {given.shape}.")
        return given if given.dtype == space.dtype else action_array(space, given[None], 1)[0]

    def snapshot(self) -> bytes:
        """Everything that decides how the episode goes on: state, generator and parameters."""
        return self.batch.snapshot()

    def restore(self, snapshot: bytes) -> Any:
        """Go back to a `snapshot`; the step count of `TimeLimit` is not part of it.

        Returns:
            The observation of that moment.

        Raises:
            BadSnapshot: not a snapshot of this environment, or damaged.
        """
        self.batch.restore(snapshot)
        self._seeded = True
        self.batch.observe(self._obs)
        return self._observation()

    def render(self) -> np.ndarray | None:
        """The picture (height, width, 3) uint8 in mode "rgb_array"; shows it in a window in mode "human"."""
        if self.render_mode is None:
            return None
        if self.render_mode not in self.metadata["render_modes"]:
            raise BadParameter(f"render_mode cannot be {self.render_mode!r}: use 'human' or 'rgb_array'.")
        size = self.environment.size
        if self.render_mode == "human":
            if self._window is None:
                from envs.engine.canvas.window import Window

                self._window = Window(self.environment.id, size)
                self._window.panel = False
            if not self._window.closed:
                self._window.poll()
                self.environment.draw(self._record, self.params, self._window.frame().picture)
                self._window.show(self.environment.fps)
            return None
        if self._canvas is None:
            from envs.engine.canvas import PygameCanvas

            self._canvas = PygameCanvas(size)
        self.environment.draw(self._record, self.params, self._canvas)
        return self._canvas.pixels.copy()

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def __getstate__(self) -> dict[str, Any]:
        # The record is a view into the batch, and windows cannot be copied: both are made anew.
        return {**self.__dict__, "_record": None, "_canvas": None, "_window": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._record = self.batch.states[0]

    @property
    def action_masks(self) -> Callable[[], np.ndarray]:
        """Where the environment has a mask, a method that says which actions are allowed now.

        `env.unwrapped.action_masks()` is a new array of bools, True for allowed, as `MaskablePPO` of
        sb3-contrib asks for it. Infos hold the same as int8 under `action_mask`, as the samplers of
        Gymnasium's spaces take it: `env.action_space.sample(info["action_mask"])`.

        Raises:
            AttributeError: there is no mask.
        """
        if self.environment.mask is None:
            raise AttributeError(f"{self.environment.id} has no mask: all actions are always allowed.")
        return self._action_masks

    def _action_masks(self) -> np.ndarray:
        masks = np.empty((1, self.environment.mask_size), np.bool_)
        self.batch.action_masks(masks)
        return masks[0]

    def _observation(self) -> Any:
        return np.int64(self._obs[0]) if self._scalar_obs else self._obs[0].copy()

    def _infos(self) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        for name in self.environment.info:
            value = self._record[name]
            # A Python bool, of which Gymnasium's vector environments make an array of bools.
            infos[name] = bool(value) if isinstance(value, np.bool_) else np.copy(value)[()]
        if self.environment.mask is not None:
            infos["action_mask"] = self._action_masks().view(np.int8)
        return infos
