"""Which networks go with which agents and observations. No torch."""

from __future__ import annotations

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


def is_picture(space: spaces.Space) -> bool:
    """Tell whether observations are pictures that a CNN can look at."""
    return isinstance(space, spaces.Box) and len(space.shape) == 3 and sorted(space.shape)[1] >= 4
