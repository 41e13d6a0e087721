"""Scores side by side on one scale, each with its interval."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from apps.studio import wording
from apps.studio.charts.curves import readable
from envs.engine import palette
from sandbox.metrics.scores import Metric

LETTERS = 20
"""Of a name in one line, so that a phone has room beside it."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one player or method reached."""

    name: str
    mean: float
    low: float | None = None
    """Lower end of the interval; None for a single try."""
    high: float | None = None
    color: str = palette.BASELINE
    tries: int = 0
    """How many episodes or pictures are behind it."""


def score_of(name: str, figures: Mapping[str, float], metric: Metric, color: str = palette.BASELINE) -> Score:
    """A figure and its interval as a score.

    Args:
        name: who reached it.
        figures: with the metric's key, and perhaps the ends of its interval.
        metric: which of them.
        color: its hue.
    """
    mean, low, high = (
        metric.scale * figures.get(f"{metric.key}{end}", figures[metric.key]) for end in ("", "_low", "_high")
    )
    return Score(name=name, mean=mean, low=low, high=high, color=color)


def show_scores(
    scores: Sequence[Score],
    *,
    x_title: str,
    alt: str,
    form: str = ",.1f",
    best_of: float | None = None,
    zero: bool = True,
    least_first: bool = False,
    key: str,
) -> None:
    """Draw scores as dots with their intervals, the best at the top.

    Args:
        scores: at least one.
        x_title: what is scored, with its unit.
        alt: what a screen reader says.
        form: number format of the labels; empty for `wording.figure`.
        zero: whether the axis begins at 0.
        least_first: whether the smallest score is the best.
        best_of: a score worth reaching, drawn as an upright line.
        key: name of the chart.
    """
    import altair as vega
    import pandas as pd

    rows = pd.DataFrame(
        [
            {
                "name": score.name,
                "lines": "\n".join(textwrap.wrap(score.name, LETTERS)),
                "mean": score.mean,
                "low": score.mean if score.low is None else score.low,
                "high": score.mean if score.high is None else score.high,
                "color": score.color,
                "ink": readable(score.color),
                "label": f"{score.mean:z{form}}" if form else wording.figure(score.mean),
            }
            for score in sorted(scores, key=lambda score: score.mean if least_first else -score.mean)
        ]
    )
    y = vega.Y(
        "lines:N",
        sort=vega.EncodingSortField(
            field="mean", op="max", order="ascending" if least_first else "descending"
        ),
        title=None,
        axis=vega.Axis(
            labelExpr="split(datum.label, '\\n')", labelFontSize=13, ticks=False, domain=False, labelLimit=220
        ),
    )
    scale = vega.Scale(zero=zero, nice=True, padding=16)
    # A title that ends at the right has room below the names; in the middle of a phone it would be cut.
    axis = vega.Axis(tickCount=6, title=x_title, titleAnchor="end", labelOverlap=True)
    x = vega.X("mean:Q", scale=scale, axis=axis)
    color = vega.Color("color:N", scale=None)
    base = vega.Chart(rows)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.45).encode(
            y=y, x=vega.X("low:Q", scale=scale, axis=axis), x2="high:Q", color=color
        ),
        base.mark_circle(size=110, opacity=1).encode(
            y=y,
            x=x,
            color=color,
            tooltip=[
                vega.Tooltip("name:N", title="who"),
                vega.Tooltip("mean:Q", title="mean", format=".4~g"),
                vega.Tooltip("low:Q", title="interval from", format=".4~g"),
                vega.Tooltip("high:Q", title="to", format=".4~g"),
            ],
        ),
        base.mark_text(dy=-13, fontWeight=600, fontSize=12.5).encode(
            y=y, x=x, text="label:N", color=vega.Color("ink:N", scale=None)
        ),
    ]
    if best_of is not None:
        line = vega.Chart(pd.DataFrame([{"x": best_of}]))
        layers.append(line.mark_rule(strokeDash=[4, 4], color=palette.TRUTH).encode(x="x:Q"))
    st.altair_chart(
        vega.layer(*layers).properties(height=60 + 46 * len(rows)), width="stretch", alt=alt, key=key
    )
