"""Weights averaged over the last steps answer better than the last ones. Polyak & Juditsky 1992."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.training.supervised import Supervised

PREFIX = "raw."
"""Before the names of the weights that learn, among the tensors that going on exactly needs."""


class Averaged(Supervised):
    """A supervised learner that keeps a moving average of its weights; the average is what it has learned.

    Args:
        *args: see `Supervised`.
        decay: share of the average that is kept at each step; early on less, so that it begins at once.
        **keywords: see `Supervised`.

    Attributes:
        averaged: the model with averaged weights, which answers; `model` is the one that learns.
    """

    def __init__(
        self,
        *args: Any,
        decay: float = 0.99,
        **keywords: Any,
    ) -> None:
        super().__init__(*args, **keywords)
        self.decay = decay
        self.averaged = copy.deepcopy(self.model).eval().requires_grad_(False)

    def step(self, batch: tuple[Any, ...]) -> dict[str, Tensor]:
        """Learn from one batch, and move the average a little."""
        figures = super().step(batch)
        kept = min(self.decay, self.steps / (self.steps + 9))
        with torch.no_grad():
            for mean, new in zip(
                self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True
            ):
                mean.lerp_(new, 1 - kept) if mean.is_floating_point() else mean.copy_(new)
        return figures

    def model_state(self) -> dict[str, Tensor]:
        """The averaged parameters and buffers, settled."""
        return self._settled(self.averaged).state_dict()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """As that of `Supervised`, with the weights that learn."""
        tensors, values = super().state()
        return tensors | {PREFIX + name: tensor for name, tensor in self.model.state_dict().items()}, values

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        raw = {
            name.removeprefix(PREFIX): tensor for name, tensor in tensors.items() if name.startswith(PREFIX)
        }
        rest = {name: tensor for name, tensor in tensors.items() if not name.startswith(PREFIX)}
        super().load_state(raw, rest, values)
        self.averaged.load_state_dict(dict(model))
