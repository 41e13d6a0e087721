"""Two MLPs over a flat observation, actor and critic, run and differentiated by hand.

Forward and backward passes are a handful of matrix products into memory that is reused, which on a CPU is
several times cheaper than building and walking an autograd graph. Tests compare the gradients to autograd's.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.preprocessing import preprocess_obs
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import Tensor, nn

from agents.policies.features import LearnedFeatures
from agents.policies.flat_parameters import FlatParameters
from agents.policies.normalisation import NormalisedFeatures

PART = 512
"""Samples whose part of a gradient is summed by one product on a GPU."""

FEATURES_AT_ONCE = 4096
"""Observations that pass through frozen features together."""


def _activation(net: nn.Module) -> type[nn.Module] | None:
    """Name the activation of a plain `Linear, activation, Linear, activation, ...` stack, else None."""
    layers = list(net.children()) if isinstance(net, nn.Sequential) else []
    linear, active = layers[::2], layers[1::2]
    plain = len(linear) == len(active) > 0 and all(
        type(m) is nn.Linear and m.bias is not None for m in linear
    )
    kinds = {type(m) for m in active}
    if plain and len(kinds) == 1 and kinds <= {nn.Tanh, nn.ReLU}:
        return kinds.pop()
    return None


def _linears(net: nn.Module) -> list[nn.Linear]:
    return [m for m in net.children() if isinstance(m, nn.Linear)]


def _weight_gradient(grads: Tensor, inputs: Tensor, out: Tensor) -> None:
    """Write `grads.mT @ inputs`, which sums over all samples of a minibatch.

    Args:
        grads: (..., B, out).
        inputs: (..., B, in).
        out: (..., out, in).
    """
    if grads.device.type == "cuda" and grads.shape[-2] >= 2 * PART and grads.shape[-2] % PART == 0:
        _in_parts(grads, inputs, out)
    else:
        torch.matmul(grads.mT, inputs, out=out)


def _in_parts(grads: Tensor, inputs: Tensor, out: Tensor) -> None:
    """The same from parts of the samples: few sums over many samples would keep few units of a GPU busy."""
    torch.sum(grads.unflatten(-2, (-1, PART)).mT @ inputs.unflatten(-2, (-1, PART)), -3, out=out)


class Towers:
    """The actor's and the critic's MLP as one stack of (2, out, in) matrices.

    tanh is computed as 2 sigmoid(2x) - 1, which torch vectorises five times better than tanh; the two differ
    by at most 2e-7.

    Args:
        policy: one that `supports` accepts.
    """

    values_while_acting = False
    memory_size = 0

    def __init__(self, policy: ActorCriticPolicy) -> None:
        self.policy = policy
        self.turned = False
        self.tanh = _activation(policy.mlp_extractor.policy_net) is nn.Tanh
        pairs = list(
            zip(
                _linears(policy.mlp_extractor.policy_net),
                _linears(policy.mlp_extractor.value_net),
                strict=True,
            )
        )
        actor, critic = policy.action_net, policy.value_net
        assert isinstance(actor, nn.Linear) and isinstance(critic, nn.Linear)
        order: list[nn.Parameter] = []
        for pi, vf in pairs:
            order += [pi.weight, vf.weight, pi.bias, vf.bias]
        heads = [actor.weight, actor.bias, critic.weight, critic.bias]
        learned = [p for p in policy.parameters() if p.requires_grad]
        rest = [p for p in learned if not any(p is q for q in order + heads)]
        self.flat = FlatParameters(order + heads + rest)

        self.layers: list[tuple[Tensor, Tensor]] = []
        self.layer_grads: list[tuple[Tensor, Tensor]] = []
        start = 0
        for pi, _ in pairs:
            out, width = pi.weight.shape
            middle, end = start + 2 * out * width, start + 2 * out * (width + 1)
            for flat, layers in ((self.flat.values, self.layers), (self.flat.grads, self.layer_grads)):
                layers.append((flat[start:middle].view(2, out, width), flat[middle:end].view(2, 1, out)))
            start = end
        self.heads = [p.data for p in heads]
        self.head_grads = [p.grad for p in heads]
        self.buffers: dict[int, tuple[list[Tensor], list[Tensor]]] = {}
        self.saved: list[Tensor] = []

    @staticmethod
    def supports(policy: ActorCriticPolicy) -> bool:
        """Tell whether a policy is two plain MLPs of equal size over flat observations or frozen features."""
        extractor, features = policy.mlp_extractor, policy.features_extractor
        frozen = type(features) in (FlattenExtractor, NormalisedFeatures) or (
            type(features) is LearnedFeatures and not any(p.requires_grad for p in features.parameters())
        )
        if not frozen or not policy.share_features_extractor:
            return False
        pi, vf = extractor.policy_net, extractor.value_net
        shapes = [[m.weight.shape for m in _linears(net)] for net in (pi, vf)]
        if _activation(pi) is not _activation(vf) or _activation(pi) is None or shapes[0] != shapes[1]:
            return False
        layers = [*_linears(pi), *_linears(vf), policy.action_net, policy.value_net]
        weights = [p for layer in layers for p in layer.parameters()]
        # Layers without a bias, or with weights in common, are for autograd.
        return len({id(p) for p in weights}) == 2 * len(layers)

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Convert raw observations to flat floats: scaled images, one-hot numbers, frozen features."""
        policy = self.policy
        obs = obs.permute(0, 3, 1, 2) if self.turned else obs
        ready = preprocess_obs(obs, policy.observation_space, normalize_images=policy.normalize_images)
        assert isinstance(ready, Tensor)
        if isinstance(policy.features_extractor, LearnedFeatures | NormalisedFeatures):
            # In parts, because a block may need much more memory than its input.
            return torch.cat([policy.features_extractor(part) for part in ready.split(FEATURES_AT_ONCE)])
        return ready.reshape(len(obs), -1)

    def _tower(self, h: Tensor, which: int) -> Tensor:
        for weight, bias in self.layers:
            if self.tanh:
                h = torch.addmm(bias[which], h, weight[which].t(), beta=2, alpha=2)
                h.sigmoid_().mul_(2).sub_(1)
            else:
                h = torch.addmm(bias[which], h, weight[which].t()).relu_()
        return h

    def act(
        self, prepared: Float[Tensor, "B D"], memory: Tensor | None = None
    ) -> tuple[Float[Tensor, "B K"], None, None]:
        """Return the action net's outputs; values wait for one large batch."""
        weight, bias = self.heads[:2]
        return torch.addmm(bias, self._tower(prepared, 0), weight.t()), None, None

    def values(self, prepared: Float[Tensor, "B D"], memory: Tensor | None = None) -> Float[Tensor, " B"]:
        """Return values."""
        weight, bias = self.heads[2:]
        return torch.addmm(bias, self._tower(prepared, 1), weight.t())[:, 0]

    def _memory(self, batch: int) -> tuple[list[Tensor], list[Tensor]]:
        if batch not in self.buffers:
            shapes = [(2, batch, weight.shape[1]) for weight, _ in self.layers]
            new = self.flat.values.new_empty
            self.buffers[batch] = ([new(s) for s in shapes], [new(s) for s in shapes])
        return self.buffers[batch]

    def forward(self, batch: Float[Tensor, "B D"]) -> tuple[Float[Tensor, "B K"], Float[Tensor, " B"]]:
        """Return the outputs and values of a minibatch."""
        hidden, _ = self._memory(len(batch))
        h = batch.expand(2, *batch.shape)
        self.saved = [h]
        for (weight, bias), out in zip(self.layers, hidden, strict=True):
            if self.tanh:
                torch.baddbmm(bias, h, weight.mT, beta=2, alpha=2, out=out)
                out.sigmoid_().mul_(2).sub_(1)
            else:
                torch.baddbmm(bias, h, weight.mT, out=out).relu_()
            h = out
            self.saved.append(h)
        actor, actor_bias, critic, critic_bias = self.heads
        outputs = torch.addmm(actor_bias, h[0], actor.t())
        return outputs, torch.addmm(critic_bias, h[1], critic.t())[:, 0]

    def backward(self, grad_outputs: Float[Tensor, "B K"], grad_values: Float[Tensor, " B"]) -> None:
        """Write the gradients of the minibatch."""
        _, grad_hidden = self._memory(len(grad_values))
        actor, _, critic, _ = self.heads
        actor_grad, actor_bias_grad, critic_grad, critic_bias_grad = self.head_grads
        h, grad, column = self.saved[-1], grad_hidden[-1], grad_values[:, None]
        _weight_gradient(grad_outputs, h[0], actor_grad)
        torch.sum(grad_outputs, 0, out=actor_bias_grad)
        _weight_gradient(column, h[1], critic_grad)
        torch.sum(column, 0, out=critic_bias_grad)
        torch.mm(grad_outputs, actor, out=grad[0])
        torch.mm(column, critic, out=grad[1])
        slope = torch.ops.aten.tanh_backward if self.tanh else torch.ops.aten.threshold_backward
        threshold = () if self.tanh else (0,)
        for i in reversed(range(len(self.layers))):
            grad = grad_hidden[i]
            slope.grad_input(grad, self.saved[i + 1], *threshold, grad_input=grad)
            weight_grad, bias_grad = self.layer_grads[i]
            _weight_gradient(grad, self.saved[i], weight_grad)
            torch.sum(grad, 1, keepdim=True, out=bias_grad)
            if i:
                torch.bmm(grad, self.layers[i][0], out=grad_hidden[i - 1])
