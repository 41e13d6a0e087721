"""Q-values that are the negative free energy of a restricted Boltzmann machine. Sallans & Hinton 2004.

    v       = (s, a)                        bits of the observation, then one unit for each action
    Q(s, a) = -F(v) = b.v + sum_j softplus(c_j + W_j.v)

What earns much is what the machine finds likely: the softmax of Q over the actions is its own p(a | s). The
gradient of Q needs no samples: dQ/dW_ji = p(h_j = 1 | v) v_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float
from stable_baselines3.common.preprocessing import is_image_space
from torch import Tensor, nn

from agents.policies.features import LearnedFeatures
from agents.pqn.policy import QPolicy
from sandbox.blocks.rbm import RBM
from sandbox.errors import UserError

IN_SHARES = ("rbf", "som", "rbm", "dbn")
"""Learned features that lie in [0, 1], as visible units do."""
SPREAD = 0.3
"""Deviation of the first weights."""


class FreeEnergyNet(nn.Module):
    """The negative free energy of each action beside an observation.

    Args:
        observation_dim: visible units for the observation, D.
        hidden_dim: hidden units.
        actions: visible units for actions, K, of which one is on.

    Attributes:
        rbm: the machine over D + K visible units.
    """

    def __init__(self, observation_dim: int, hidden_dim: int, actions: int) -> None:
        super().__init__()
        self.rbm = RBM(observation_dim + actions, hidden_dim)
        self.register_buffer("actions", torch.eye(actions), persistent=False)
        with torch.no_grad():
            # What an action is worth where is a product of weights, which has no gradient near 0.
            self.rbm.weight.normal_(0.0, SPREAD)
            # Each hidden unit adds about softplus(0) at first. Take that off, so that Q begins near 0.
            self.rbm.visible_bias[observation_dim:] = -hidden_dim * float(np.log(2.0))

    actions: Tensor

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B K"]:
        """Return -F of each action."""
        count = len(self.actions)
        rows = torch.cat([x.repeat_interleave(count, 0), self.actions.repeat(len(x), 1)], 1)
        return -self.rbm(rows).view(len(x), count)


class FreeEnergyPolicy(QPolicy):
    """A Q-policy whose network is a restricted Boltzmann machine: `"MlpPolicy"` of `FreeEnergy`.

    Args:
        observation_space: bits, choices, or numbers and pictures between 0 and 1.
        action_space: `Discrete`.
        lr_schedule: as in Stable-Baselines3.
        net_arch: one number, the hidden units.
        **options: of `QPolicy`.

    Raises:
        UserError: observations that are no visible units.
    """

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        lr_schedule: Any,
        net_arch: Sequence[int] | None = None,
        **options: Any,
    ) -> None:
        arch = [64] if net_arch is None else list(net_arch)
        options["normalize_obs"] = False
        super().__init__(observation_space, action_space, lr_schedule, arch, **options)
        features = self.features_extractor
        visible = (
            features.kind in IN_SHARES
            if isinstance(features, LearnedFeatures)
            else _is_visible(observation_space)
        )
        if not visible:
            raise UserError(
                f"free_energy sees bits, choices and numbers between 0 and 1, not {observation_space}: "
                f"give it features that are ({', '.join(f'--policy {kind}' for kind in IN_SHARES)})."
            )

    def make_q_net(self, width: int) -> nn.Module:
        """Build the machine."""
        assert isinstance(self.action_space, spaces.Discrete)
        return FreeEnergyNet(width, self.net_arch[0], int(self.action_space.n))


def _is_visible(space: spaces.Space) -> bool:
    """Whether every number that a network sees of this space lies between 0 and 1."""
    if not isinstance(space, spaces.Box):
        return True  # one-hot rows and bits
    bounded = bool(np.all(space.low >= 0) and np.all(space.high <= 1))
    return bounded or is_image_space(space)
