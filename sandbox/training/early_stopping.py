"""Stopping when examples that were kept aside are no longer read better. Prechelt 1998.

The examples kept aside are part of the training data. What is held out for the final figures must not decide
when to stop: the best of many looks at it would be better than the truth.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.devices import random_states, restore_random_states


class EarlyStopping:
    """Looks every so many steps, remembers the best weights, and says when to stop.

    It looks at fixed steps, not at fixed times, so that a resumed training stops where it would have.

    Args:
        validate: the figure on the examples kept aside, such as their mean loss; smaller is better. Its
            random draws do not change the training.
        every: steps between two looks.
        patience: looks without a new best after which to stop.

    Attributes:
        best: the smallest figure so far; infinite before the first look.
        best_step: its step.
        misses: looks since then.
    """

    def __init__(self, validate: Callable[[], float], *, every: int, patience: int) -> None:
        if every < 1 or patience < 1:
            raise ValueError(f"every and patience must be at least 1, not {every} and {patience}")
        self.validate = validate
        self.every = every
        self.patience = patience
        self.best = float("inf")
        self.best_step = 0
        self.misses = 0
        self._weights: dict[str, Tensor] = {}

    def is_due(self, step: int) -> bool:
        """Whether to look after this step, counted from 1."""
        return step % self.every == 0

    @property
    def is_over(self) -> bool:
        """Whether the training should stop."""
        return self.misses >= self.patience

    def look(self, step: int, model: Mapping[str, Tensor]) -> float:
        """Look, and remember the weights if they are the best so far; returns the figure."""
        states = random_states()
        figure = float(self.validate())
        restore_random_states(states)
        if figure < self.best:
            self.best, self.best_step, self.misses = figure, step, 0
            self._weights = {name: tensor.detach().clone() for name, tensor in model.items()}
        else:  # a figure that is not a number is no better either
            self.misses += 1
        return figure

    def best_weights(self) -> dict[str, Tensor] | None:
        """The weights of the best look, or None before the first one."""
        return self._weights or None

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs: tensors, and values for JSON."""
        tensors = {f"stopping.{name}": tensor for name, tensor in self._weights.items()}
        best = None if self.best == float("inf") else self.best
        return tensors, {"best": best, "best_step": self.best_step, "misses": self.misses}

    def load_state(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Put back what `state` gave; other tensors are ignored."""
        self._weights = {
            name.removeprefix("stopping."): torch.clone(tensor)
            for name, tensor in tensors.items()
            if name.startswith("stopping.")
        }
        self.best = float("inf") if values["best"] is None else float(values["best"])
        self.best_step, self.misses = int(values["best_step"]), int(values["misses"])
