"""Limits: the same agent in physics that are farther and farther from those of its training."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

import envs
from apps.arena import scores
from apps.arena.agent_view import EPISODES, AgentView
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.plain_text import escape
from envs.engine import palette
from envs.engine.environment import Param

POINTS = 7
"""Values of the parameter that are tried."""


def grid(param: Param, trained: float) -> list[float]:
    """Values over the parameter's range, that of the training among them; by factors in a wide range."""
    low, high = float(param.low), float(param.high)
    if low > 0 and high / low > 20:
        values = np.geomspace(low, high, POINTS)
    else:
        values = np.linspace(low, high, POINTS)
    values[int(np.argmin(np.abs(values - trained)))] = trained
    if isinstance(param.default, int):
        values = np.unique(np.round(values))
    return [float(value) for value in values]


def show(target: str, view: AgentView) -> None:
    """Draw the tab."""
    declared: Mapping[str, Param] = envs.find(target).params if target in envs.names() else {}
    numbers = [name for name, param in declared.items() if not isinstance(param.default, bool)]
    if not numbers:
        st.caption(f"{escape(target)} has no numbers that could be changed.")
        return
    name = st.selectbox(
        "What changes",
        numbers,
        format_func=lambda key: key.replace("_", " "),
        key=f"arena:limits:{target}",
        width=260,
        help="Everything else stays as it was in training.",
    )
    param, trained = declared[name], float(view.trained_in.get(name, declared[name].default))
    values = grid(param, trained)
    kind = int if isinstance(param.default, int) else float
    measured: list[tuple[float, Any]] = []
    for value in values:
        score = scores.agent_score(view, {**view.trained_in, name: kind(value)})
        if score is not None:
            measured.append((value, score))
    unit = f", {param.unit}" if param.unit else ""
    show_curves(
        [
            Curve(
                name="agent",
                x=[value for value, _ in measured],
                y=[score.mean for _, score in measured],
                low=[score.low for _, score in measured],
                high=[score.high for _, score in measured],
                color=palette.MODEL,
                format=",.0f",
            )
        ],
        x_title=f"{name.replace('_', ' ')}{unit} (trained at {trained:g})",
        y_title="mean return of an episode",
        alt=f"Mean return of the agent as {name.replace('_', ' ')} goes from {values[0]:g} to {values[-1]:g}",
        mark=trained,
        zero=True,
        key="arena:limits",
        height=280,
    )
    if len(measured) < len(values):
        st.caption(f"{len(measured)} of {len(values)} values tested …")
    else:
        st.caption(
            f"Each point is the mean of {EPISODES} unseen episodes. The upright line marks the physics of "
            "the training. The agent has seen no others; one that is trained in many copes with more."
        )
