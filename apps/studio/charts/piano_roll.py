"""Piano rolls: notes as bars over time, the higher the higher, in colours of who has written them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from envs.engine import palette
from sandbox.data.formats.midi import notes_of
from sandbox.data.piano_roll import LOWEST, name_of

HEIGHT, LEAST = 300, 24
"""Pixels of a chart, and keys that it shows at least."""


@dataclass(frozen=True)
class Part:
    """Notes of one hand.

    Attributes:
        name: whose they are: `given`.
        roll: (T, 88).
        color: of the bars.
        begin: step of the chart at which they begin.
    """

    name: str
    roll: NDArray[np.bool_]
    color: str = palette.MODEL
    begin: int = 0


def show_roll(parts: Sequence[Part], *, key: str, alt: str, tied: bool = False, height: int = HEIGHT) -> None:
    """Draw parts over each other.

    Args:
        parts: those that come later lie above.
        key: of the chart.
        alt: what a screen reader says.
        tied: see `notes_of`.
        height: in pixels.
    """
    import altair as vega
    import pandas as pd

    rows = [
        {
            "part": part.name,
            "begin": part.begin + start + 1 - 0.46,
            "end": part.begin + end + 0.46,
            "low": note + LOWEST - 0.42,
            "high": note + LOWEST + 0.42,
            "note": name_of(note + LOWEST),
            "step": part.begin + start + 1,
            "color": part.color,
        }
        for part in parts
        for note, start, end in notes_of(part.roll, tied=tied)
    ]
    if not rows:
        st.caption("Silence.")
        return
    lows, highs = [row["low"] for row in rows], [row["high"] for row in rows]
    more = max(0, LEAST - (max(highs) - min(lows))) / 2 + 1
    steps = max(part.begin + len(part.roll) for part in parts)
    octaves = [note for note in range(LOWEST, LOWEST + 88) if note % 12 == 0]
    y = vega.Y(
        "low:Q",
        title=None,
        scale=vega.Scale(domain=[min(lows) - more, max(highs) + more], nice=False),
        axis=vega.Axis(values=octaves, labelExpr="'C' + (datum.value / 12 - 1)"),
    )
    x = vega.X(
        "begin:Q",
        title="time step",
        scale=vega.Scale(domain=[0.4, steps + 0.6], nice=False),
        axis=vega.Axis(grid=False, tickMinStep=1),
    )
    chart = (
        vega.Chart(pd.DataFrame(rows))
        .mark_rect(cornerRadius=2)
        .encode(
            x=x,
            x2="end:Q",
            y=y,
            y2="high:Q",
            color=vega.Color("color:N", scale=None, legend=None),
            tooltip=[
                vega.Tooltip("note:N", title="note"),
                vega.Tooltip("step:Q", title="time step"),
                vega.Tooltip("part:N", title="by"),
            ],
        )
        .properties(height=height)
    )
    st.altair_chart(chart, width="stretch", key=key, alt=alt)
