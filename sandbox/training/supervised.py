"""Learning from examples with known answers by gradient descent. Rumelhart, Hinton & Williams 1986."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from sandbox.training.nested_tensors import load_optimizer, pack, unpack
from sandbox.training.schedules import Schedule
from sandbox.training.schedules import warmup_cosine as warmup_cosine  # also found under its earlier name


class Supervised:
    """A model, an optimizer and a loss; one step for each batch `(inputs, targets)`.

    Args:
        model: what learns; on the device it shall learn on.
        optimizer: over its parameters; its learning rates are the largest ones if there is a schedule.
        loss: `loss(outputs, targets)` -> one number; both are tensors, or tuples of them for a model that
            answers in several ways.
        schedule: factor of the learning rates at each step.
        clip: largest norm of the gradient; longer ones are shortened to it (Pascanu et al. 2013). None leaves
            them.
        accumulate: parts in which a batch is computed, one after the other, their gradients added up: the
            memory of a smaller batch, the step of the whole one. Only batch normalisation sees the parts.
        augment: changes the inputs while training.
        autocast: compute in bfloat16 where that is safe.
        metrics: further figures of a batch, `metrics(outputs, targets)`.
        settle: called with the model before it is saved: brings up to date what is not learned by gradients,
            such as its calibration.

    Attributes:
        forward: what is called with the inputs: the model, or a wrapper that also averages its gradients with
            those of other processes.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        loss: Callable[[Any, Any], Tensor],
        *,
        schedule: Schedule | None = None,
        clip: float | None = None,
        accumulate: int = 1,
        augment: Callable[[Tensor], Tensor] | None = None,
        autocast: bool = False,
        metrics: Callable[[Tensor, Tensor], Mapping[str, Tensor]] | None = None,
        settle: Callable[[nn.Module], None] | None = None,
    ) -> None:
        self.model = model
        self.forward: nn.Module = model
        self.optimizer = optimizer
        self.loss = loss
        self.schedule = schedule
        self.clip = clip
        self.accumulate = accumulate
        self.augment = augment
        self.autocast = autocast
        self.metrics = metrics
        self.settle, self._settled_at = settle, -1
        self.steps = 0
        self._rates = [group["lr"] for group in optimizer.param_groups]
        self._parameters = [p for group in optimizer.param_groups for p in group["params"]]

    def step(self, batch: tuple[Any, ...]) -> dict[str, Tensor]:
        """Learn from one batch `(inputs, targets)`; the figures stay on the device, so nothing waits."""
        inputs, targets = batch
        if self.schedule is not None:
            factor = self.schedule(self.steps)
            for group, rate in zip(self.optimizer.param_groups, self._rates, strict=True):
                group["lr"] = factor * rate
        if self.augment is not None:
            inputs = self.augment(inputs)
        self.optimizer.zero_grad()
        if self.accumulate == 1:
            outputs, loss = self._outcome(inputs, targets)
            loss.backward()
        else:
            outputs, loss = self._in_parts(inputs, targets)
        figures = {"loss": loss.detach()}
        if self.clip is not None:
            figures["gradient_norm"] = nn.utils.clip_grad_norm_(self._parameters, self.clip)
        self.optimizer.step()
        self.steps += 1
        if self.metrics is not None:
            figures.update(self.metrics(outputs.detach(), targets))
        return figures

    def _outcome(self, inputs: Any, targets: Any) -> tuple[Any, Tensor]:
        if self.autocast:
            with torch.autocast(inputs.device.type, torch.bfloat16):
                outputs = self.forward(inputs)
                return outputs, self.loss(outputs, targets)
        outputs = self.forward(inputs)
        return outputs, self.loss(outputs, targets)

    def _in_parts(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Add up the gradients of the parts, each weighted by its share; outputs and loss of the whole."""
        found, total = [], inputs.new_zeros(())
        for some, answers in zip(inputs.chunk(self.accumulate), targets.chunk(self.accumulate), strict=True):
            outputs, loss = self._outcome(some, answers)
            loss = loss * (len(some) / len(inputs))
            loss.backward()
            found.append(outputs.detach())
            total = total + loss.detach()
        return torch.cat(found), total

    def model_state(self) -> dict[str, Tensor]:
        """What using the model needs: its parameters and buffers, settled."""
        return self._settled(self.model).state_dict()

    def _settled(self, model: nn.Module) -> nn.Module:
        if self.settle is not None and self._settled_at != self.steps:
            self.settle(model)
            self._settled_at = self.steps
        return model

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides the model's state: tensors, and values for JSON."""
        tensors, optimizer = pack(self.optimizer.state_dict(), "optimizer")
        return tensors, {"steps": self.steps, "rates": self._rates, "optimizer": optimizer}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.model.load_state_dict(dict(model))
        load_optimizer(self.optimizer, unpack(values["optimizer"], tensors))
        # A file does not say how a tensor lies in memory, and fused optimizers take for granted that what
        # they remember of a parameter lies as the parameter does, which may be channels last.
        for parameter, memory in self.optimizer.state.items():
            for name, value in memory.items():
                if isinstance(value, Tensor) and value.dim() and value.shape == parameter.shape:
                    memory[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
        self.steps = self._settled_at = values["steps"]
        self._rates = list(values["rates"])
