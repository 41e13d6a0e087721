"""Environments as Stable-Baselines3's `VecEnv`: ours as one compiled batch, others as it makes them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from stable_baselines3.common.env_util import make_vec_env as make_sb3_vec_env
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices

from agents.target import find_target
from envs.engine.batch import Batch
from envs.engine.canvas import PygameCanvas
from envs.engine.environment import Environment


class BatchVecEnv(VecEnv):
    """Many copies of one of our environments, stepped together by compiled code.

    Works with every Stable-Baselines3 algorithm, wrapper and `evaluate_policy`: finished episodes are reset
    at once, `infos` of finished environments hold `terminal_observation`, `TimeLimit.truncated` and, as if
    each were wrapped in a `Monitor`, `episode` with return `r`, length `l` and seconds `t`. No returned array
    is written to again.

    Args:
        environment: what is played.
        num_envs: how many copies.
        seed: environment `i` plays the episodes of a single environment seeded with `seed + i`; None for any.
        params: parameters that differ from their defaults, the same for all.
        render_mode: "rgb_array" for pictures, else None.

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
    ) -> None:
        self.environment = environment
        self.batch = Batch(
            environment, num_envs, params=params, max_episode_steps=environment.max_episode_steps
        )
        self.render_mode = render_mode
        super().__init__(num_envs, environment.observation_space, environment.action_space)
        self.spec = gymnasium.spec(environment.id)
        shape, dtype = environment.observation_space.shape, environment.observation_space.dtype
        assert shape is not None
        self._obs_shape, self._obs_dtype = (num_envs, *shape), dtype
        self._action_dtype = environment.action_space.dtype
        self._final_obs = np.empty(self._obs_shape, dtype)
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
        self._start = time.time()
        obs = np.empty(self._obs_shape, self._obs_dtype)
        self.batch.reset(obs)
        return obs

    def step_async(self, actions: np.ndarray) -> None:
        """Take actions (N,) or (N, n); `step_wait` plays them."""
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Play; returns observations, rewards (N,) float32, dones (N,) and infos."""
        obs = np.empty(self._obs_shape, self._obs_dtype)
        rewards = np.empty(self.num_envs, np.float32)
        dones, infos = self.step_into(self._actions, obs, rewards)
        return obs, rewards, dones, infos

    def step_into(
        self, actions: np.ndarray, obs: np.ndarray, rewards: np.ndarray
    ) -> tuple[np.ndarray, list[dict[str, Any]]]:
        """Play, writing into the caller's arrays; what PPO uses.

        Args:
            actions: (N,) or (N, n).
            obs: written, (N, *shape), the observation space's dtype.
            rewards: written, (N,) float32.

        Returns:
            Dones (N,), and one dict of infos per environment.
        """
        actions = np.ascontiguousarray(actions, self._action_dtype)
        finished = self.batch.step(actions, obs, rewards, self._terminated, self._truncated, self._final_obs)
        self._returns += rewards
        self._lengths += 1
        dones = self._terminated | self._truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if self.environment.info:
            self._report_fields(infos, dones)
        if finished:
            seconds = round(time.time() - self._start, 6)
            for i in np.flatnonzero(dones):
                infos[i]["terminal_observation"] = self._final_obs[i].copy()
                infos[i]["TimeLimit.truncated"] = bool(self._truncated[i] and not self._terminated[i])
                infos[i]["episode"] = {"r": float(self._returns[i]), "l": int(self._lengths[i]), "t": seconds}
            self._returns[dones] = 0
            self._lengths[dones] = 0
        return dones, infos

    def _report_fields(self, infos: list[dict[str, Any]], dones: np.ndarray) -> None:
        """Add the state fields of `info`; the record of a finished environment is its next episode's."""
        over = dones.tolist()
        for name in self.environment.info:
            for info, value, done in zip(infos, self.batch.states[name].tolist(), over, strict=True):
                if not done:
                    info[name] = value

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
        """Return a parameter, a state field, or an attribute of this object, once per environment.

        Raises:
            AttributeError: there is none of that name.
        """
        where = list(self._get_indices(indices))
        if attr_name in self.environment.params:
            return [self.batch.params[attr_name].item()] * len(where)
        if attr_name in (self.environment.state.names or ()):
            return [self.batch.states[attr_name][i].copy() for i in where]
        return [getattr(self, attr_name)] * len(where)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set a parameter, which all environments share; any other name becomes an attribute of this object.

        Raises:
            BadParameter: a value outside the parameter's range.
        """
        if attr_name in self.environment.params:
            self.batch.set_params(**{attr_name: value})
        else:
            setattr(self, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **kwargs: Any
    ) -> list[Any]:
        """Refuse: the environments are records in one array and have no methods of their own.

        Raises:
            AttributeError: always.
        """
        raise AttributeError(f"environments of a batch have no methods, so none named {method_name!r}")

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Tell for each environment whether it reports what the wrapper would: a `Monitor`, nothing else."""
        return [wrapper_class is Monitor for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Draw every environment; one (H, W, 3) uint8 picture each."""
        return [self._picture(i) for i in range(self.num_envs)]

    def _picture(self, index: int) -> np.ndarray:
        canvas = PygameCanvas(self.environment.size)
        self.environment.draw(self.batch.states[index], self.batch.params, canvas)
        return canvas.pixels


def make_vec_env(id_or_name: str, n_envs: int = 64, seed: int | None = 0, **params: Any) -> VecEnv:
    """Make a `VecEnv` for any Stable-Baselines3 algorithm.

    Args:
        id_or_name: an environment's file name ("cartpole"), or any Gymnasium id.
        n_envs: how many copies.
        seed: environment `i` is seeded with `seed + i`; None for any.
        **params: the environment's parameters; for other ids, keyword arguments of `gymnasium.make`.

    Raises:
        UserError: there is no such environment; names the nearest.
    """
    target = find_target(id_or_name)
    if target.environment is not None:
        return BatchVecEnv(target.environment, n_envs, seed, params)
    return make_sb3_vec_env(target.id, n_envs, seed, env_kwargs=params)
