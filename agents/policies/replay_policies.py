"""The policies of Stable-Baselines3's replay agents with MLP blocks, under its parameter names.

`QPolicy` is for DQN, `SoftPolicy` for SAC, `DelayedPolicy` for TD3. Those of sb3-contrib's agents are in
`quantile_policies.py`, which needs that package.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from jaxtyping import Float
from stable_baselines3.common.policies import ContinuousCritic
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.dqn.policies import DQNPolicy, QNetwork
from stable_baselines3.sac.policies import Actor, SACPolicy
from stable_baselines3.td3.policies import Actor as DelayedActor
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor, nn

from sandbox.blocks.mlp import ACTIVATIONS, MLP

NAMES = {kind: name for name, kind in ACTIVATIONS.items()}


class Distributional:
    """What a policy has that forecasts how returns are spread, and not only their mean."""

    @abstractmethod
    def return_quantiles(
        self, obs: Tensor, actions: Tensor | None = None
    ) -> Float[Tensor, "B Q"] | Float[Tensor, "B K Q"]:
        """Return quantiles of the return, ascending.

        Args:
            obs: as the policy sees them.
            actions: (B, n) between -1 and 1 of continuous actions; else None, for quantiles of each action.
        """


class QPolicy(DQNPolicy):
    """DQN's policy with MLP blocks. Mnih et al. 2015."""

    def make_q_net(self) -> QNetwork:
        """Build one Q-network; its `q_net` is an MLP block."""
        net = super().make_q_net()
        actions = int(net.action_space.n)
        block = MLP(net.features_dim, net.net_arch, actions, activation=NAMES[net.activation_fn])
        net.q_net = block.to(self.device)
        return net


class SoftPolicy(SACPolicy):
    """SAC's policy with MLP blocks. Haarnoja et al. 2018."""

    def make_actor(self, features_extractor: BaseFeaturesExtractor | None = None) -> Actor:
        """Build the actor; its `latent_pi` is an MLP block."""
        return with_block(super().make_actor(features_extractor))

    def make_critic(self, features_extractor: BaseFeaturesExtractor | None = None) -> ContinuousCritic:
        """Build the critics; each `qf0`, `qf1` is an MLP block."""
        critic = super().make_critic(features_extractor)
        return with_blocks(critic, self.critic_kwargs["net_arch"], self.activation_fn)


class DelayedPolicy(TD3Policy):
    """TD3's policy with MLP blocks. Fujimoto et al. 2018."""

    def make_actor(self, features_extractor: BaseFeaturesExtractor | None = None) -> DelayedActor:
        """Build the actor; its `mu` is an MLP block with a tanh behind it."""
        actor = super().make_actor(features_extractor)
        last = [m for m in actor.mu if isinstance(m, nn.Linear)][-1]
        block = MLP(
            actor.features_dim, actor.net_arch, last.out_features, activation=NAMES[actor.activation_fn]
        )
        actor.mu = block.append(nn.Tanh()).to(self.device)
        return actor

    def make_critic(self, features_extractor: BaseFeaturesExtractor | None = None) -> ContinuousCritic:
        """Build the critics; each `qf0`, `qf1` is an MLP block."""
        critic = super().make_critic(features_extractor)
        return with_blocks(critic, self.critic_kwargs["net_arch"], self.activation_fn)


def with_block(actor: Any) -> Any:
    """Give the actor of SAC or TQC an MLP block as its `latent_pi`."""
    block = MLP(actor.features_dim, actor.net_arch, activation=NAMES[actor.activation_fn])
    actor.latent_pi = block.to(actor.device)
    return actor


def with_blocks(critic: Any, hidden: list[int], activation: type[nn.Module]) -> Any:
    """Give the critics of SAC, TD3 or TQC an MLP block each, as `qf0`, `qf1` and so on.

    Args:
        critic: of them all.
        hidden: sizes of the hidden layers.
        activation: behind each.
    """
    for i, net in enumerate(critic.q_networks):
        layers = [m for m in net.modules() if isinstance(m, nn.Linear)]
        block = MLP(layers[0].in_features, hidden, layers[-1].out_features, activation=NAMES[activation])
        critic.q_networks[i] = block.to(critic.device)
        critic.add_module(f"qf{i}", critic.q_networks[i])
    return critic
