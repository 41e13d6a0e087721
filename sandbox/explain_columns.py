"""Which columns of a table a classifier goes by: what it loses without one, and how answers would move."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.tasks.predictor import evaluating
from sandbox.tasks.split import Examples

REPEATS = 10
"""Shuffles of each column."""


@dataclass(frozen=True)
class Importance:
    """What a figure loses when a column's values are shuffled among the rows.

    Attributes:
        mean: loss of each column, (F,).
        low: lower end of its 95 % interval.
        high: upper end.
    """

    mean: NDArray[np.floating]
    low: NDArray[np.floating]
    high: NDArray[np.floating]


def permutation_importance(
    measure: Callable[[Examples[Any, Any]], float], examples: Examples[Any, Any], seed: int = 0
) -> Importance:
    """Shuffle one column at a time. Breiman 2001; Fisher, Rudin & Dominici 2019.

    Each of several shuffles is measured on another resample of the rows, so that the interval holds both the
    luck of the shuffle and that of the rows. Two columns that say the same hide each other: without either
    one nothing is lost.

    Args:
        measure: the figure on examples, higher for better.
        examples: rows (N, F), unseen.
        seed: of the shuffles.
    """
    generator = np.random.default_rng(seed)
    rows, targets = np.asarray(examples.inputs), np.asarray(examples.targets)
    losses = np.zeros((REPEATS, rows.shape[1]))
    for repeat in range(REPEATS):
        some = generator.integers(0, len(rows), len(rows))
        drawn = rows[some]
        whole = measure(Examples(drawn, targets[some]))
        for column in range(rows.shape[1]):
            shuffled = drawn.copy()
            shuffled[:, column] = generator.permutation(drawn[:, column])
            losses[repeat, column] = whole - measure(Examples(shuffled, targets[some]))
    mean, spread = losses.mean(0), losses.std(0, ddof=1)
    return Importance(mean, mean - 1.96 * spread, mean + 1.96 * spread)


def gradients(predictor: Any, rows: Float[np.ndarray, "N F"]) -> Float[np.ndarray, "N F"]:
    """How the log-odds of each row's answer move with each column, for one standard deviation of it.

    Of a category it is the pull of the one that the row has, against none of them.

    Args:
        predictor: a `RowClassifier`.
        rows: as its input encodes them.
    """
    numbers = torch.from_numpy(predictor.input.features(rows)).requires_grad_()
    with evaluating(predictor.model), torch.inference_mode(False), torch.enable_grad():
        inputs = numbers.clone()
        logs = predictor.model(inputs).log_softmax(1)
        best = logs.argmax(1, keepdim=True)
        picked = logs.gather(1, best)
        odds = picked - torch.log1p(-picked.exp().clamp(max=1 - 1e-6))
        (found,) = torch.autograd.grad(odds.sum(), inputs)
    pulls, place = np.zeros(np.shape(rows)), 0
    for i, column in enumerate(predictor.input.columns):
        part = slice(place, place + column.width - column.gaps)
        pull = found[:, part].numpy()
        given = numbers[:, part].detach().numpy()
        pulls[:, i] = pull[:, 0] if column.kind == "number" else (pull * given).sum(1)
        place += column.width
    return pulls
