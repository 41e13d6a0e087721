"""Learning by competition: a self-organising map, its radius shrinking from step to step. Kohonen 1982."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from sandbox.blocks.som import SOM
from sandbox.errors import check_choice


class Competitive:
    """A map and its schedule; one step for each batch.

    Radius and rate fall geometrically from their first to their last value over `total` steps: the sheet
    first orders itself, then fills in the detail.

    Args:
        som: what learns.
        total: steps of the schedule.
        rule: `online`, one example after the other, or `batch`, all at once (the faster on a GPU).
        radius: first and last width of the neighbourhood, in units of the sheet; None begins with half the
            sheet's longer side and ends at 0.7.
        rate: first and last learning rate; None takes (0.5, 0.01) online. With the batch rule it is the share
            of the way to the batch's mean: (1, 1) suits batches of all the data, (1, 0.1) parts of them, and
            is used if None.
    """

    def __init__(
        self,
        som: SOM,
        total: int,
        *,
        rule: Literal["online", "batch"] = "batch",
        radius: tuple[float, float] | None = None,
        rate: tuple[float, float] | None = None,
    ) -> None:
        self.som = som
        self.total = total
        check_choice("rule", rule, ("online", "batch"))
        self.rule = rule
        self.radius = radius or (max(max(som.shape) / 2, 0.7), 0.7)
        self.rate = rate or ((0.5, 0.01) if rule == "online" else (1.0, 0.1))
        self.steps = 0

    def step(self, batch: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Learn from one batch of examples, or from the first tensor of a tuple.

        Returns:
            `loss`: mean distance to the winner before the step, in units of the data; `radius`; `rate`.
        """
        x = batch if isinstance(batch, Tensor) else batch[0]
        progress = min(1.0, self.steps / max(1, self.total - 1))
        radius, rate = (first * (last / first) ** progress for first, last in (self.radius, self.rate))
        with torch.no_grad():
            distance = self.som(x).amin(1).mean()
        if self.rule == "online":
            self.som.online(x, rate=rate, radius=radius)
        else:
            self.som.batch(x, rate=rate, radius=radius)
        self.steps += 1
        return {"loss": distance, "radius": distance.new_tensor(radius), "rate": distance.new_tensor(rate)}

    def model_state(self) -> dict[str, Tensor]:
        """What using the map needs."""
        return self.som.state_dict()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What going on exactly needs besides: how far the schedule is."""
        return {}, {"steps": self.steps}

    def load_state(
        self, model: Mapping[str, Tensor], tensors: Mapping[str, Tensor], values: Mapping[str, Any]
    ) -> None:
        """Put back what `model_state` and `state` gave."""
        self.som.load_state_dict(dict(model))
        self.steps = values["steps"]
