"""Action heads: what Stable-Baselines3's distributions compute, without building one at every step.

A head turns the action net's outputs into actions, log-probabilities and entropies, and has its gradient
written out by hand, so that an update needs no autograd graph for the loss. Tests compare each with
Stable-Baselines3's distribution (values) and with autograd (gradients).
"""

from __future__ import annotations

import math
from typing import Any, Protocol, runtime_checkable

import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from agents.flat_spaces import FlatActions

FORBIDDEN = -1e8
"""Logit of an action that is not allowed: its probability is exactly 0, and so is its gradient."""

LOG_SQRT_TWO_PI = 0.5 * math.log(2 * math.pi)


@runtime_checkable
class Head(Protocol):
    """What PPO asks of an action distribution whose parameters are `outputs` (B, K).

    Of `CategoricalHead` and `GaussianHead`, `evaluate` and `backward` also take a stack of several policies'
    outputs, (S, B, K), with a `log_std` of (S, 1, K).
    """

    def sample(self, outputs: Tensor) -> Tensor:
        """Draw one action per row, from the default generator of the device."""
        ...

    def best(self, outputs: Tensor) -> Tensor:
        """Give the most probable action of each row."""
        ...

    def evaluate(self, outputs: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """Return log-probabilities (B,), entropies (B,) and what `backward` needs."""
        ...

    def backward(self, saved: tuple[Tensor, ...], grad_log_prob: Tensor, grad_entropy: float) -> Tensor:
        """Return the gradient for `outputs`, from that of each log-probability and of each entropy."""
        ...


class CategoricalHead:
    """`Discrete`: outputs are logits, actions are int64 of shape (B,)."""

    def sample(self, outputs: Float[Tensor, "B K"]) -> Shaped[Tensor, " B"]:
        """Draw actions; the same draws as `torch.multinomial`, which adds several checks to this line."""
        probabilities = torch.softmax(outputs, -1)
        return probabilities.div_(torch.empty_like(probabilities).exponential_()).argmax(-1)

    def best(self, outputs: Float[Tensor, "*B K"]) -> Shaped[Tensor, "*B"]:
        """Give the most probable actions."""
        return outputs.argmax(-1)

    def evaluate(
        self, outputs: Float[Tensor, "*B K"], actions: Shaped[Tensor, "*B"]
    ) -> tuple[Float[Tensor, "*B"], Float[Tensor, "*B"], tuple[Tensor, ...]]:
        """Return log-probabilities, entropies and what `backward` needs."""
        actions = actions[..., None]
        if outputs.dim() == 2:
            log_p = torch.log_softmax(outputs, -1)
        else:
            # Across rows in memory, a few numbers each, it takes ten times as long as across columns.
            log_p = torch.log_softmax(outputs.mT.contiguous(), -2).mT
        p = log_p.exp()
        entropy = (p * log_p).sum(-1).neg_()
        return log_p.gather(-1, actions)[..., 0], entropy, (actions, log_p, p, entropy)

    def backward(
        self, saved: tuple[Tensor, ...], grad_log_prob: Float[Tensor, "*B"], grad_entropy: float
    ) -> Float[Tensor, "*B K"]:
        """Return the gradient for the logits: g (onehot(a) - p) - e p (log p + H)."""
        actions, log_p, p, entropy = saved
        grad = p * grad_log_prob.neg()[..., None]
        grad.scatter_add_(-1, actions, grad_log_prob[..., None])
        if grad_entropy:
            grad.addcmul_(p, log_p + entropy[..., None], value=-grad_entropy)
        return grad


class MultiCategoricalHead:
    """`MultiDiscrete`: one categorical after another; actions are int64 of shape (B, n)."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes
        self.one = CategoricalHead()

    def sample(self, outputs: Float[Tensor, "B K"]) -> Shaped[Tensor, "B n"]:
        """Draw actions."""
        return torch.stack([self.one.sample(part) for part in outputs.split(self.sizes, 1)], 1)

    def best(self, outputs: Float[Tensor, "B K"]) -> Shaped[Tensor, "B n"]:
        """Give the most probable actions."""
        return torch.stack([part.argmax(-1) for part in outputs.split(self.sizes, 1)], 1)

    def evaluate(
        self, outputs: Float[Tensor, "B K"], actions: Shaped[Tensor, "B n"]
    ) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"], tuple[Tensor, ...]]:
        """Return summed log-probabilities, summed entropies and what `backward` needs."""
        parts = [
            self.one.evaluate(part, actions[:, i]) for i, part in enumerate(outputs.split(self.sizes, 1))
        ]
        saved = tuple(tensor for part in parts for tensor in part[2])
        log_prob = torch.stack([part[0] for part in parts]).sum(0)
        entropy = torch.stack([part[1] for part in parts]).sum(0)
        return log_prob, entropy, saved

    def backward(
        self, saved: tuple[Tensor, ...], grad_log_prob: Float[Tensor, " B"], grad_entropy: float
    ) -> Float[Tensor, "B K"]:
        """Return the gradient for the logits, part by part."""
        parts = [saved[i : i + 4] for i in range(0, len(saved), 4)]
        return torch.cat([self.one.backward(part, grad_log_prob, grad_entropy) for part in parts], 1)


class BernoulliHead:
    """`MultiBinary`: outputs are logits of independent bits; actions are float 0 or 1 of shape (B, n)."""

    def sample(self, outputs: Float[Tensor, "B n"]) -> Float[Tensor, "B n"]:
        """Draw actions."""
        return torch.bernoulli(outputs.sigmoid())

    def best(self, outputs: Float[Tensor, "B n"]) -> Float[Tensor, "B n"]:
        """Give the most probable actions."""
        return torch.round(outputs.sigmoid())

    def evaluate(
        self, outputs: Float[Tensor, "B n"], actions: Float[Tensor, "B n"]
    ) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"], tuple[Tensor, ...]]:
        """Return log-probabilities, entropies and what `backward` needs."""
        p = outputs.sigmoid()
        softplus = torch.nn.functional.softplus(outputs)
        log_prob = (actions * outputs - softplus).sum(1)
        entropy = (softplus - p * outputs).sum(1)
        return log_prob, entropy, (outputs, actions, p)

    def backward(
        self, saved: tuple[Tensor, ...], grad_log_prob: Float[Tensor, " B"], grad_entropy: float
    ) -> Float[Tensor, "B n"]:
        """Return the gradient for the logits: g (a - p) - e l p (1 - p)."""
        outputs, actions, p = saved
        grad = (actions - p).mul_(grad_log_prob[:, None])
        return grad.addcmul_(outputs, p * (1 - p), value=-grad_entropy)


class GaussianHead:
    """`Box`: outputs are means, `log_std` one learned number per dimension; actions are floats.

    Actions are drawn as rows (B, n), however the space arranges their numbers. `backward` also writes the
    gradient of `log_std` into `log_std.grad`, which must exist unless it is frozen.
    """

    def __init__(self, log_std: Tensor) -> None:
        self.log_std = log_std

    def sample(self, outputs: Float[Tensor, "B n"]) -> Float[Tensor, "B n"]:
        """Draw actions, not yet clipped to the action space."""
        return torch.normal(outputs, self.log_std.exp().expand_as(outputs))

    def best(self, outputs: Float[Tensor, "*B n"]) -> Float[Tensor, "*B n"]:
        """Give the most probable actions."""
        return outputs

    def evaluate(
        self, outputs: Float[Tensor, "*B n"], actions: Tensor
    ) -> tuple[Float[Tensor, "*B"], Float[Tensor, "*B"], tuple[Tensor, ...]]:
        """Return log-probabilities, entropies and what `backward` needs."""
        inverse_std = self.log_std.neg().exp()
        z = (actions.reshape(outputs.shape) - outputs).mul_(inverse_std)
        constant = self.log_std + LOG_SQRT_TWO_PI
        log_prob = (z * z).mul_(-0.5).sub_(constant).sum(-1)
        entropy = (constant + 0.5).sum(-1).expand(outputs.shape[:-1])
        return log_prob, entropy, (z, inverse_std)

    def backward(
        self, saved: tuple[Tensor, ...], grad_log_prob: Float[Tensor, "*B"], grad_entropy: float
    ) -> Float[Tensor, "*B n"]:
        """Return the gradient for the means: g z / std; and for log_std: sum of g (z^2 - 1) + e."""
        z, inverse_std = saved
        grad_log_prob = grad_log_prob[..., None]
        if self.log_std.requires_grad:
            assert self.log_std.grad is not None
            total = ((z * z - 1) * grad_log_prob).sum(-2).add_(grad_entropy * z.shape[-2])
            self.log_std.grad.copy_(total.view_as(self.log_std))
        return (z * inverse_std).mul_(grad_log_prob)


class ProductHead:
    """`FlatActions`: independent choices, bits and continuous numbers in one row of floats.

    Outputs are the logits of all choices, then those of the bits, then means.

    Args:
        space: says how many there are of each.
        log_std: one learned number per mean.
    """

    def __init__(self, space: FlatActions, log_std: Tensor) -> None:
        widths = (sum(space.sizes), space.bits, space.numbers), (len(space.sizes), space.bits, space.numbers)
        heads: list[Head] = [MultiCategoricalHead(space.sizes), BernoulliHead(), GaussianHead(log_std)]
        there = [i for i, width in enumerate(widths[0]) if width]
        self.heads = [heads[i] for i in there]
        self.outputs, self.columns = ([width[i] for i in there] for width in widths)

    def sample(self, outputs: Float[Tensor, "B K"]) -> Float[Tensor, "B n"]:
        """Draw actions."""
        parts = zip(self.heads, outputs.split(self.outputs, 1), strict=True)
        return torch.cat([head.sample(part).float() for head, part in parts], 1)

    def best(self, outputs: Float[Tensor, "B K"]) -> Float[Tensor, "B n"]:
        """Give the most probable actions."""
        parts = zip(self.heads, outputs.split(self.outputs, 1), strict=True)
        return torch.cat([head.best(part).float() for head, part in parts], 1)

    def evaluate(
        self, outputs: Float[Tensor, "B K"], actions: Float[Tensor, "B n"]
    ) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"], tuple[Any, ...]]:
        """Return summed log-probabilities, summed entropies and what `backward` needs."""
        parts = zip(self.heads, outputs.split(self.outputs, 1), actions.split(self.columns, 1), strict=True)
        found = [
            head.evaluate(part, chosen.long() if isinstance(head, MultiCategoricalHead) else chosen)
            for head, part, chosen in parts
        ]
        log_prob = torch.stack([one[0] for one in found]).sum(0)
        return log_prob, torch.stack([one[1] for one in found]).sum(0), tuple(one[2] for one in found)

    def backward(
        self, saved: tuple[Any, ...], grad_log_prob: Float[Tensor, " B"], grad_entropy: float
    ) -> Float[Tensor, "B K"]:
        """Return the gradient for the outputs, part by part."""
        parts = zip(self.heads, saved, strict=True)
        return torch.cat([head.backward(part, grad_log_prob, grad_entropy) for head, part in parts], 1)


def masked(outputs: Float[Tensor, "*B K"], masks: Bool[Tensor, "*B K"] | None) -> Float[Tensor, "*B K"]:
    """Rule out actions. Huang & Ontanon 2022, arXiv:2006.14171.

    What the heads make of these outputs, they make of the allowed actions alone: draws, probabilities and
    entropies; and the gradients that they return are 0 for outputs that were ruled out.

    Args:
        outputs: logits of a `CategoricalHead` or `MultiCategoricalHead`.
        masks: True for what is allowed; None for all.
    """
    return outputs if masks is None else torch.where(masks, outputs, FORBIDDEN)


def head_for(space: spaces.Space, log_std: Tensor | None) -> Head:
    """Pick the head of an action space.

    Args:
        space: `Discrete`, `MultiDiscrete`, `MultiBinary`, `Box` or `FlatActions`.
        log_std: the policy's parameter of that name, for `Box` and `FlatActions`.

    Raises:
        TypeError: any other space.
    """
    if isinstance(space, FlatActions) and log_std is not None:
        return ProductHead(space, log_std)
    if isinstance(space, spaces.Discrete):
        return CategoricalHead()
    if isinstance(space, spaces.MultiDiscrete):
        return MultiCategoricalHead([int(n) for n in space.nvec])
    if isinstance(space, spaces.MultiBinary):
        return BernoulliHead()
    if isinstance(space, spaces.Box) and log_std is not None:
        return GaussianHead(log_std)
    raise TypeError(f"no action head for {space}")
