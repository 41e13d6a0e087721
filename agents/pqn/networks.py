"""How PQN runs its network: an MLP by hand, anything else through autograd.

As in `agents.ppo.backbones`: a handful of products into one flat block of parameters is several times cheaper
on a CPU than an autograd graph. The gradients are tested against autograd's.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Shaped
from stable_baselines3.common.preprocessing import preprocess_obs
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import Tensor, nn

from agents.policies.features import LearnedFeatures
from agents.policies.flat_parameters import FlatParameters
from agents.ppo.matmul_precision import fast_products
from agents.pqn.policy import QPolicy

layer_norm = torch.ops.aten.native_layer_norm
layer_norm_backward = torch.ops.aten.native_layer_norm_backward
threshold_backward = torch.ops.aten.threshold_backward


@runtime_checkable
class QNetwork(Protocol):
    """What PQN asks of its network. No call records an autograd graph for its caller."""

    flat: FlatParameters
    memory_size: int
    """M, numbers that are held per environment from one step to the next; 0 without a memory."""
    turned: bool
    """Whether raw pictures come as (H, W, C) to a policy whose space is (C, H, W)."""

    def prepare(self, obs: Tensor) -> Tensor:
        """Convert raw observations (B, *shape) once, before they are shuffled into minibatches."""
        ...

    def see(self, obs: Tensor) -> None:
        """Take raw observations into the scale of observations, if there is one."""
        ...

    def act(self, prepared: Tensor, memory: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the Q-values (B, K) of prepared observations, in scaled rewards, and the new memory.

        Args:
            prepared: observations.
            memory: (B, M), zeros where an episode begins; None for zeros.
        """
        ...

    def forward(self, batch: Any) -> Tensor:
        """Return the Q-values (B, K) of a minibatch and remember what `backward` needs.

        Args:
            batch: prepared observations, or `Sequences` if there is a memory.
        """
        ...

    def backward(self, grad: Tensor) -> None:
        """Write the gradients of the minibatch into `flat.grads`."""
        ...


