"""A policy's parameters in one block of memory: clipping and Adam are a few calls for the whole network.

Every parameter of the policy, its gradient and its Adam moments become views of four flat tensors. Nothing
else changes: state dicts, the stock `torch.optim.Adam` object and its state keep their names, shapes and
numbers, so a model saved from here is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


class FlatParameters:
    """Parameters and gradients of a module as views of two flat tensors.

    Args:
        parameters: in the order they shall lie in memory; all float32, on one device.
    """

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        self.parameters = parameters
        self.values = torch.cat([p.detach().reshape(-1) for p in parameters])
        self.grads = torch.zeros_like(self.values)
        sizes = [4 * p.numel() for p in parameters]
        self.offsets = [sum(sizes[:i]) for i in range(len(sizes))]
        self.bind()
        for parameter, grads in zip(parameters, self.views(self.grads), strict=True):
            parameter.grad = grads

    def bind(self) -> None:
        """Make each parameter a view of `values`."""
        for parameter, values in zip(self.parameters, self.views(self.values), strict=True):
            parameter.data = values

    def views(self, flat: Float[Tensor, " P"]) -> list[Tensor]:
        """Cut a flat tensor into one view per parameter."""
        parts = flat.split([p.numel() for p in self.parameters])
        return [part.view_as(p) for part, p in zip(parts, self.parameters, strict=True)]

    def is_current(self) -> bool:
        """Tell whether each parameter and its gradient still are these views.

        `policy.to(...)`, `parameter.data = ...` and `optimizer.zero_grad()` replace them.
        """
        start, first = self.values.data_ptr(), self.grads.data_ptr()
        for parameter, offset in zip(self.parameters, self.offsets, strict=True):
            grad = parameter.grad
            if parameter.data_ptr() != start + offset or grad is None or grad.data_ptr() != first + offset:
                return False
        return True

    def holds(self, values: Float[Tensor, " P"]) -> bool:
        """Tell whether the parameters are these numbers, and views of `self.values`."""
        start = self.values.data_ptr()
        places = zip(self.parameters, self.offsets, strict=True)
        return all(p.data_ptr() == start + at for p, at in places) and torch.equal(self.values, values)

    def clip_grad_norm(self, max_norm: float) -> None:
        """Scale the gradients down to a norm of at most `max_norm`, as `clip_grad_norm_` does."""
        norm = torch.linalg.vector_norm(self.grads)
        self.grads.mul_((max_norm / (norm + 1e-6)).clamp_(max=1.0))


class FlatAdam:
    """One Adam step for all parameters at once. Kingma & Ba 2015, arXiv:1412.6980.

    The moments live in `optimizer.state` as views, so the optimizer's own state dict is always up to date.

    Args:
        optimizer: a plain `torch.optim.Adam` with one group over exactly the flat parameters; see `supports`.
        flat: the parameters.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, flat: FlatParameters) -> None:
        self.flat = flat
        self.group = optimizer.param_groups[0]
        self.exp_avg = torch.zeros_like(flat.values)
        self.exp_avg_sq = torch.zeros_like(flat.values)
        self.steps = torch.zeros(len(flat.parameters))
        self.count = 0
        averages, squares = flat.views(self.exp_avg), flat.views(self.exp_avg_sq)
        for i, parameter in enumerate(flat.parameters):
            state = optimizer.state[parameter]
            if state:
                averages[i].copy_(state["exp_avg"])
                squares[i].copy_(state["exp_avg_sq"])
                self.count = int(state["step"])
            state.update(step=self.steps[i], exp_avg=averages[i], exp_avg_sq=squares[i])
        self.steps.fill_(self.count)
        self.views = [optimizer.state[parameter]["exp_avg"] for parameter in flat.parameters]
        self.view_squares = [optimizer.state[parameter]["exp_avg_sq"] for parameter in flat.parameters]
        self.optimizer = optimizer

    @staticmethod
    def supports(optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]) -> bool:
        """Tell whether an optimizer is the plain Adam that a flat step reproduces.

        Args:
            optimizer: any.
            parameters: those that shall be stepped together; all must have made the same number of steps.
        """
        if not _is_plain(optimizer):
            return False
        states = [optimizer.state.get(parameter) or {"step": 0} for parameter in parameters]
        return len({int(state["step"]) for state in states}) == 1

    def is_current(self) -> bool:
        """Tell whether the optimizer still is what it was and holds these moments.

        `load_state_dict` replaces the moments; steps of torch's own Adam count on without this one.
        """
        optimizer = self.optimizer
        if not _is_plain(optimizer) or optimizer.param_groups[0] is not self.group:
            return False
        moments = zip(self.flat.parameters, self.views, self.view_squares, strict=True)
        for parameter, average, square in moments:
            state = optimizer.state.get(parameter)
            if not state or state["exp_avg"] is not average or state["exp_avg_sq"] is not square:
                return False
        counts = [optimizer.state[parameter]["step"].data_ptr() for parameter in self.flat.parameters]
        start = self.steps.data_ptr()
        mine = all(count == start + 4 * i for i, count in enumerate(counts))
        return mine and bool((self.steps == self.count).all())

    def step(self) -> None:
        """Apply the gradients."""
        beta1, beta2 = self.group["betas"]
        self.count += 1
        self.steps.add_(1)
        grads = self.flat.grads
        self.exp_avg.lerp_(grads, 1 - beta1)
        self.exp_avg_sq.mul_(beta2).addcmul_(grads, grads, value=1 - beta2)
        scale = (1 - beta2**self.count) ** 0.5
        # sqrt(v) / scale + eps, both times scale: one pass less over the parameters.
        denominator = self.exp_avg_sq.sqrt().add_(scale * self.group["eps"])
        step_size = scale * self.group["lr"] / (1 - beta1**self.count)
        self.flat.values.addcdiv_(self.exp_avg, denominator, value=-step_size)


@runtime_checkable
class _HasFlat(Protocol):
    flat: FlatParameters


N = TypeVar("N", bound=_HasFlat)


def current(
    parts: tuple[N, FlatAdam] | None, build: Callable[[], N], optimizer: torch.optim.Optimizer
) -> tuple[N, FlatAdam]:
    """Return a network and its optimizer as they run fast, made anew if somebody replaced their memory.

    Args:
        parts: what this returned before; None at first.
        build: makes the network.
        optimizer: of the network's parameters.
    """
    if parts is None or not all(part.is_current() for part in (parts[0].flat, parts[1])):
        network = build()
        parts = network, FlatAdam(optimizer, network.flat)
    return parts


def _is_plain(optimizer: torch.optim.Optimizer) -> bool:
    if type(optimizer) is not torch.optim.Adam or len(optimizer.param_groups) != 1:
        return False
    group = optimizer.param_groups[0]
    odd = ("weight_decay", "amsgrad", "maximize", "capturable", "differentiable", "fused")
    tensors = any(isinstance(value, Tensor) for value in (group["lr"], *group["betas"]))
    return not tensors and not any(group[name] for name in odd)
