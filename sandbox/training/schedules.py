"""How the learning rate changes from step to step: a factor of its largest value, for each step.

constant        1
warmup_cosine   rises in a straight line to 1, then falls along half a cosine      Loshchilov & Hutter 2017
one_cycle       rises along half a cosine to 1, then falls along one to nearly 0   Smith & Topin 2018
step_decay      1, then smaller by the same factor every so many steps             such as He et al. 2016
"""

import math
from collections.abc import Callable
from typing import Literal, get_args

Schedule = Callable[[int], float]
"""Factor of the learning rate at a step, counted from 0."""

Name = Literal["constant", "cosine", "one_cycle", "step"]
NAMES: tuple[str, ...] = get_args(Name)


def constant() -> Schedule:
    """The same rate at every step."""
    return lambda step: 1.0


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


def one_cycle(total: int, peak: float = 0.3, start: float = 1 / 25, final: float = 4e-6) -> Schedule:
    """A factor that rises to 1 and falls below where it began, each along half a cosine. Smith & Topin 2018.

    High rates in the middle keep the weights out of narrow valleys, low ones at the end let them settle. It
    is the rate of `torch.optim.lr_scheduler.OneCycleLR`; momentum, which that one lowers while the rate is
    high, is left alone.

    Args:
        total: steps in all.
        peak: share of them after which the rate is largest.
        start: factor of the first step.
        final: factor of the last step.
    """
    top = peak * total - 1
    end = total - 1

    def factor(step: int) -> float:
        if step <= top:
            return _between(start, 1.0, step / top if top > 0 else 1.0)
        return _between(1.0, final, min(1.0, (step - top) / (end - top)))

    return factor


def step_decay(every: int, gamma: float = 0.1) -> Schedule:
    """A factor that is multiplied by `gamma` after every `every` steps.

    Args:
        every: steps between two changes.
        gamma: what the rate is multiplied by, in (0, 1].
    """
    return lambda step: gamma ** (step // every)


def schedule(name: Name, total: int) -> Schedule:
    """A schedule by its name, with its usual settings: `step` has three stairs, each a tenth of the last.

    Args:
        name: one of `NAMES`.
        total: steps in all.

    Raises:
        ValueError: there is no schedule of this name.
    """
    match name:
        case "constant":
            return constant()
        case "cosine":
            return warmup_cosine(total)
        case "one_cycle":
            return one_cycle(total)
        case "step":
            return step_decay(max(1, -(-total // 3)))
        case _:
            raise ValueError(f"no schedule {name!r}; there are {', '.join(NAMES)}")


def _between(first: float, last: float, share: float) -> float:
    """From the first value to the last along half a cosine."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * share))
