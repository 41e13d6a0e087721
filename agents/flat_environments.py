"""Environments whose dictionaries and tuples of observations and actions have become rows."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecEnvWrapper
from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn

from agents.flat_spaces import (
    FlatActions,
    FlatObservations,
    flat_actions,
    flat_observations,
    is_nested,
    is_structured,
)


class FlatEnv(gym.Wrapper):
    """A single environment whose observations and actions are rows.

    Args:
        env: with a `Dict` or `Tuple` of observations or actions, or both.
    """

    def __init__(self, env: gym.Env) -> None:
        super().__init__(env)
        self.observation_space = flat_observations(env.observation_space)
        self.action_space = flat_actions(env.action_space)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict]:
        """Begin an episode."""
        obs, info = self.env.reset(seed=seed, options=options)
        return self._obs(obs), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Play one action."""
        space = self.action_space
        action = space.unflatten(action) if isinstance(space, FlatActions) else action
        obs, reward, terminated, truncated, info = self.env.step(action)
        return self._obs(obs), reward, terminated, truncated, info

    def _obs(self, obs: Any) -> Any:
        space = self.observation_space
        return space.flatten(obs) if isinstance(space, FlatObservations) else obs


def flat_env(env: gym.Env) -> gym.Env:
    """Put a single environment into a `FlatEnv` if anything of it is structured."""
    structured = is_structured(env.observation_space) or is_structured(env.action_space)
    return FlatEnv(env) if structured else env


def flat_if_nested(env: gym.Env) -> gym.Env:
    """Put a single environment into a `FlatEnv` if no `VecEnv` could hold its observations as they are."""
    return FlatEnv(env) if is_nested(env.observation_space) else env


class FlatVecEnv(VecEnvWrapper):
    """A `VecEnv` whose observations and actions are rows.

    Args:
        venv: with a `Dict` or `Tuple` of observations or actions, or both.
    """

    def __init__(self, venv: VecEnv) -> None:
        observations, actions = flat_observations(venv.observation_space), flat_actions(venv.action_space)
        super().__init__(venv, observations, actions)

    def reset(self) -> Any:
        """Begin new episodes everywhere."""
        return self._obs(self.venv.reset())

    def step_async(self, actions: np.ndarray) -> None:
        """Take rows of actions (N, n)."""
        space = self.action_space
        flat = isinstance(space, FlatActions)
        self.venv.step_async([space.unflatten(row) for row in actions] if flat else actions)  # type: ignore[arg-type]

    def step_wait(self) -> VecEnvStepReturn:
        """Play."""
        obs, rewards, dones, infos = self.venv.step_wait()
        for i in np.flatnonzero(dones):
            if "terminal_observation" in infos[i]:
                infos[i]["terminal_observation"] = self._obs(infos[i]["terminal_observation"])
        return self._obs(obs), rewards, dones, infos

    def _obs(self, obs: Any) -> Any:
        space = self.observation_space
        return space.flatten(obs) if isinstance(space, FlatObservations) else obs


def flat_vec_env(env: gym.Env | VecEnv, observations: bool = True) -> gym.Env | VecEnv:
    """Flatten what is structured; an environment that has nothing of it is returned as it is.

    Args:
        env: any; a single one that is structured is put into a `Monitor` and a `DummyVecEnv`.
        observations: whether a `Dict` of observations alone is a reason.
    """
    if not is_structured(env.action_space) and not (observations and is_structured(env.observation_space)):
        return env
    if isinstance(env, VecEnv):
        return FlatVecEnv(env)
    single = env
    if not isinstance(single, Monitor):
        single = Monitor(single)
    return DummyVecEnv([lambda: FlatEnv(single)])
