"""How a figure changes as inputs are spoilt more and more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.corruptions.corruption import POINTS, Corruption
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.split import Examples
from sandbox.tasks.task import Task


@dataclass(frozen=True)
class Fall:
    """A figure over amounts.

    Attributes:
        amounts: (P,), from 0 to the largest.
        figures: by predictor's name, one for each amount.
    """

    amounts: list[float]
    figures: Mapping[str, list[float]]


def fall(
    task: Task[Any, Any, Any],
    predictors: Mapping[str, Predictor[Any, Any]],
    examples: Examples[Any, Any],
    corruption: Corruption,
    points: int = POINTS,
) -> Fall:
    """The task's main figure of each predictor, at amounts from none to the largest; draws have seed 0."""
    amounts = np.linspace(0.0, corruption.most, points).tolist()
    figures: dict[str, list[float]] = {name: [] for name in predictors}
    for amount in amounts:
        spoilt = examples.with_inputs(corruption.apply(examples.inputs, amount, 0))
        for name, predictor in predictors.items():
            figures[name].append(task.measure(predictor, spoilt)[task.metric.name].mean)
    return Fall(amounts, figures)
