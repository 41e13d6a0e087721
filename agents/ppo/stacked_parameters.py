"""Parameters of several policies of one shape as the rows of one tensor, and Adam for all of them.

The policies' own parameters are views of it: a policy can be looked at and saved at any time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim.adam import adam

Slots = list[list[tuple[Tensor, tuple[int, ...]]]]
"""Of one policy, for each of its rows: its parameters in order, each with the shape of its place."""


class StackedParameters:
    """Parameters and gradients of S policies, each policy's in R rows that follow each other.

    Places of the same number have the same shape in all rows, so that products over all S R rows are one
    batched product. A place may be larger than what is in it; the rest is zeros with gradients of zero.

    Args:
        slots: of each policy.

    Attributes:
        values: (S R, P).
        grads: (S R, P), changed by whoever computes them.
        parameters: of each policy, row by row.
    """

    def __init__(self, slots: Sequence[Slots]) -> None:
        self.parameters = [[parameter for row in own for parameter, _ in row] for own in slots]
        first = slots[0]
        self.count, self.rows = len(slots), len(first)
        self.shapes = max(([shape for _, shape in row] for row in first), key=len)
        self.starts = [0, *itertools.accumulate(math.prod(shape) for shape in self.shapes)]
        self.places = [(r, start) for r, row in enumerate(first) for start in self.starts[: len(row)]]
        self.values = torch.zeros(self.count * self.rows, self.starts[-1])
        self.grads = torch.zeros_like(self.values)
        for own, views in zip(self.parameters, self.views(self.values), strict=True):
            for parameter, view in zip(own, views, strict=True):
                view.copy_(parameter.detach())
                parameter.data = view
                parameter.grad = None

    def views(self, block: Float[Tensor, "SR P"]) -> list[list[Tensor]]:
        """Cut any such tensor into one view per parameter of each policy."""
        return [
            [
                block[m * self.rows + r, start : start + parameter.numel()].view_as(parameter)
                for parameter, (r, start) in zip(own, self.places, strict=True)
            ]
            for m, own in enumerate(self.parameters)
        ]

    def place(self, block: Float[Tensor, "SR P"], index: int) -> Float[Tensor, "SR ..."]:
        """Return a view of one place in all rows of any such tensor."""
        return block[:, self.starts[index] : self.starts[index + 1]].unflatten(1, self.shapes[index])


class StackedAdam:
    """Clipping and one Adam step for the whole stack; all policies have made the same number of steps.

    Args:
        stack: the parameters.
        optimizers: a plain `torch.optim.Adam` of each policy; `write_back` brings their state up to date.
    """

    def __init__(self, stack: StackedParameters, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self.stack, self.optimizers = stack, list(optimizers)
        self.exp_avg, self.exp_avg_sq = torch.zeros_like(stack.values), torch.zeros_like(stack.values)
        self.steps = torch.zeros(())
        for name, moments in (("exp_avg", self.exp_avg), ("exp_avg_sq", self.exp_avg_sq)):
            of_each = zip(self.optimizers, stack.parameters, stack.views(moments), strict=True)
            for optimizer, own, views in of_each:
                for parameter, view in zip(own, views, strict=True):
                    if state := optimizer.state.get(parameter):
                        view.copy_(state[name])
                        self.steps.fill_(float(state["step"]))

    def write_back(self) -> None:
        """Put the moments and the number of steps into the optimizers."""
        stack = self.stack
        averages, squares = stack.views(self.exp_avg), stack.views(self.exp_avg_sq)
        for optimizer, *of_each in zip(self.optimizers, stack.parameters, averages, squares, strict=True):
            for parameter, average, square in zip(*of_each, strict=True):
                optimizer.state[parameter].update(
                    step=self.steps.clone(), exp_avg=average.clone(), exp_avg_sq=square.clone()
                )

    def step(self, max_grad_norm: float) -> None:
        """Clip each policy's gradient by its own norm, and apply it."""
        stack, group = self.stack, self.optimizers[0].param_groups[0]
        grads, of_each = stack.grads, stack.grads.view(stack.count, -1)
        norm = torch.linalg.vector_norm(of_each, dim=1, keepdim=True)
        of_each.mul_((max_grad_norm / (norm + 1e-6)).clamp_(max=1.0))
        beta1, beta2 = group["betas"]
        adam(
            [stack.values], [grads], [self.exp_avg], [self.exp_avg_sq], [], [self.steps],
            fused=True, amsgrad=False, beta1=beta1, beta2=beta2, lr=group["lr"], eps=group["eps"],
            weight_decay=0.0, maximize=False,
        )  # fmt: skip
