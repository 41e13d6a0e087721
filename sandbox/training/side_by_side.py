"""Several networks that learn side by side from the same batches."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.training.nested_tensors import pack, unpack
from sandbox.training.supervised import Supervised


class SideBySide:
    """Several learners that get the same batches, each with its own network and optimizer.

    Args:
        learners: by name.
    """

    def __init__(self, learners: Mapping[str, Supervised]) -> None:
        self.learners = dict(learners)

    def step(self, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Each learns from the batch; returns `loss_<name>` of each, and their mean as `loss`."""
        losses = {f"loss_{name}": learner.step(batch)["loss"] for name, learner in self.learners.items()}
        return {"loss": torch.stack(list(losses.values())).mean(), **losses}

    def model_state(self) -> dict[str, Tensor]:
        """All networks' tensors, each network's under its name."""
        return {
            f"{name}.{key}": tensor
            for name, learner in self.learners.items()
            for key, tensor in learner.model_state().items()
        }

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: every learner's own."""
        tensors, values = pack({name: list(one.state()) for name, one in self.learners.items()}, "side")
        return tensors, {"side": values}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        saved = unpack(values["side"], tensors)
        for name, learner in self.learners.items():
            own, rest = saved[name]
            learner.load_state(part_of(model, name), own, rest)


def part_of(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors of one network among those of `SideBySide.model_state`."""
    begin = f"{name}."
    return {key.removeprefix(begin): value for key, value in tensors.items() if key.startswith(begin)}
