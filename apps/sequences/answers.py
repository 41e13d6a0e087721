"""Three kinds of answers: numbers, symbols and bits. What is wrong, what is right, what is said."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Kind = Literal["number", "symbol", "bit"]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """How the outputs of a network are read and judged."""

    kind: Kind
    tolerance: float = 0.04
    """A number counts as right within this; 0.04 is Hochreiter & Schmidhuber's for the adding problem."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """What is minimised: squared error of numbers, cross-entropy in nats of symbols and bits."""
        return self.losses(outputs, targets).mean()

    def losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The loss of each answer, (N, A), for outputs (N, A, O) and targets (N, A, 1), or (N, A) symbols."""
        if self.kind == "number":
            return (outputs - targets).square()[..., 0]
        if self.kind == "symbol":
            return F.cross_entropy(outputs.mT, targets, reduction="none")
        return F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")[..., 0]

    def right(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Whether each answer is right, (N, A)."""
        if self.kind == "number":
            return ((outputs - targets).abs() <= self.tolerance)[..., 0]
        said = self.said(outputs)
        return said == (targets if self.kind == "symbol" else targets[..., 0])

    def said(self, outputs: Tensor) -> Tensor:
        """The answers, (N, A): numbers, the likeliest symbols' numbers, or bits."""
        if self.kind == "number":
            return outputs[..., 0]
        if self.kind == "symbol":
            return outputs.argmax(-1)
        return (outputs[..., 0] > 0).float()

    def to_json(self) -> dict[str, Any]:
        """Values for a checkpoint's meta data."""
        return {"kind": self.kind, "tolerance": self.tolerance}


def constant(answers: Answers, targets: Tensor) -> Tensor:
    """Outputs (N, A, O) of who always says the same: the mean number, or each symbol's and bit's share."""
    if answers.kind == "number":
        return targets.mean().expand(targets.shape)
    if answers.kind == "symbol":
        shares = torch.bincount(targets.flatten()).double() / targets.numel()
        return shares.log().float().expand(*targets.shape, len(shares))
    return torch.logit(targets.mean()).expand(targets.shape)
