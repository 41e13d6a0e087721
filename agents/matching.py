"""Which networks go with which agents and observations. No torch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from gymnasium import spaces

from sandbox.errors import UserError

MEMORIES = ("rnn", "lstm")
"""Policies that remember."""
REMEMBERING = ("ppo", "gail")
"""Agents that can train them."""


def check_policy(agent: str, policy: str) -> None:
    """Refuse a network that an agent cannot train.

    Raises:
        UserError: a memory for an agent that learns from single steps.
    """
    if policy in MEMORIES and agent not in REMEMBERING:
        able = " and ".join(REMEMBERING)
        raise UserError(f"A policy with a memory is for {able}; {agent} learns from single steps.")


def check_counts_from_zero(observation_space: spaces.Space, action_space: spaces.Space) -> None:
    """Refuse discrete spaces that begin elsewhere: Stable-Baselines3's agents number from 0.

    They would play actions that the environment does not have, and so would whoever loads their zip.

    Raises:
        UserError: a `start` that is not 0.
    """
    for what, whole in (("observations", observation_space), ("actions", action_space)):
        for space in _leaves(whole):
            if isinstance(space, spaces.Discrete | spaces.MultiDiscrete) and np.any(space.start):
                raise UserError(
                    f"Agents count from 0, but the {what} of this environment are {space}: "
                    "declare them without a start and add it inside the environment."
                )


def _leaves(space: spaces.Space) -> Iterator[spaces.Space]:
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        for part in parts:
            yield from _leaves(part)
    else:
        yield space


def is_picture(space: spaces.Space) -> bool:
    """Tell whether observations are pictures that a CNN can look at."""
    return isinstance(space, spaces.Box) and len(space.shape) == 3 and sorted(space.shape)[1] >= 4
