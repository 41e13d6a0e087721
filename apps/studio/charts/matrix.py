"""A matrix of counts as coloured cells with their numbers: which class is taken for which."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from jaxtyping import Int

from envs.engine import palette

NUMBERED = 15
"""Up to so many classes each cell says its number."""


def show_matrix(counts: Int[np.ndarray, "C C"], names: Sequence[str], *, key: str, height: int = 320) -> None:
    """Draw a confusion matrix; the diagonal in the model's hue, mistakes in that of danger.

    Args:
        counts: examples of the class in the row that got the answer in the column.
        names: of the classes.
        key: name of the chart.
        height: in pixels.
    """
    import altair as vega
    import pandas as pd

    totals = counts.sum(1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    cells = [(i, j) for i in range(len(names)) for j in range(len(names)) if counts[i, j]]
    rows = pd.DataFrame(
        [
            {
                "true": names[i],
                "answer": names[j],
                "count": int(counts[i, j]),
                "share": float(shares[i, j]),
                "color": palette.MODEL if i == j else palette.DANGER,
                # A single mistake among many must be seen as well.
                "opacity": 0.25 + 0.75 * float(shares[i, j]),
            }
            for i, j in cells
        ]
    )
    order = list(names)
    x = vega.X("answer:N", sort=order, title="answer", axis=vega.Axis(orient="top", labelAngle=0))
    y = vega.Y("true:N", sort=order, title="true class")
    base = vega.Chart(rows)
    layers = [
        base.mark_rect(cornerRadius=2).encode(
            x=x,
            y=y,
            color=vega.Color("color:N", scale=None),
            opacity=vega.Opacity("opacity:Q", scale=None),
            tooltip=[
                vega.Tooltip("true:N", title="true class"),
                vega.Tooltip("answer:N", title="answer"),
                vega.Tooltip("count:Q", title="examples"),
                vega.Tooltip("share:Q", title="of this class", format=".1%"),
            ],
        )
    ]
    if len(names) <= NUMBERED:
        ink = vega.condition("datum.opacity > 0.6", vega.value("white"), vega.value("gray"))
        layers.append(base.mark_text(fontSize=12, fontWeight=600).encode(x=x, y=y, text="count:Q", color=ink))
    wrong = int(counts.sum() - np.trace(counts))
    st.altair_chart(
        vega.layer(*layers).properties(height=height),
        width="stretch",
        alt=f"Confusion matrix with {wrong} mistakes among {int(counts.sum())}",
        key=key,
    )
