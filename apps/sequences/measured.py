"""Figures of the adding problem at length 100, measured beforehand by `python -m apps.sequences.bench`."""

from dataclasses import dataclass

COMMAND = "python -m apps.sequences.bench"
LENGTH = 100
SEEDS = 5
NOTE = ""


@dataclass(frozen=True)
class Row:
    """One network over all seeds."""

    name: str
    mean: float
    """Mean squared error on held-out sequences, mean over seeds."""
    low: float
    high: float
    worst: float
    rate: str
    """The learning rate, and how it was found."""


ROWS: tuple[Row, ...] = ()
