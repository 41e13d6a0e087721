"""How PPO runs a policy's networks: two MLPs side by side by hand, anything else through autograd.

Both offer the same five calls. `Towers` (`agents.ppo.towers`) is for the common case, two MLPs over a flat
observation.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Shaped
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor

from agents.policies.flat_parameters import FlatParameters
from agents.policies.recurrent import MemoryBackbone, MemoryPolicy
from agents.ppo.fast_path import policy_obstacle
from agents.ppo.matmul_precision import fast_products
from agents.ppo.towers import Towers


@runtime_checkable
class Backbone(Protocol):
    """What PPO asks of the networks of a policy. No call here records an autograd graph for its caller."""

    flat: FlatParameters
    values_while_acting: bool
    """Whether `act` returns values; else they are left to one large batch at the end of a rollout."""
    turned: bool
    """Whether raw pictures come as (H, W, C) to a policy whose space is (C, H, W)."""
    memory_size: int
    """M, numbers that are held per environment from one step to the next; 0 without a memory."""

    def prepare(self, obs: Tensor) -> Tensor:
        """Convert raw observations (B, *shape) once, before they are shuffled into minibatches."""
        ...

    def act(
        self, prepared: Tensor, memory: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return the action net's outputs (B, K), values (B,) if `values_while_acting`, and the new memory.

        Args:
            prepared: observations.
            memory: (B, M), zeros where an episode begins; None for zeros.
        """
        ...

    def values(self, prepared: Tensor, memory: Tensor | None = None) -> Tensor:
        """Return values (B,); arguments as in `act`."""
        ...

    def forward(self, batch: Any) -> tuple[Tensor, Tensor]:
        """Return the outputs (B, K) and values (B,) of a minibatch, and remember what `backward` needs.

        Args:
            batch: prepared observations, or `Sequences` if there is a memory.
        """
        ...

    def backward(self, grad_outputs: Tensor, grad_values: Tensor) -> None:
        """Write the gradients of the minibatch into `flat.grads`, except that of `log_std`."""
        ...


class Autograd:
    """Any policy of the ordinary shape (features, actor latent, critic latent), differentiated by torch.

    Args:
        policy: one without a `policy_obstacle`.
    """

    values_while_acting = True
    memory_size = 0

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self.policy = policy
        self.turned = False
        self.flat = FlatParameters([p for p in policy.parameters() if p.requires_grad])
        self.graph: tuple[Tensor, Tensor] | None = None

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations: as bytes, images are a quarter of the memory to shuffle."""
        return obs

    def _turn(self, obs: Tensor) -> Tensor:
        return obs.permute(0, 3, 1, 2) if self.turned else obs

    def _outputs(self, obs: Tensor) -> tuple[Tensor, Tensor]:
        policy = self.policy
        features = policy.extract_features(self._turn(obs))
        if isinstance(features, tuple):
            latent_pi = policy.mlp_extractor.forward_actor(features[0])
            latent_vf = policy.mlp_extractor.forward_critic(features[1])
        else:
            latent_pi, latent_vf = policy.mlp_extractor(features)
        return policy.action_net(latent_pi), policy.value_net(latent_vf)[:, 0]

    def act(
        self, prepared: Shaped[Tensor, "B ..."], memory: Tensor | None = None
    ) -> tuple[Float[Tensor, "B K"], Float[Tensor, " B"], None]:
        """Return outputs and values; the features are shared, so both come from one pass."""
        with fast_products(prepared.device):
            return *self._outputs(prepared), None

    def values(self, prepared: Shaped[Tensor, "B ..."], memory: Tensor | None = None) -> Float[Tensor, " B"]:
        """Return values."""
        return self.policy.predict_values(self._turn(prepared))[:, 0]

    def forward(self, batch: Shaped[Tensor, "B ..."]) -> tuple[Float[Tensor, "B K"], Float[Tensor, " B"]]:
        """Return the outputs and values of a minibatch."""
        self.flat.grads.zero_()
        with torch.enable_grad():
            self.graph = self._outputs(batch)
        return self.graph[0].detach(), self.graph[1].detach()

    def backward(self, grad_outputs: Float[Tensor, "B K"], grad_values: Float[Tensor, " B"]) -> None:
        """Write the gradients of the minibatch."""
        assert self.graph is not None
        torch.autograd.backward(self.graph, (grad_outputs, grad_values))
        self.graph = None


def backbone_for(policy: ActorCriticPolicy) -> Backbone | None:
    """Pick the fastest way to run a policy, or None if only its own methods know how."""
    if policy_obstacle(policy) is not None:
        return None
    if isinstance(policy, MemoryPolicy):
        return MemoryBackbone(policy)
    return Towers(policy) if Towers.supports(policy) else Autograd(policy)
