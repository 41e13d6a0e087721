"""Probabilities as bars: sorted, the top one strong, at most ten."""

from collections.abc import Sequence

import streamlit as st

from apps.studio.charts.curves import readable
from envs.engine import palette
from sandbox.percent import percent

MOST = 10


def show_bars(
    names: Sequence[str],
    probabilities: Sequence[float],
    *,
    key: str,
    color: str = palette.MODEL,
    alt: str = "",
    most: int = MOST,
) -> None:
    """Draw the most probable names as bars.

    Args:
        names: one for each probability.
        probabilities: in [0, 1].
        key: name of the chart; it changes in place under it.
        color: hue of who says so.
        alt: what a screen reader says; the top name if empty.
        most: bars that are drawn.
    """
    import altair as vega
    import pandas as pd

    order = sorted(range(len(names)), key=lambda i: -probabilities[i])[:most]
    rows = pd.DataFrame(
        [
            {
                "name": names[i],
                "p": float(probabilities[i]),
                "label": percent(float(probabilities[i]), 1),
                "opacity": 1.0 if rank == 0 else 0.4,
            }
            for rank, i in enumerate(order)
        ]
    )
    y = vega.Y(
        "name:N",
        # By the data and not by the order of the rows, which a chart that changes in place remembers.
        sort=vega.EncodingSortField(field="p", op="max", order="descending"),
        title=None,
        scale=vega.Scale(paddingInner=0.3, paddingOuter=0.1),
        axis=vega.Axis(ticks=False, domain=False, labelFontSize=14, labelPadding=8, labelLimit=140),
    )
    # Room behind the longest bar for its figure.
    x = vega.X("p:Q", axis=None, scale=vega.Scale(domain=[0, 1.18]))
    base = vega.Chart(rows)
    chart = vega.layer(
        base.mark_bar(color=color, cornerRadius=3).encode(
            y=y, x=x, opacity=vega.Opacity("opacity:Q", scale=None, legend=None)
        ),
        base.mark_text(align="left", dx=6, fontSize=13, fontWeight=600, color=readable(color)).encode(
            y=y, x=x, text="label:N"
        ),
    ).properties(height=27 * len(rows) + 8)
    top = order[0]
    st.altair_chart(
        chart,
        width="stretch",
        key=key,
        alt=alt or f"Most probable: {names[top]}, {percent(float(probabilities[top]))}",
    )
