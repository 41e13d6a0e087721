"""How each kind of policy comes from observations to actions, and what it makes of them on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.dqn.policies import DQNPolicy
from stable_baselines3.sac.policies import SACPolicy
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor

from agents.policies.action_heads import BernoulliHead, CategoricalHead, Head, head_for, masked
from agents.policies.replay_policies import Distributional
from agents.ppo.backbones import Backbone, backbone_for
from agents.pqn.memory import QMemoryPolicy
from agents.pqn.policy import QPolicy


class Thought(NamedTuple):
    """What a policy makes of N observations."""

    actions: Tensor
    """(N, ...)."""
    probabilities: Tensor | None
    """(N, K) where actions are discrete."""
    values: Tensor | None
    """(N,)."""
    memory: Tensor | None
    """(N, M) of a policy that remembers."""
    q_values: Tensor | None = None
    """(N, K), the forecast future reward of each action, of a policy that learns it."""
    quantiles: Tensor | None = None
    """(N, Q), ascending, of the forecast return of its action, of a policy that learns how it is spread."""


Thinker = Callable[[Tensor, bool, Tensor | None, Tensor | None], Thought]
"""Observations (N, *shape), whether to take the most probable actions, the memory so far, and what is allowed
(N, K), which policies of continuous actions and of one's own do not heed."""


def thinkers_of(policy: BasePolicy, explores: float) -> tuple[Thinker, Thinker]:
    """Take the shortest way from observations (N, *shape) to actions for this kind of policy.

    Returns:
        One that says all there is to say, and one that may leave out all but actions and memory.
    """
    if isinstance(policy, ActorCriticPolicy) and (backbone := backbone_for(policy)) is not None:
        scale = getattr(policy, "return_scale", None)
        head = head_for(policy.action_space, getattr(policy, "log_std", None))
        unit = 1.0 if scale is None else scale.deviation()
        return _actor_critic(backbone, head, unit), _actor(backbone, head)
    think = _thinker_of_others(policy, explores)
    return think, think


def _thinker_of_others(policy: BasePolicy, explores: float) -> Thinker:
    if isinstance(policy, DQNPolicy):
        return lambda obs, best, memory, masks: _greedy(policy.q_net(obs), 0.0 if best else explores, masks)
    if isinstance(policy, QMemoryPolicy):
        return _remembering(policy, explores)
    if isinstance(policy, QPolicy):
        return lambda obs, best, memory, masks: _greedy(
            policy.q_values(obs), 0.0 if best else explores, masks
        )
    if isinstance(policy, SACPolicy):
        return lambda obs, best, memory, masks: _criticised(policy, policy.actor(obs, best), obs)
    if isinstance(policy, TD3Policy):
        return lambda obs, best, memory, masks: _criticised(
            policy, _noisy(policy.actor(obs), 0.0 if best else explores), obs
        )
    if isinstance(policy, Distributional):
        return _distributional(policy, explores)
    return lambda obs, best, memory, masks: Thought(policy._predict(obs, best), None, None, None)


def _actor_critic(backbone: Backbone, head: Head, unit: float) -> Thinker:
    """Think with an actor and a critic, whose values are in units of so much reward."""

    def think(obs: Tensor, deterministic: bool, memory: Tensor | None, masks: Tensor | None) -> Thought:
        prepared = backbone.prepare(obs)
        outputs, values, memory = backbone.act(prepared, memory)
        outputs = masked(outputs, masks)
        values = backbone.values(prepared) if values is None else values
        values = values if unit == 1.0 else values * unit
        actions = head.best(outputs) if deterministic else head.sample(outputs)
        if isinstance(head, CategoricalHead):
            return Thought(actions, torch.softmax(outputs, -1), values, memory)
        chances = outputs.sigmoid() if isinstance(head, BernoulliHead) else None
        return Thought(actions, chances, values, memory)

    return think


def _actor(backbone: Backbone, head: Head) -> Thinker:
    """Think with the actor of an actor and a critic."""

    def think(obs: Tensor, deterministic: bool, memory: Tensor | None, masks: Tensor | None) -> Thought:
        outputs, _, memory = backbone.act(backbone.prepare(obs), memory)
        outputs = masked(outputs, masks)
        actions = head.best(outputs) if deterministic else head.sample(outputs)
        return Thought(actions, None, None, memory)

    return think


def _remembering(policy: QMemoryPolicy, explores: float) -> Thinker:
    """Think with Q-values and a memory."""

    def think(obs: Tensor, deterministic: bool, memory: Tensor | None, masks: Tensor | None) -> Thought:
        q_values, memory = policy.run(obs[:, None], policy.nothing(len(obs)) if memory is None else memory)
        scaled = q_values[:, 0] / policy.reward_scale
        return _greedy(scaled, 0.0 if deterministic else explores, masks)._replace(memory=memory)

    return think


def _greedy(q_values: Tensor, explores: float, masks: Tensor | None) -> Thought:
    """Q-learning has no probabilities; its value is that of the best action, which chance may replace."""
    values, actions = masked(q_values, masks).max(-1)
    if explores:
        at_random = torch.rand(len(actions)) < explores
        chances = torch.rand(q_values.shape).to(actions.device)
        drawn = (chances if masks is None else chances.where(masks, -1.0)).argmax(-1)
        actions = torch.where(at_random.to(actions.device), drawn, actions)
    return Thought(actions, None, values, None, q_values)


def _noisy(actions: Tensor, deviation: float) -> Tensor:
    """Actions between -1 and 1 with the noise of a training on them."""
    return (actions + deviation * torch.randn_like(actions)).clamp(-1.0, 1.0) if deviation else actions


def _criticised(policy: SACPolicy | TD3Policy, actions: Tensor, obs: Tensor) -> Thought:
    """The value is what the less sanguine critic says of the action."""
    return Thought(actions, None, torch.cat(policy.critic(obs, actions), 1).min(1)[0], None)


def _distributional(policy: Any, explores: float) -> Thinker:
    """Think with QR-DQN or TQC: the value is the mean of the quantiles."""
    if not isinstance(policy.action_space, spaces.Discrete):

        def act(obs: Tensor, deterministic: bool, memory: Tensor | None, masks: Tensor | None) -> Thought:
            actions = policy.actor(obs, deterministic)
            quantiles = policy.return_quantiles(obs, actions)
            return Thought(actions, None, quantiles.mean(1), None, None, quantiles)

        return act

    def choose(obs: Tensor, deterministic: bool, memory: Tensor | None, masks: Tensor | None) -> Thought:
        quantiles = policy.return_quantiles(obs)
        thought = _greedy(quantiles.mean(-1), 0.0 if deterministic else explores, masks)
        return thought._replace(quantiles=quantiles[torch.arange(len(obs)), thought.actions])

    return choose
