"""The policies of sb3-contrib's agents that learn how returns are spread, with MLP blocks. Needs sb3-contrib.

QR-DQN: a quantile q_i of the return of each action for i = 1 ... N, whose mean is the Q-value. Dabney et al.
2018, arXiv:1710.10044. TQC: as many of each of several critics, of the action that the actor takes; targets
leave the largest out. Kuznetsov et al. 2020, arXiv:2005.04269.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from sb3_contrib import QRDQN, TQC
from sb3_contrib.qrdqn.policies import QRDQNPolicy, QuantileNetwork
from sb3_contrib.tqc.policies import Actor, Critic, TQCPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor

from agents.policies.replay_policies import NAMES, Distributional, with_block, with_blocks
from sandbox.blocks.mlp import MLP

ALGORITHMS: dict[str, Any] = {"qrdqn": QRDQN, "tqc": TQC}
"""sb3-contrib's, by the name of the agent."""


class QuantilePolicy(Distributional, QRDQNPolicy):
    """QR-DQN's policy with MLP blocks."""

    def make_quantile_net(self) -> QuantileNetwork:
        """Build one network; its `quantile_net` is an MLP block."""
        net = super().make_quantile_net()
        outputs = int(net.action_space.n) * net.n_quantiles
        block = MLP(net.features_dim, net.net_arch, outputs, activation=NAMES[net.activation_fn])
        net.quantile_net = block.to(self.device)
        return net

    def return_quantiles(self, obs: Tensor, actions: Tensor | None = None) -> Float[Tensor, "B K Q"]:
        """Return quantiles of the return of each action, ascending."""
        return self.quantile_net(obs).transpose(1, 2).sort(-1).values


class TruncatedPolicy(Distributional, TQCPolicy):
    """TQC's policy with MLP blocks."""

    def make_actor(self, features_extractor: BaseFeaturesExtractor | None = None) -> Actor:
        """Build the actor; its `latent_pi` is an MLP block."""
        return with_block(super().make_actor(features_extractor))

    def make_critic(self, features_extractor: BaseFeaturesExtractor | None = None) -> Critic:
        """Build the critics; each `qf0`, `qf1`, ... is an MLP block."""
        critic = super().make_critic(features_extractor)
        return with_blocks(critic, self.critic_kwargs["net_arch"], self.activation_fn)

    def return_quantiles(self, obs: Tensor, actions: Tensor | None = None) -> Float[Tensor, "B Q"]:
        """Return quantiles of the return of these actions, those of all critics together, ascending."""
        assert actions is not None
        return self.critic(obs, actions).flatten(1).sort(-1).values