class HandWritten:
    """An MLP with layer normalisation and ReLU over flat observations or frozen features.

    Args:
        policy: one that `supports` accepts.
    """

    memory_size = 0

    def __init__(self, policy: QPolicy) -> None:
        self.policy = policy
        self.turned = False
        layers = list(policy.q_net.children())
        self.linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
        self.norms = [layer for layer in layers if isinstance(layer, nn.LayerNorm)]
        self.flat = FlatParameters([p for p in policy.parameters() if p.requires_grad])
        self.weights = [(layer.weight.data, layer.bias.data) for layer in self.linears]
        self.scales = [(norm.weight.data, norm.bias.data, norm.eps) for norm in self.norms]
        self.saved: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        self.last: Tensor | None = None

    @staticmethod
    def supports(policy: QPolicy) -> bool:
        """Tell whether a policy is an MLP with ReLU over something that is not trained."""
        features = policy.features_extractor
        frozen = type(features) is FlattenExtractor or (
            type(features) is LearnedFeatures and not any(p.requires_grad for p in features.parameters())
        )
        own = type(policy).make_q_net is QPolicy.make_q_net
        return own and frozen and policy.activation_fn is nn.ReLU

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Convert raw observations to rows of floats, not yet scaled."""
        policy = self.policy
        obs = obs.permute(0, 3, 1, 2) if self.turned else obs
        ready = preprocess_obs(obs, policy.observation_space, normalize_images=policy.normalize_images)
        assert isinstance(ready, Tensor)
        if isinstance(policy.features_extractor, LearnedFeatures):
            return policy.features_extractor(ready)
        return ready.reshape(len(obs), -1)

    def see(self, obs: Shaped[Tensor, "B ..."]) -> None:
        """Take raw observations into the scale."""
        if self.policy.obs_scale is not None:
            self.policy.obs_scale.see(self.prepare(obs))

    def act(
        self, prepared: Float[Tensor, "B D"], memory: Tensor | None = None
    ) -> tuple[Float[Tensor, "B K"], None]:
        """Return Q-values."""
        scale = self.policy.obs_scale
        h = prepared if scale is None else scale(prepared)
        for (weight, bias), (gain, offset, eps) in zip(self.weights[:-1], self.scales, strict=True):
            z = torch.addmm(bias, h, weight.t())
            h = layer_norm(z, (z.shape[1],), gain, offset, eps)[0].relu_()
        weight, bias = self.weights[-1]
        return torch.addmm(bias, h, weight.t()), None

    def forward(self, batch: Float[Tensor, "B D"]) -> Float[Tensor, "B K"]:
        """Return the Q-values of a minibatch."""
        scale = self.policy.obs_scale
        h = batch if scale is None else scale(batch)
        self.saved = []
        for (weight, bias), (gain, offset, eps) in zip(self.weights[:-1], self.scales, strict=True):
            z = torch.addmm(bias, h, weight.t())
            y, mean, deviation = layer_norm(z, (z.shape[1],), gain, offset, eps)
            self.saved.append((h, z, mean, deviation))
            h = y.relu_()
        self.last = h
        weight, bias = self.weights[-1]
        return torch.addmm(bias, h, weight.t())

    def backward(self, grad: Float[Tensor, "B K"]) -> None:
        """Write the gradients of the minibatch."""
        assert self.last is not None
        h = self.last
        self._linear_grads(-1, grad, h)
        for i in reversed(range(len(self.norms))):
            grad = torch.mm(grad, self.weights[i + 1][0])
            grad = threshold_backward(grad, h, 0)
            gain, offset, _ = self.scales[i]
            h, z, mean, deviation = self.saved[i]
            grad, gain_grad, offset_grad = layer_norm_backward(
                grad, z, (z.shape[1],), mean, deviation, gain, offset, [True, True, True]
            )
            norm = self.norms[i]
            assert norm.weight.grad is not None and norm.bias.grad is not None
            norm.weight.grad.copy_(gain_grad)
            norm.bias.grad.copy_(offset_grad)
            self._linear_grads(i, grad, h)

    def _linear_grads(self, i: int, grad: Tensor, entered: Tensor) -> None:
        weight, bias = self.linears[i].weight.grad, self.linears[i].bias.grad
        assert weight is not None
        torch.mm(grad.t(), entered, out=weight)
        if bias is not None:  # else it is not trained
            torch.sum(grad, 0, out=bias)


class Autograd:
    """Any policy, differentiated by torch.

    Args:
        policy: the policy.
    """

    memory_size = 0

    def __init__(self, policy: QPolicy) -> None:
        self.policy = policy
        self.turned = False
        self.flat = FlatParameters([p for p in policy.parameters() if p.requires_grad])
        self.graph: Tensor | None = None

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations: as bytes, images are a quarter of the memory to shuffle."""
        return obs

    def see(self, obs: Shaped[Tensor, "B ..."]) -> None:
        """Take raw observations into the scale."""
        scale = self.policy.obs_scale
        if scale is not None:
            scale.see(self.policy.features_extractor(obs.float()))

    def _values(self, obs: Tensor) -> Tensor:
        return self.policy(obs.permute(0, 3, 1, 2) if self.turned else obs)

    def act(
        self, prepared: Shaped[Tensor, "B ..."], memory: Tensor | None = None
    ) -> tuple[Float[Tensor, "B K"], Tensor | None]:
        """Return Q-values."""
        with fast_products(prepared.device):
            return self._values(prepared), None

    def forward(self, batch: Any) -> Float[Tensor, "B K"]:
        """Return the Q-values of a minibatch."""
        self.flat.grads.zero_()
        with torch.enable_grad():
            self.graph = self._values(batch)
        return self.graph.detach()

    def backward(self, grad: Float[Tensor, "B K"]) -> None:
        """Write the gradients of the minibatch."""
        assert self.graph is not None
        torch.autograd.backward(self.graph, grad)
        self.graph = None
