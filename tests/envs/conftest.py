"""What the tests of single environments share: whole episodes of a player, and one step from given states."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from envs.engine.core.batch import Batch
from envs.engine.core.kernels import DISABLED
from envs.engine.environment import Environment


class Played(NamedTuple):
    """Return, length and how it ended of each episode."""

    returns: np.ndarray
    lengths: np.ndarray
    terminated: np.ndarray
    info: dict[str, np.ndarray]


class Stepped(NamedTuple):
    """What one step of each environment gave."""

    obs: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    states: np.ndarray


def play_episodes(
    environment: Environment,
    player: Callable | None,
    episodes: int = 20,
    max_steps: int = 5000,
    seed: int = 0,
    **params: Any,
) -> Played:
    """One episode each of `episodes` environments; `player(obs, space)`, None for random actions."""
    limit = min(environment.max_episode_steps or max_steps, max_steps)
    batch = Batch(environment, episodes, params=params, max_episode_steps=limit)
    space = environment.action_space
    space.seed(seed)
    obs = np.zeros(
        (episodes, *(environment.observation_space.shape or ())), environment.observation_space.dtype
    )
    rewards = np.zeros(episodes)
    terminated, truncated = np.zeros(episodes, np.bool_), np.zeros(episodes, np.bool_)
    returns, lengths, ended = np.zeros(episodes), np.zeros(episodes, int), np.zeros(episodes, np.bool_)
    info = {name: np.zeros_like(batch.states[name]) for name in environment.info}
    playing = np.ones(episodes, np.bool_)
    memories: list[Any] = [None] * episodes
    final_obs = np.zeros_like(obs)
    batch.seed(seed)
    batch.reset(obs)
    while playing.any():
        if player is not None and player is environment.baseline:
            decided = [environment.baseline_step(*pair) for pair in zip(obs, memories, strict=True)]
            actions, memories = [action for action, _ in decided], [memory for _, memory in decided]
        else:
            actions = [player(row, space) if player else space.sample() for row in obs]
        batch.step(np.array(actions, space.dtype), obs, rewards, terminated, truncated, final_obs)
        returns += rewards * playing
        lengths += playing
        over = playing & (terminated | truncated)
        ended |= over & terminated
        for name in info:
            info[name][over] = batch.final_states[name][over]
        playing &= ~over
    return Played(returns, lengths, ended, info)


def step_from(
    environment: Environment, states: Mapping[str, Any], actions: Any, seed: int = 0, **params: Any
) -> Stepped:
    """One step of as many environments as there are actions, each from a state of its own."""
    actions = np.asarray(actions, environment.action_space.dtype)
    count = len(actions)
    batch = Batch(environment, count, params=params)
    obs = np.zeros((count, *(environment.observation_space.shape or ())), environment.observation_space.dtype)
    rewards = np.zeros(count)
    terminated, truncated = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    batch.seed(seed)
    batch.reset(obs)
    for name, values in states.items():
        batch.states[name] = values
    batch.step(actions, obs, rewards, terminated, truncated, None, DISABLED)
    return Stepped(obs, rewards, terminated, batch.states)


@pytest.fixture(scope="session")
def play() -> Callable[..., Played]:
    """`play_episodes`, for tests, which cannot import one another."""
    return play_episodes


@pytest.fixture(scope="session")
def step_states() -> Callable[..., Stepped]:
    """`step_from`, for tests, which cannot import one another."""
    return step_from
