"""Figures of the adding problem at length 100, measured beforehand by `python -m apps.sequences.bench`."""

from dataclasses import dataclass

COMMAND = "python -m apps.sequences.bench"
LENGTH = 100
SEEDS = 5
NOTE = (
    "2026-11-23, CPU: 32 units, 1,500 steps of 64 sequences, 1,000 held-out ones. Learning rates of "
    "RNN and LSTM are the best of four after 700 steps with two other seeds (all four failed for the RNN). "
    "Always the same: 0.162."
)


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


ROWS: tuple[Row, ...] = (
    Row("LSTM", 0.00011, 0.00005, 0.00016, 0.00021, "0.04 of 0.005, 0.01, 0.02, 0.04"),
    Row("attention, 600 steps", 0.00026, 0.00016, 0.00039, 0.00052, "0.003, not searched"),
    Row("RNN", 0.16208, 0.16199, 0.16217, 0.16221, "0.01 of 0.001, 0.003, 0.01, 0.03"),
)
