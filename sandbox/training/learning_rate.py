"""Finding a learning rate by raising it until the loss goes up. Smith 2017, arXiv:1506.01186.

A fresh network learns for about a hundred steps while the rate grows by the same factor each time. Too small
a rate changes nothing, a good one lets the loss fall, too large a one makes it rise again. Suggested is a
tenth of the rate at which the smoothed loss was smallest: there it still fell, with room for bad luck.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.devices import random_states, restore_random_states
from sandbox.errors import UserError
from sandbox.training.supervised import Supervised

SMOOTHING = 0.9
"""Share of the old value in the running mean of the loss; ten steps or so."""
GIVE_UP = 3.0
"""The search ends when the smoothed loss is this many times its smallest value."""
BELOW = 10.0
"""How far below the rate of the smallest loss the suggestion lies."""
WIDTH, LINES = 40, 24


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes:
        rates: the learning rates that were tried, ascending.
        losses: the smoothed loss at each.
        suggestion: the rate to train with, as the largest one of a schedule.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float

    def chart(self) -> str:
        """The losses as bars, one line for each of some rates, the suggested one marked."""
        some = range(0, len(self.rates), max(1, len(self.rates) // LINES))
        low, high = min(self.losses), max(self.losses[i] for i in some)
        marked = min(some, key=lambda i: abs(math.log(self.rates[i] / self.suggestion)))
        lines = [f"{'rate':>9}  loss"]
        for i in some:
            bar = "█" * max(1, round(WIDTH * (self.losses[i] - low) / max(high - low, 1e-12)))
            mark = "  ← suggested" if i == marked else ""
            lines.append(f"{self.rates[i]:9.1e}  {self.losses[i]:<8.4g} {bar}{mark}")
        return "\n".join(lines)


def find_learning_rate(
    learner: Supervised,
    batches: Callable[[int], Any],
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
) -> Search:
    """Raise the learning rate of a fresh learner until its loss goes up; it is put back as it was.

    Args:
        learner: its schedule is set aside meanwhile, and all groups of parameters get the same rate.
        batches: the batch of each step.
        low: first rate.
        high: last rate, unless the loss explodes before.
        steps: number of rates.

    Raises:
        UserError: the loss fell at no rate.
    """
    if not 0 < low < high or steps < 10:
        raise ValueError(f"the rates must ascend over at least 10 steps, not {low} to {high} in {steps}")
    model = {name: tensor.detach().clone() for name, tensor in learner.model_state().items()}
    tensors, values = learner.state()
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    groups = learner.optimizer.param_groups
    before = [group["lr"] for group in groups], learner.schedule, random_states()
    learner.schedule = None
    try:
        rates, losses = _raise_rate(learner, batches, low, high, steps)
    finally:
        learner.schedule = before[1]
        learner.load_state(model, tensors, values)
        for group, rate in zip(groups, before[0], strict=True):
            group["lr"] = rate
        restore_random_states(before[2])
    best = min(range(len(losses)), key=losses.__getitem__)
    if best == 0 or not losses[best] < 0.99 * losses[0]:
        raise UserError(
            f"The loss fell at no learning rate from {low:g} to {rates[-1]:g}; "
            "look at the data and the network."
        )
    return Search(tuple(rates), tuple(losses), _rounded(max(low, rates[best] / BELOW)))


def _raise_rate(
    learner: Supervised, batches: Callable[[int], Any], low: float, high: float, steps: int
) -> tuple[list[float], list[float]]:
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for step in range(steps):
        rate = low * (high / low) ** (step / (steps - 1))
        for group in learner.optimizer.param_groups:
            group["lr"] = rate
        loss = learner.step(batches(step))["loss"].item()
        # The running mean begins at 0; dividing by what it has seen so far makes up for that.
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smooth = mean / (1 - SMOOTHING ** (step + 1))
        if not math.isfinite(smooth):
            break
        rates.append(rate)
        losses.append(smooth)
        if smooth > GIVE_UP * min(losses):
            break
    return rates, losses


def _rounded(rate: float) -> float:
    """To two digits, which is more than such a search can tell."""
    return float(f"{rate:.1e}")
