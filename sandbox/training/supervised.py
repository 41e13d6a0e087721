"""Learning from examples with known answers by gradient descent. Rumelhart, Hinton & Williams 1986."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from sandbox.training.state import pack, unpack

Schedule = Callable[[int], float]
"""Factor of the learning rate at a step, counted from 0."""


def warmup_cosine(total: int, warmup: float = 0.1, final: float = 0.0) -> Schedule:
    """A factor that rises in a straight line to 1, then falls along half a cosine. Loshchilov & Hutter 2017.

    Args:
        total: steps in all.
        warmup: share of them in which it rises.
        final: factor at the end.
    """
    rising = max(1, round(warmup * total))
    falling = max(1, total - rising)

    def factor(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rising) / falling)))

    return factor


class Supervised:
    """A model, an optimizer and a loss; one step for each batch `(inputs, targets)`.

    Args:
        model: what learns; on the device it shall learn on.
        optimizer: over its parameters; its learning rates are the largest ones if there is a schedule.
        loss: `loss(outputs, targets)` -> one number.
        schedule: factor of the learning rates at each step.
        clip: largest norm of the gradient; longer ones are shortened to it. None leaves them.
        augment: changes the inputs while training.
        autocast: compute in bfloat16 where that is safe.
        metrics: further figures of a batch, `metrics(outputs, targets)`.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        loss: Callable[[Tensor, Tensor], Tensor],
        *,
        schedule: Schedule | None = None,
        clip: float | None = None,
        augment: Callable[[Tensor], Tensor] | None = None,
        autocast: bool = False,
        metrics: Callable[[Tensor, Tensor], Mapping[str, Tensor]] | None = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.loss = loss
        self.schedule = schedule
        self.clip = clip
        self.augment = augment
        self.autocast = autocast
        self.metrics = metrics
        self.steps = 0
        self._rates = [group["lr"] for group in optimizer.param_groups]
        self._parameters = [p for group in optimizer.param_groups for p in group["params"]]

    def step(self, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch `(inputs, targets)`; the figures stay on the device, so nothing waits."""
        inputs, targets = batch
        if self.schedule is not None:
            factor = self.schedule(self.steps)
            for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
                group["lr"] = factor * rate
        if self.augment is not None:
            inputs = self.augment(inputs)
        if self.autocast:
            with torch.autocast(inputs.device.type, torch.bfloat16):
                outputs = self.model(inputs)
                loss = self.loss(outputs, targets)
        else:
            outputs = self.model(inputs)
            loss = self.loss(outputs, targets)
        self.optimizer.zero_grad()
        loss.backward()
        figures = {"loss": loss.detach()}
        if self.clip is not None:
            figures["gradient_norm"] = nn.utils.clip_grad_norm_(self._parameters, self.clip)
        self.optimizer.step()
        self.steps += 1
        if self.metrics is not None:
            figures.update(self.metrics(outputs.detach(), targets))
        return figures

    def model_state(self) -> dict[str, Tensor]:
        """What using the model needs: its parameters and buffers."""
        return self.model.state_dict()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides the model's state: tensors, and values for JSON."""
        tensors, optimizer = pack(self.optimizer.state_dict(), "optimizer")
        return tensors, {"steps": self.steps, "rates": self._rates, "optimizer": optimizer}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.model.load_state_dict(dict(model))
        self.optimizer.load_state_dict(unpack(values["optimizer"], tensors))
        self.steps = values["steps"]
        self._rates = list(values["rates"])
