"""Which agents go with which environments, and which networks with which agents. No torch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from gymnasium import spaces

from sandbox.errors import UserError

MEMORIES = ("rnn", "lstm", "gru")
"""Policies that remember."""
REMEMBERING = ("ppo", "gail", "pqn")
"""Agents that can train them."""
_ANY = (spaces.Discrete, spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)
ACTIONS: dict[str, tuple[type[spaces.Space], ...]] = {
    "ppo": (*_ANY, spaces.Tuple, spaces.Dict),
    "a2c": _ANY,
    "dqn": (spaces.Discrete,),
    "qrdqn": (spaces.Discrete,),
    "pqn": (spaces.Discrete,),
    "free_energy": (spaces.Discrete,),
    "alphazero": (spaces.Discrete,),
    "sac": (spaces.Box,),
    "td3": (spaces.Box,),
    "tqc": (spaces.Box,),
    "gail": _ANY,
    "clone": _ANY,
}
"""Spaces of actions that each agent can play."""


def check_policy(agent: str, policy: str) -> None:
    """Refuse a network that an agent cannot train.

    Raises:
        UserError: a memory for an agent that learns from single steps, or a CNN for one without any.
    """
    if policy in MEMORIES and agent not in REMEMBERING:
        able = f"{', '.join(REMEMBERING[:-1])} and {REMEMBERING[-1]}"
        raise UserError(f"A policy with a memory is for {able}; {agent} learns from single steps.")
    if policy == "lines" and agent != "alphazero":
        raise UserError(f"The policy lines is for alphazero; {agent} takes no lines of a board.")
    if agent == "free_energy" and policy in ("cnn", "autoencoder"):
        raise UserError(f"free_energy has a machine of bits for its network and takes no policy {policy!r}.")


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


def check_agent(agent: str, name: str, observation_space: spaces.Space, action_space: spaces.Space) -> None:
    """Refuse an agent that cannot work in an environment.

    Args:
        agent: a name of `ACTIONS`.
        name: of the environment, for the sentence.
        observation_space: of the environment.
        action_space: likewise.

    Raises:
        UserError: the agent cannot deal with these observations or actions; names those that can.
    """
    structured = isinstance(observation_space, spaces.Dict | spaces.Tuple)
    if (structured and agent != "ppo") or (not structured and observation_space.shape is None):
        able = "ppo can" if structured else "agents need one array"
        raise UserError(
            f"{agent} cannot play {name}, whose observations are {type(observation_space).__name__}; {able}."
        )
    if isinstance(action_space, ACTIONS[agent]):
        return
    able = [other for other, kinds in ACTIONS.items() if isinstance(action_space, kinds)]
    kind = type(action_space).__name__
    rest = f"; {', '.join(able)} can." if able else "."
    raise UserError(f"{agent} cannot play {name}, whose actions are {kind}{rest}")
