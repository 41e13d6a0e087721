"""Figures of the adding problem at length 100, measured beforehand by `python -m apps.sequences.bench`."""

from dataclasses import dataclass

import streamlit as st

from apps.studio.page.run_view import RunView

TITLE = "Measured beforehand"
ORDER = 70
TARGET = "sequences/adding"
COMMAND = "python -m apps.sequences.bench"
LENGTH = 100
SEEDS = 5
NOTE = (
    "2026-11-23, CPU: 32 units, 1,500 steps of 64 sequences, 1,000 unseen ones. Learning rates of "
    "RNN and LSTM are the best of four after 700 steps with two other seeds (all four failed for the RNN). "
    "A constant guess: 0.162."
)


@dataclass(frozen=True)
class Row:
    """One network over all seeds."""

    name: str
    mean: float
    """Mean squared error on unseen sequences, mean over seeds."""
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


def fits(view: RunView) -> bool:
    """Whether it is the adding problem."""
    return view.run.config["target"] == TARGET


def show(page: str, view: RunView) -> None:
    """Draw the table."""
    if not fits(view):
        st.caption("Only the adding problem was measured beforehand.")
        return
    st.markdown(f"Length {LENGTH}, {SEEDS} seeds each")
    st.table(
        [
            {
                "network": row.name,
                "mean squared error": f"{row.mean:z.5f}",
                "95 % interval over seeds": f"{row.low:z.5f} to {row.high:z.5f}",
                "worst seed": f"{row.worst:z.5f}",
                "learning rate": row.rate,
            }
            for row in ROWS
        ],
        hide_index=True,
    )
    st.caption(f"{NOTE} Again with `{COMMAND}`. The sequences are *synthetic*.")
