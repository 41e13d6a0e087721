"""What a training of an agent needs in memory besides its network, estimated before anything is made."""

from __future__ import annotations

import math

from gymnasium import spaces

from agents.environments import Target
from agents.settings import AgentSettings, AlphaZeroSettings, OnlineSettings, ReplaySettings
from sandbox.errors import UserError
from sandbox.training.out_of_memory import free_memory, require

ADVICE = "Lower num_envs, num_steps, buffer_size, batch_size, simulations or hidden, whichever is large."
MOST_FOREIGN = 4_096
"""Copies of an environment that is Python code of its own and played one after the other."""
FOREIGN = 100_000
"""Bytes of such a copy, at least."""


def check_size(
    settings: AgentSettings, target: Target, observation_space: spaces.Space, action_space: spaces.Space
) -> None:
    """Refuse what cannot fit into the machine's memory.

    Args:
        settings: of the agent.
        target: the environment.
        observation_space: of the environment.
        action_space: likewise.

    Raises:
        UserError: says how much it needs, for what most of it, and what to lower.
    """
    environment = target.environment
    if environment is None and settings.num_envs > MOST_FOREIGN:
        raise UserError(
            f"{target.name} is Python code of its own, played one copy after the other: num_envs may be at "
            f"most {MOST_FOREIGN:,}, not {settings.num_envs:,}."
        )
    width = 8 if observation_space.dtype is None else observation_space.dtype.itemsize
    observation = _numbers(observation_space) * width
    action = 8 * _numbers(action_space)
    copy = FOREIGN if environment is None else environment.state_dtype.itemsize
    parts = {
        "the copies of the environment": settings.num_envs * (copy + 3.0 * observation + action + 100),
        "the episodes of an evaluation": max(settings.eval_episodes, settings.final_episodes)
        * (copy + 3.0 * observation + action),
    }
    if isinstance(settings, OnlineSettings):
        step = observation + 2 * action + 24
        parts["a rollout"] = float((settings.num_steps + 1) * settings.num_envs * step)
    if isinstance(settings, ReplaySettings):
        parts["the replay buffer"] = float(settings.buffer_size * (2 * observation + action + 8))
    if isinstance(settings, AlphaZeroSettings):
        actions = int(getattr(action_space, "n", 1))
        parts["the replay buffer"] = float(settings.buffer_size * (observation + 5 * actions + 4))
        nodes = settings.num_envs * (max(settings.first_simulations, settings.simulations) + 3.0)
        parts["the trees"] = nodes * (copy + 33 * actions + 13)
    require(parts, free_memory(), ADVICE)


def _numbers(space: spaces.Space) -> int:
    return math.prod(space.shape or ())
