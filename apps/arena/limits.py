"""Break it: the same agent in a world that drifts away from the one it learned in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

import envs
from apps.arena import scores
from apps.studio import background_imports
from apps.studio.charts.curves import Curve, show_curves
from apps.studio.plain_text import escape
from envs.engine import palette
from envs.engine.environment import Param
from sandbox.runs import Run

if TYPE_CHECKING:
    from apps.arena.controls import Choice

POINTS = 7
"""Values of the parameter that are tried."""


def grid(param: Param) -> list[float]:
    """Values over the parameter's range, its default among them; by factors where the range is wide."""
    low, high = float(param.low), float(param.high)
    if low > 0 and high / low > 20:
        values = np.geomspace(low, high, POINTS)
    else:
        values = np.linspace(low, high, POINTS)
    values[int(np.argmin(np.abs(values - param.default)))] = param.default
    if isinstance(param.default, int):
        values = np.unique(np.round(values))
    return [float(value) for value in values]


def show(choice: "Choice", run: Run | None, age: int | None) -> None:
    """Draw the tab."""
    declared: Mapping[str, Param] = envs.find(choice.target).params if choice.target in envs.names() else {}
    turnable = [name for name, param in declared.items() if not isinstance(param.default, bool)]
    if not turnable:
        st.caption(f"{escape(choice.target)} has no numbers to turn.")
        return
    if run is None or not run.checkpoints():
        st.caption("Train an agent first; then see how far its world may drift before it fails.")
        return
    if not background_imports.ready("agents.evaluate"):
        st.caption("The agent is being loaded …")
        return
    name = st.selectbox(
        "What drifts",
        turnable,
        format_func=lambda key: key.replace("_", " "),
        key=f"arena:limits:{choice.target}",
        width=260,
        help="Everything else stays as it was in training.",
    )
    param = declared[name]
    measured: list[tuple[float, Any]] = []
    values = grid(param)
    for value in values:
        turned: Any = int(value) if isinstance(param.default, int) else value
        score = scores.agent_score(run, age, choice.target, {name: turned})
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
        x_title=f"{name.replace('_', ' ')}{unit} (trained at {param.default:g})",
        y_title=f"mean return over {scores.EPISODES} episodes",
        alt=f"Return of the agent as {name} drifts from {values[0]:g} to {values[-1]:g}",
        mark=float(param.default),
        zero=True,
        key="arena:limits",
        height=280,
    )
    if len(measured) < len(values):
        st.caption(f"{len(measured)} of {len(values)} worlds measured …")
    else:
        st.caption(
            "The upright line is the world it was trained in. It has never seen another one, so what it does "
            "elsewhere is luck: training in many worlds at once is how one would mend that."
        )
