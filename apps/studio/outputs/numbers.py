"""Numbers as answers: what is predicted beside what is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette

SHOWN = 600
"""Unseen examples that are drawn."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Write the answer, and the true value where it is known."""
    st.markdown(f"##### {escape(view.predictor.output.text(answer))}")
    if given.target is not None:
        st.caption("True: " + escape(view.predictor.output.text(np.ravel(given.target))))


def grades(view: RunView) -> Grades:
    """Every answer by how far it is from the true value."""
    said, true = (np.ravel(np.asarray(each, float)) for each in (view.answers, view.test.targets))
    captions = [f"{one:z.2f}, is {other:z.2f}" for one, other in zip(said, true, strict=True)]
    return Grades(captions, np.argsort(-np.abs(said - true)), "furthest off first", title="Largest errors")


def compare(page: str, view: RunView) -> None:
    """Draw the prediction for each unseen example over its true value."""
    import altair as alt
    import pandas as pd

    said, true = (np.ravel(np.asarray(each, float))[:SHOWN] for each in (view.answers, view.test.targets))
    low, high = float(min(said.min(), true.min())), float(max(said.max(), true.max()))
    points = alt.Chart(pd.DataFrame({"true": true, "predicted": said})).mark_circle(
        color=palette.MODEL, opacity=0.7, size=26
    )
    line = alt.Chart(pd.DataFrame({"true": [low, high], "predicted": [low, high]})).mark_line(
        color=palette.BASELINE
    )
    chart = (line + points).encode(
        x=alt.X("true:Q", title="true value", scale=alt.Scale(zero=False)),
        y=alt.Y("predicted:Q", title="predicted value", scale=alt.Scale(zero=False)),
    )
    st.markdown("**Predicted and true values** of unseen examples; on the grey line they agree")
    st.altair_chart(chart.properties(height=300), width="stretch", key=f"{page}:predicted")
