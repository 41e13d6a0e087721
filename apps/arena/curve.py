"""The learning curve of an agent, with what it should beat."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.components.curves import Curve, Level, show_curves
from apps.components.intervals import Score

TRAINING_RETURN = ("rollout/ep_rew_mean", "train/return", "return")
"""Names under which the mean return of training episodes is logged, the first that is there counts."""
HELD_OUT_RETURN = ("eval/mean_reward", "eval/mean_return", "eval/return")
"""The same for evaluation episodes."""


def first_of(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> str | None:
    """The first of `names` that some row has."""
    return next((name for name in names if any(name in row for row in rows)), None)


def show(
    rows: Sequence[dict[str, Any]],
    scores: Sequence[Score],
    threshold: float | None,
    age: int | None,
    caption: str,
) -> None:
    """Draw the mean return over the steps of training."""
    curves = []
    for names, label, style in (
        (TRAINING_RETURN, "training", "light"),
        (HELD_OUT_RETURN, "evaluation", "solid"),
    ):
        name = first_of(rows, names)
        if name is None:
            continue
        points = [row for row in rows if name in row]
        low, high = f"{name}_low", f"{name}_high"
        banded = all(low in row and high in row for row in points)
        curves.append(
            Curve(
                name=label,
                x=[row["step"] for row in points],
                y=[row[name] for row in points],
                low=[row[low] for row in points] if banded else None,
                high=[row[high] for row in points] if banded else None,
                style="light" if style == "light" else "solid",
                format=",.1f",
            )
        )
    if len(curves) == 1:
        curves = [Curve(name="mean return", x=curves[0].x, y=curves[0].y, format=",.1f")]
    levels = [Level(name=score.name, y=score.mean, low=score.low, high=score.high) for score in scores]
    if threshold is not None:
        from envs.engine import palette

        levels.append(Level(name=f"solved: {threshold:g}", y=threshold, color=palette.TRUTH))
    show_curves(
        curves,
        levels,
        x_title="steps in the environment",
        y_title="mean return of an episode",
        alt=caption,
        mark=age,
        key="arena:curve",
        height=230,
    )
    if not rows:
        st.caption("The curve of training appears here.")
