"""Actions of several kinds at once, as a distribution of Stable-Baselines3's."""

from __future__ import annotations

import torch
from jaxtyping import Float
from stable_baselines3.common.distributions import DiagGaussianDistribution
from torch import Tensor, nn

from agents.flat_spaces import FlatActions
from agents.policies.action_heads import ProductHead


class ProductDistribution(DiagGaussianDistribution):
    """Independent choices, bits and continuous numbers, as Stable-Baselines3's policies use a distribution.

    Args:
        space: of the actions.
    """

    def __init__(self, space: FlatActions) -> None:
        super().__init__(int(space.shape[0]))
        self.space = space

    def proba_distribution_net(
        self, latent_dim: int, log_std_init: float = 0.0
    ) -> tuple[nn.Module, nn.Parameter]:
        """Make the action net and the standard deviations; of these at least one, though unused."""
        log_std = torch.full((max(1, self.space.numbers),), float(log_std_init))
        return nn.Linear(latent_dim, self.space.num_outputs), nn.Parameter(log_std, requires_grad=True)

    def proba_distribution(
        self, mean_actions: Float[Tensor, "B K"], log_std: Float[Tensor, " n"]
    ) -> ProductDistribution:  # type: ignore[override]
        """Take the outputs of the action net."""
        self.head, self.outputs = ProductHead(self.space, log_std), mean_actions
        return self

    def log_prob(self, actions: Float[Tensor, "B n"]) -> Float[Tensor, " B"]:
        """Return summed log-probabilities."""
        return self.head.evaluate(self.outputs, actions)[0]

    def entropy(self) -> Float[Tensor, " B"]:
        """Return summed entropies."""
        return self.head.evaluate(self.outputs, self.head.best(self.outputs))[1]

    def sample(self) -> Float[Tensor, "B n"]:
        """Draw actions."""
        return self.head.sample(self.outputs)

    def mode(self) -> Float[Tensor, "B n"]:
        """Give the most probable actions."""
        return self.head.best(self.outputs)
