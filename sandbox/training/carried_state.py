"""Learning from a text that has no end: truncated backpropagation through time. Williams & Peng 1990.

Each step reads the next piece of every row, and goes on with the state that the piece before it ended with.
The gradient stays within the piece.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.training.supervised import Supervised

CARRIED = "carried."


class CarriedState(Supervised):
    """A `Supervised` whose model takes and gives a state: `model(inputs, state)` -> outputs, new state.

    Args:
        arguments: of `Supervised`.
        begins: whether at a step the rows do not go on from those of the step before.
        forgotten: chance that a row begins anew, with zeros, at a step. Without it a state that is never
            reset drifts to where no text begins, and a text that is read from its beginning is foreseen
            badly.
        keywords: of `Supervised`.

    Attributes:
        carried: tensors of the state; None before the first step, and for models that hold nothing.
    """

    def __init__(
        self, *arguments: Any, begins: Callable[[int], bool], forgotten: float = 0.0, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        self.begins, self.forgotten = begins, forgotten
        self.carried: tuple[Tensor, ...] | None = None

    def _outcome(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        state = None if self.begins(self.steps) else self.carried
        if state is not None and self.forgotten:
            kept = (torch.rand(len(inputs), 1, device=inputs.device) >= self.forgotten).float()
            state = tuple(part * kept for part in state)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.autocast):
            outputs, state = self.forward(inputs, state)
        self.carried = None if state is None else tuple(part.detach() for part in state)
        return outputs, self.loss(outputs.float(), targets)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """With what is carried to the next step."""
        tensors, values = super().state()
        return tensors | {f"{CARRIED}{i}": part for i, part in enumerate(self.carried or ())}, values

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        parts = [tensors[name] for name in sorted(tensors) if name.startswith(CARRIED)]
        rest = {name: tensor for name, tensor in tensors.items() if not name.startswith(CARRIED)}
        super().load_state(model, rest, values)
        self.carried = tuple(parts) or None
