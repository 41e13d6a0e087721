"""What every way to spoil an input offers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

POINTS = 13
"""Amounts at which a whole set is measured."""


@dataclass(frozen=True)
class Corruption:
    """One way to spoil inputs, from not at all to beyond recognition.

    Attributes:
        title: what it is called: `Noise`.
        apply: inputs (N, ...), an amount and a seed to spoilt inputs; amount 0 changes nothing.
        unit: of the amount.
        most: the largest amount.
        why: one sentence on why the score falls.
    """

    title: str
    apply: Callable[[Any, float, int], Any]
    unit: str
    most: float
    why: str
