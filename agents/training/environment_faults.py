"""Says which rule of an environment gave a reward or an observation that is no finite number.

Training notices it once a rollout, which costs next to nothing. Only then the steps of that rollout are
played again in plain Python, for the file, the function and the line.
"""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from agents.batch_vec_env import BatchVecEnv
from envs.engine.checks.long_play import replay, search
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment


class Watch:
    """Looks at what an environment of ours gave a model, between two updates."""

    def __init__(self, model: BaseAlgorithm) -> None:
        self._model = model
        unwrapped = model.env.unwrapped if model.env is not None else None
        self._env = unwrapped if isinstance(unwrapped, BatchVecEnv) else None
        self._before: np.ndarray | None = None
        self._pos = 0

    def begin(self) -> None:
        """Remember where the environments stand before they are stepped."""
        if self._env is not None:
            self._before = self._env.batch.states.copy()
            if isinstance(self._model, OffPolicyAlgorithm) and self._model.replay_buffer is not None:
                self._pos = self._model.replay_buffer.pos

    def end(self) -> None:
        """Look at what came of it.

        Raises:
            BrokenEnvironment: a reward or an observation that is no finite number.
        """
        env, model = self._env, self._model
        if env is None or self._before is None:
            return
        if isinstance(model, OnPolicyAlgorithm):
            buffer, rows = model.rollout_buffer, slice(None)
            # The observation of a step is what the step before it gave.
            wrong = ~np.isfinite(buffer.rewards)
            wrong[:-1] |= _not_finite(buffer.observations)[1:]
        elif isinstance(model, OffPolicyAlgorithm) and type(model.replay_buffer) is ReplayBuffer:
            buffer = model.replay_buffer
            rows = np.arange(self._pos, self._pos + (buffer.pos - self._pos) % buffer.buffer_size)
            rows %= buffer.buffer_size
            wrong = ~np.isfinite(buffer.rewards[rows])
            if not buffer.optimize_memory_usage:
                wrong |= _not_finite(buffer.next_observations[rows])
        else:
            return
        if not wrong.any():
            return
        step, i = (int(n) for n in np.argwhere(wrong)[0])
        actions = buffer.actions[rows][: step + 1, i]
        if isinstance(model, OffPolicyAlgorithm) and isinstance(env.action_space, spaces.Box):
            actions = model.policy.unscale_action(actions)
        replay(env.batch, self._before[i], _as_played(env, actions))
        # PPO adds the value of the last observation where an episode is cut off: that may be no number
        # either, which is no fault of the environment.
        find_fault(env, f"after {model.num_timesteps:,} steps of training")


def _not_finite(observations: np.ndarray | dict[str, np.ndarray]) -> np.ndarray:
    """Which observations (T, N, ...) are not finite, as (T, N)."""
    assert isinstance(observations, np.ndarray)  # environments of ours have no others
    if observations.dtype.kind != "f" or np.isfinite(observations.sum(dtype=np.float64)):
        return np.zeros(observations.shape[:2], bool)
    flat = observations.reshape(*observations.shape[:2], -1)
    return np.logical_not(np.isfinite(flat).all(axis=2))


def find_fault(env: BatchVecEnv, when: str) -> None:
    """Raise what is wrong with the environment, if anything: what random play meets, or its present state.

    Args:
        env: the environments as they stand.
        when: put behind the sentence.

    Raises:
        BrokenEnvironment: it is at fault.
    """
    batch, environment = env.batch, env.environment
    params = {name: batch.params[name].item() for name in environment.params}
    search(environment, params)
    obs = np.zeros(
        (batch.num_envs, *(environment.observation_space.shape or ())), environment.observation_space.dtype
    )
    batch.observe(obs)
    flat = obs.reshape(batch.num_envs, -1)
    if obs.dtype.kind == "f" and not np.isfinite(flat).all():
        i = int(np.flatnonzero(~np.isfinite(flat).all(axis=1))[0])
        steps = int(batch.states["steps"][i])
        _blame(
            environment, "observe", f"an observation is not finite in step {steps:,} of an episode, {when}"
        )
    if not np.isfinite(env.returns_now()).all():
        _blame(environment, "step", f"a reward is not finite {when}")


def _as_played(env: BatchVecEnv, actions: np.ndarray) -> np.ndarray:
    """Actions of a rollout buffer (T, n) as the environment took them."""
    space = env.action_space
    shaped = actions.reshape(len(actions), *(space.shape or ()))
    if isinstance(space, spaces.Box):
        shaped = np.clip(shaped, space.low, space.high)
    return np.ascontiguousarray(shaped, space.dtype)


def _blame(environment: Environment, function: str, reason: str) -> NoReturn:
    code = getattr(environment, function).__code__
    raise BrokenEnvironment(code.co_filename, code.co_firstlineno, function, reason)
