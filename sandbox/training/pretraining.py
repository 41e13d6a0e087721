"""Contrastive divergence with a falling step size, and a stack that is pretrained before it is tuned."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from sandbox.training.contrastive_divergence import ContrastiveDivergence, GreedyPretraining
from sandbox.training.nested_tensors import pack, unpack
from sandbox.training.schedules import Schedule
from sandbox.training.supervised import Supervised


class Cooled:
    """Contrastive divergence with a schedule of the learning rate.

    Args:
        learner: what learns; its optimizer's learning rate is the largest one.
        schedule: factor of the rate at each step.
    """

    def __init__(self, learner: ContrastiveDivergence, schedule: Schedule) -> None:
        self.learner, self.schedule, self.steps = learner, schedule, 0
        self._rates = [group["lr"] for group in learner.optimizer.param_groups]

    def step(self, batch: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch; figures as in `ContrastiveDivergence`."""
        for group, rate in zip(self.learner.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = self.schedule(self.steps) * rate
        self.steps += 1
        return self.learner.step(batch)

    def model_state(self) -> dict[str, Tensor]:
        """What using the machine needs."""
        return self.learner.model_state()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: the learner's own, and the number of steps."""
        tensors, values = self.learner.state()
        return tensors, {"learner": values, "steps": self.steps}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.learner.load_state(model, tensors, values["learner"])
        self.steps = values["steps"]


class PretrainThenTune:
    """A stack that is pretrained without labels, then tuned with them, beside the same net without the first.

    Args:
        pretraining: of the stack.
        tuning: of the pretrained stack and of the plain one, by the names `pretrained` and `plain`.
        before: steps of pretraining, before the first of tuning.
    """

    def __init__(
        self, pretraining: GreedyPretraining, tuning: Mapping[str, Supervised], *, before: int
    ) -> None:
        self.pretraining, self.tuning, self.before, self.steps = pretraining, dict(tuning), before, 0

    def step(self, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch: of pictures alone, or of pictures with labels once they are tuned.

        Returns:
            `loss`: what is minimised now; and while tuning `loss_pretrained` and `loss_plain`.
        """
        self.steps += 1
        if self.steps <= self.before:
            return {"loss": self.pretraining.step(batch)["loss"]}
        losses = {f"loss_{name}": learner.step(batch)["loss"] for name, learner in self.tuning.items()}
        return {"loss": torch.stack(list(losses.values())).mean(), **losses}

    def model_state(self) -> dict[str, Tensor]:
        """Tensors of both nets, each under its name."""
        return {
            f"{name}.{key}": tensor
            for name, learner in self.tuning.items()
            for key, tensor in learner.model_state().items()
        }

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: every learner's own, and the number of steps."""
        parts = {name: list(learner.state()) for name, learner in self.tuning.items()}
        tensors, values = pack({**parts, "pretraining": list(self.pretraining.state())}, "stack")
        return tensors, {"stack": values, "steps": self.steps}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        saved = unpack(values["stack"], tensors)
        own = {name: part_of(model, name) for name in self.tuning}
        self.pretraining.load_state(own["pretrained"], *saved["pretraining"])
        for name, learner in self.tuning.items():
            learner.load_state(own[name], *saved[name])
        self.steps = values["steps"]


def part_of(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors of one net among those of `PretrainThenTune.model_state`."""
    begin = f"{name}."
    return {key.removeprefix(begin): value for key, value in tensors.items() if key.startswith(begin)}
