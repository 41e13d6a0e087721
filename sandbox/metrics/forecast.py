"""Figures of forecasts: errors of their middle, and whether their band is honest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.statistics import Interval, bootstrap_interval

MSE = Metric(
    "mse",
    "mean squared error",
    higher_is_better=False,
    digits=3,
    help="Of the middle forecast, in squared standard deviations of the part that was learned from: about 1 "
    "for always saying the mean.",
    log=True,
)
LEAST_BLOCKS = 10


def pinball(outputs: Tensor, targets: Tensor, levels: Tensor) -> Tensor:
    """The loss that quantiles minimise, of each. Koenker & Bassett 1978.

    Args:
        outputs: (..., Q) quantiles.
        targets: (...).
        levels: (Q,), of the quantiles.

    Returns:
        (..., Q): `level` times what the truth is above, `1 - level` times what it is below.
    """
    above = targets[..., None] - outputs
    return torch.maximum(levels * above, (levels - 1) * above)


@dataclass(frozen=True)
class Blocks(PerExample):
    """A value for each of successive windows that overlap, and so are no independent examples.

    Attributes:
        block: windows that have steps in common; whole blocks are drawn for the interval. Kuensch 1989.
    """

    block: int = 1

    def interval(self, level: float = 0.95) -> Interval:
        """The mean with the bootstrap interval of means of blocks, at least ten of them."""
        size = max(1, min(self.block, len(self.values) // LEAST_BLOCKS))
        count = -(-len(self.values) // size)
        blocks = [part.mean() for part in np.array_split(np.asarray(self.values, np.float64), count)]
        found = bootstrap_interval(blocks, level=level)
        return Interval(self.mean, found.low + self.mean - found.mean, found.high + self.mean - found.mean)


def forecast_scores(
    outputs: NDArray[Any], targets: NDArray[Any], levels: Sequence[float], middle: int, block: int = 1
) -> dict[str, Scores]:
    """Figures over all series and steps of each example.

    Args:
        outputs: (N, H, V, Q) quantiles.
        targets: (N, H, V).
        levels: of the quantiles.
        middle: which of them is the forecast.
        block: successive examples that overlap.

    Returns:
        `mse` and `mae` of the middle, `pinball` of all quantiles, and `coverage`: the share of the truth
        between the lowest and the highest one.
    """
    said, true = torch.as_tensor(np.asarray(outputs)), torch.as_tensor(np.asarray(targets))
    error = said[..., middle] - true
    inside = (said[..., 0] <= true) & (true <= said[..., -1])
    found = {
        "mse": error.square(),
        "mae": error.abs(),
        "pinball": pinball(said, true, torch.tensor(levels)).mean(-1),
        "coverage": inside,
    }
    return {name: Blocks(one.double().flatten(1).mean(1).numpy(), block) for name, one in found.items()}
