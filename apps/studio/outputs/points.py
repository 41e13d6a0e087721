"""Points as answers: a cloud over the real ones, the network's beside those of the baselines."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from envs.engine import palette

SHOWN = 400
"""Points of each kind."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw where one point lies."""
    st.markdown(f"##### {view.predictor.output.text(answer)}")
    cloud(np.asarray(view.test.targets), np.asarray(answer)[None], view, key=f"{page}:point")


def grades(view: RunView) -> Grades:
    """Every answer by the task's main figure, where it has a value for each."""
    return by_metric(view, "Furthest off")


def compare(page: str, view: RunView) -> None:
    """Draw the clouds side by side."""
    found = view.later("compared points", lambda: _answers(view))
    if found is None:
        st.caption("The baselines are at work …")
        return
    real = np.asarray(view.test.targets)
    for number, (column, (name, points)) in enumerate(
        zip(st.columns(len(found), gap="medium"), found.items(), strict=True)
    ):
        with column:
            st.markdown(f"**{name[0].upper()}{name[1:]}**")
            cloud(real, points, view, key=f"{page}:cloud:{number}")
    st.caption("Green: real points, unseen. Blue: generated ones.")


def cloud(real: Any, generated: Any, view: RunView, *, key: str) -> None:
    """Draw generated points over real ones."""
    import altair as alt
    import pandas as pd

    rows = [
        pd.DataFrame({"x": points[:SHOWN, 0], "y": points[:SHOWN, 1], "color": color, "size": size})
        for points, color, size in ((real, palette.TRUTH, 12), (generated, palette.MODEL, 26))
    ]
    low, high = np.asarray(real).min(0) - 0.3, np.asarray(real).max(0) + 0.3
    across, up = (alt.Scale(domain=[float(low[i]), float(high[i])]) for i in range(2))
    first, second = view.predictor.output.axes
    chart = (
        alt.Chart(pd.concat(rows))
        .mark_circle(opacity=0.7, clip=True)
        .encode(
            x=alt.X("x:Q", title=first, scale=across, axis=alt.Axis(tickCount=5)),
            y=alt.Y("y:Q", title=second, scale=up, axis=alt.Axis(tickCount=5)),
            color=alt.Color("color:N", scale=None),
            size=alt.Size("size:Q", scale=None),
        )
        .properties(height=260)
    )
    st.altair_chart(chart, width="stretch", alt="Generated points over real ones", key=key)


def _answers(view: RunView) -> dict[str, Any]:
    predictors = {"this network": view.predictor, **view.baselines}
    return {name: np.asarray(one.predict(view.test.inputs)) for name, one in predictors.items()}
