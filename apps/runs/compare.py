"""Curves of several runs in one chart."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.runs.table import Entry
from apps.studio.charts.curves import Curve, show_curves
from envs.engine import palette

MOST = 6
"""Runs in one chart: more cannot be told apart."""
FIRST = ("return", "accuracy", "error", "loss")
"""Words in the names of figures that are shown first."""
AGAINST = {"step": "steps of training", "seconds": "seconds of training"}
"""What figures can be drawn against, and the name of the axis."""
SHADES = (
    palette.MODEL,
    palette.HUMAN,
    palette.TRUTH,
    palette.BASELINE,
    palette.blend(palette.MODEL, "white", 0.5),
    palette.blend(palette.HUMAN, "white", 0.5),
)
"""Here a hue stands for a run, named at the end of its line."""


def title_of(figure: str) -> str:
    """How people call a figure of the metrics: `evaluation return`, `test accuracy`."""
    return figure.replace("_", " ").replace("eval ", "evaluation ", 1)


def figures(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Names of what was measured more than once, the most informative first."""
    counts: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            if name not in ("step", "seconds") and isinstance(value, (int, float)):
                counts[name] = counts.get(name, 0) + 1

    def rank(name: str) -> tuple[int, int]:
        telling = [i for i, word in enumerate(FIRST) if word in name.lower()]
        held_out = 0 if any(word in name.lower() for word in ("eval", "test", "held", "valid")) else 1
        return (telling[0] if telling else len(FIRST), held_out)

    return sorted((name for name, count in counts.items() if count > 1), key=rank)


def show(chosen: Sequence[Entry]) -> None:
    """Draw the curves of the chosen runs, with a menu for what is measured and against what."""
    metrics = {entry.run.name: entry.run.metrics() for entry in chosen[:MOST]}
    names = figures([row for rows in metrics.values() for row in rows])
    if not names:
        st.caption("No curve yet. The first figures come with the first checkpoint.")
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    figure = left.selectbox(
        "Figure",
        names,
        format_func=title_of,
        key="runs:figure",
        help="What was measured during the training.",
    )
    against = right.segmented_control(
        "Against",
        list(AGAINST),
        default="step",
        required=True,
        format_func=str.capitalize,
        key="runs:against",
        help="Steps compare runs after equally many steps, seconds after the same time.",
    )
    curves = []
    for (name, rows), color in zip(metrics.items(), SHADES, strict=False):
        points = [row for row in rows if figure in row and against in row]
        curves.append(
            Curve(
                name=name, x=[row[against] for row in points], y=[row[figure] for row in points], color=color
            )
        )
    show_curves(
        curves,
        x_title=AGAINST[str(against)],
        y_title=title_of(str(figure)),
        alt=f"{title_of(str(figure))} of {', '.join(metrics)}",
        key="runs:curves",
        height=300,
    )
    if len(chosen) > MOST:
        st.caption(f"The chart shows the first {MOST} of {len(chosen)} ticked runs.")
