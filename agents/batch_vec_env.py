"""Our environments as Stable-Baselines3's `VecEnv`: one compiled batch."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices

from agents.step_infos import StepInfos, step_infos, values_at
from envs.engine.core.actions import action_array
from envs.engine.core.batch import Batch
from envs.engine.environment import Environment
from envs.engine.vector import draw_each
from envs.engine.vector.members import Members


class BatchVecEnv(VecEnv):
    """Many copies of one of our environments, stepped together by compiled code.

    Works with every Stable-Baselines3 algorithm, wrapper and `evaluate_policy`, and says the same as a
    `DummyVecEnv` of single environments in a `Monitor` each: finished episodes are reset at once, and `infos`
    hold `TimeLimit.truncated`, the fields that the environment reports and, where an episode has ended,
    `terminal_observation` and `episode` with return `r`, length `l` and seconds `t`. No returned array is
    written to again.

    Args:
        environment: what is played.
        num_envs: how many copies.
        seed: environment `i` plays the episodes of a single environment seeded with `seed + i`; None for any.
        params: parameters that differ from their defaults, the same for all.
        render_mode: "rgb_array" for pictures, else None.
        max_episode_steps: steps after which an episode is cut off; None for the environment's own limit, -1
            for never, as `gymnasium.make` has it.

    Raises:
        BadParameter: no such parameter, or a value outside its range.
    """

    def __init__(
        self,
        environment: Environment,
        num_envs: int = 64,
        seed: int | None = None,
        params: Mapping[str, Any] | None = None,
        render_mode: str | None = "rgb_array",
        max_episode_steps: int | None = None,
    ) -> None:
        self.environment = environment
        if max_episode_steps is None:
            max_episode_steps = environment.max_episode_steps
        limit = None if max_episode_steps == -1 else max_episode_steps
        self.batch = Batch(environment, num_envs, params=params, max_episode_steps=limit)
        self.members = Members(self.batch, render_mode, gymnasium.spec(environment.id))
        # Spaces hold a random generator: each environment has its own.
        observations, actions = copy.deepcopy((environment.observation_space, environment.action_space))
        super().__init__(num_envs, observations, actions)
        self.spec = self.members.spec
        shape, dtype = observations.shape, observations.dtype
        assert shape is not None
        self._obs_shape, self._obs_dtype = (num_envs, *shape), dtype
        self._action_dtype = np.dtype(actions.dtype)
        self.masked = environment.mask is not None
        self._final_obs = np.empty(self._obs_shape, dtype)
        self._rewards = np.empty(num_envs)
        self._terminated = np.empty(num_envs, bool)
        self._truncated = np.empty(num_envs, bool)
        self._returns = np.zeros(num_envs)
        self._lengths = np.zeros(num_envs, int)
        self._start = time.time()
        self.seed(seed)

    def reset(self) -> np.ndarray:
        """Begin new episodes everywhere; returns first observations (N, *shape)."""
        if self._seeds[0] is not None:
            self.batch.seed([seed or 0 for seed in self._seeds])
        self._reset_seeds()
        self._reset_options()
        self._returns[:] = 0
        self._lengths[:] = 0
        obs = np.empty(self._obs_shape, self._obs_dtype)
        self.batch.reset(obs)
        masks = self.action_masks() if self.masked else None
        self.reset_infos = [self._fields_of(i, masks) for i in range(self.num_envs)]
        return obs

    def step_async(self, actions: Any) -> None:
        """Take actions (N,) or (N, n); `step_wait` plays them."""
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Play; returns observations, rewards (N,) float32, dones (N,) and infos."""
        obs = np.empty(self._obs_shape, self._obs_dtype)
        rewards = np.empty(self.num_envs, np.float32)
        dones, infos = self.step_into(self._actions, obs, rewards)
        return obs, rewards, dones, infos

    def step_into(
        self, actions: Any, obs: np.ndarray, rewards: np.ndarray, masks: np.ndarray | None = None
    ) -> tuple[np.ndarray, StepInfos]:
        """Play, writing into the caller's arrays; what PPO uses.

        Args:
            actions: (N,) or (N, n).
            obs: written, (N, *shape), the observation space's dtype.
            rewards: written, (N,) float32.
            masks: written, (N, K) bool, which actions are allowed next, if the environment says so.

        Returns:
            Dones (N,), and one dict of infos per environment, made when it is read.

        Raises:
            BadAction: an action outside the action space, or of another kind. Nothing was done.
            BadArray: not one action for each environment. Nothing was done.
        """
        # Compiled code takes one dtype, and neither strided nor read-only arrays; it refuses other shapes.
        is_array = isinstance(actions, np.ndarray)
        if not is_array or actions.dtype != self._action_dtype or not actions.flags.carray:
            actions = action_array(self.environment.action_space, actions, self.num_envs)
        finished = self.batch.step(
            actions, obs, self._rewards, self._terminated, self._truncated, self._final_obs
        )
        rewards[:] = self._rewards
        self._returns += self._rewards
        self._lengths += 1
        dones = self._terminated | self._truncated
        fields = {name: self.batch.states[name].copy() for name in self.environment.info}
        ended: dict[int, dict[str, Any]] = {}
        last_masks = None
        if self.masked:
            masks = self.action_masks(masks)
        if finished:
            if self.masked:
                last_masks = np.empty((self.num_envs, self.environment.mask_size), bool)
                self.batch.final_masks(last_masks, dones.nonzero()[0])
            for name, values in fields.items():
                # The record of a finished environment is its next episode's already.
                values[dones] = self.batch.final_states[name][dones]
            seconds = round(time.time() - self._start, 6)
            (which,) = dones.nonzero()
            of_each = (
                which.tolist(),
                self._terminated[which].tolist(),
                self._truncated[which].tolist(),
                self._returns[which].tolist(),
                self._lengths[which].tolist(),
            )
            for i, terminated, truncated, total, length in zip(*of_each, strict=True):
                ended[i] = {
                    "TimeLimit.truncated": truncated and not terminated,
                    "terminal_observation": self._final_obs[i].copy(),
                    "episode": {"r": round(total, 6), "l": length, "t": seconds},
                }
                if fields:
                    ended[i] |= values_at(fields, i)
                if last_masks is not None:
                    ended[i]["action_mask"] = last_masks[i].view(np.int8)
                if fields or self.masked:
                    self.reset_infos[i] = self._fields_of(i, masks)
            self._returns[which] = 0
            self._lengths[which] = 0
        if masks is not None:
            fields["action_mask"] = masks.view(np.int8)
        return dones, step_infos(self.num_envs, fields, ended)

    def _fields_of(self, index: int, masks: np.ndarray | None) -> dict[str, Any]:
        """What one environment reports now."""
        fields = {
            name: value.copy() if isinstance(value, np.ndarray) else value.item()
            for name in self.environment.info
            for value in (self.batch.states[name][index],)
        }
        if masks is not None:
            fields["action_mask"] = masks[index].copy().view(np.int8)
        return fields

    def action_masks(self, masks: np.ndarray | None = None) -> np.ndarray:
        """Say which actions each environment allows now, (N, K) bool.

        Args:
            masks: where to write them; None for a new array.

        Raises:
            BadArray: all actions of this environment are always allowed; see `masked`.
        """
        masks = np.empty((self.num_envs, self.environment.mask_size), bool) if masks is None else masks
        self.batch.action_masks(masks)
        return masks

    def returns_now(self) -> np.ndarray:
        """Sums of rewards (N,) of the episodes that are being played."""
        return self._returns

    def snapshot(self) -> dict[str, Any]:
        """Return everything that decides how the episodes go on."""
        return {
            "batch": self.batch.snapshot(),
            "returns": self._returns.copy(),
            "lengths": self._lengths.copy(),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go back to a `snapshot`."""
        self.batch.restore(snapshot["batch"])
        self._returns[:] = snapshot["returns"]
        self._lengths[:] = snapshot["lengths"]

    def close(self) -> None:
        """Nothing to release."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute of each environment: a parameter, a state field, or any other of a `SingleEnv`.

        Raises:
            AttributeError: there is none of that name.
        """
        return self.members.get(attr_name, list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of each environment; a parameter is set for all of them, which share it.

        Raises:
            BadAttribute: a parameter of some environments only, or not a value for this state field.
            BadParameter: a value outside the parameter's range.
        """
        self.members.set(attr_name, value, list(self._get_indices(indices)))

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Call a method of each environment, one of `SingleEnv`: `render`, `snapshot`, `reset`, ...

        Raises:
            AttributeError: there is none of that name. `step` is no method of a single one: step them all.
        """
        chosen = list(self._get_indices(indices))
        if method_name == "action_masks" and self.masked:
            return list(self.action_masks()[chosen])  # asked for in every step: not one by one
        methods = self.members.get(method_name, chosen)
        results = [method(*method_args, **method_kwargs) for method in methods]
        if method_name in ("reset", "restore"):
            # Another episode is played now than the one whose rewards were added up.
            self._returns[chosen] = 0
            self._lengths[chosen] = 0
        return results

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Tell for each environment whether it reports what the wrapper would: a `Monitor`, nothing else."""
        return [wrapper_class is Monitor for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Draw every environment; one (H, W, 3) uint8 picture each."""
        if self.render_mode != "rgb_array":
            warnings.warn(
                f"The render mode is {self.render_mode}, "
                "but this method assumes it is `rgb_array` to obtain images.",
                stacklevel=2,
            )
            return [None] * self.num_envs
        return list(draw_each(self.environment, self.batch.states, self.batch.params))
