"""What a trained agent tells a tree search: how good a position is, and which actions to look at first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from agents.planning.quick_network import QuickNetwork
from agents.player import Player
from agents.policies.action_heads import masked
from agents.pqn.memory import network_for
from agents.pqn.policy import QPolicy
from envs.engine.environment import Environment

Judge = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Observations (B, *shape) and what is allowed (B, K) to values (B,) and probabilities (B, K)."""
DOUBT = 0.25
"""Share of the probabilities that all allowed actions get alike: an agent may overlook what wins at once.

One that learned from search knows where search has to look, and gets none of it."""
TEMPERATURE = 0.2
"""Of the probabilities that are made of Q-values, in units of the reward."""


def judge_of(player: Player, environment: Environment) -> Judge:
    """Make an agent's word on positions: its value, and its probabilities or those of its Q-values."""
    if player.searched and QuickNetwork.supports(player.policy):
        return QuickNetwork(player.policy, environment)
    policy = player.policy if isinstance(player.policy, QPolicy) else None
    network = None if policy is None else network_for(policy)
    doubt = 0.0 if player.searched else DOUBT

    @torch.no_grad()
    def judge(obs: np.ndarray, allowed: Bool[np.ndarray, "B K"]) -> tuple[np.ndarray, np.ndarray]:
        masks = torch.from_numpy(allowed)
        if policy is not None and network is not None:
            prepared = network.prepare(player._tensor(obs, len(obs)))
            q_values = masked(network.act(prepared)[0] / policy.reward_scale, masks)
            return q_values.amax(1).double().numpy(), open_minded(chances_of(q_values), masks, doubt)
        thought = player._think(player._tensor(obs, len(obs)), True, None, masks)
        if thought.q_values is not None:
            chances = chances_of(masked(thought.q_values, masks))
        elif thought.probabilities is not None:
            chances = thought.probabilities
        else:
            chances = masks / masks.sum(1, keepdim=True)
        values = torch.zeros(len(obs)) if thought.values is None else thought.values
        if player.searched:
            values = values.clamp(-1, 1)
        return values.double().numpy(), open_minded(chances, masks, doubt)

    return judge


def forecast_of(player: Player) -> Callable[[np.ndarray], np.ndarray] | None:
    """Make an agent's forecast of the future reward of each action, (B, *shape) to (B, K); None without."""
    policy = player.policy
    if not isinstance(policy, QPolicy):
        return None
    network = network_for(policy)

    @torch.no_grad()
    def forecast(obs: np.ndarray) -> np.ndarray:
        q_values = network.act(network.prepare(player._tensor(obs, len(obs))))[0] / policy.reward_scale
        return q_values.double().numpy()

    return forecast


def open_minded(
    chances: Float[Tensor, "B K"], masks: Bool[Tensor, "B K"], doubt: float
) -> Float[np.ndarray, "B K"]:
    """Leave something for each action that is allowed, also where an agent is sure of another one."""
    equal = masks / masks.sum(1, keepdim=True).clamp_min(1)
    return chances.lerp(equal, doubt).double().numpy()


def chances_of(q_values: Float[Tensor, "B K"]) -> Float[Tensor, "B K"]:
    """Say how likely an action is to be the best one by its Q-value."""
    return torch.softmax(q_values / TEMPERATURE, 1)
