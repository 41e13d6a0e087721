"""What a driver does, over the road: the way the network takes, and that of who knows better."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette

SHOWN = 600
"""Unseen examples that are drawn."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the way over the picture; write it, the driver's, and those of the baselines."""
    output, picture = view.predictor.output, np.asarray(given.value)
    st.markdown(f"##### {escape(output.text(answer))}")
    ways = [Picture(output.drawn(picture, answer), "the network's way")]
    others = {name: one.predict(picture[None])[0] for name, one in view.baselines.items()}
    if given.target is not None:
        others = {"the driver who knows the road": np.ravel(np.asarray(given.target, float)), **others}
        true = next(iter(others.values()))
        ways.append(Picture(output.drawn(picture, true, _tint(palette.TRUTH)), "the driver's way"))
    gallery(ways, key=f"{page}:ways", size=260)
    for name, other in others.items():
        st.caption(f"{name[:1].upper()}{name[1:]}: {escape(output.text(other))}")


def grades(view: RunView) -> Grades:
    """Every unseen frame by its error."""
    return by_metric(view, "Largest errors")


def compare(page: str, view: RunView) -> None:
    """Draw the network's angle and that of the best baseline over the driver's, frame by frame."""
    import altair as alt
    import pandas as pd

    answers = {"network": view.answers}
    for name, one in view.baselines.items():
        found = view.later(f"angles {name}", lambda one=one: np.asarray(one.predict(view.test.inputs)))
        if found is None:
            st.caption("The baselines are at work …")
            return
        answers[name] = found
        break
    true = np.asarray(view.test.targets, float)[:SHOWN, 0]
    names, hues = list(answers), [palette.MODEL, palette.BASELINE]
    table = pd.concat(
        pd.DataFrame({"true": true, "said": np.asarray(found, float)[:SHOWN, 0], "who": name})
        for name, found in answers.items()
    )
    low, high = float(true.min()), float(true.max())
    line = (
        alt.Chart(pd.DataFrame({"true": [low, high], "said": [low, high]}))
        .mark_line(color="#9aa0a8")
        .encode(x="true:Q", y="said:Q")
    )
    points = (
        alt.Chart(table)
        .mark_circle(opacity=0.6, size=24)
        .encode(
            x=alt.X("true:Q", title="angle of the driver who knows the road, °, left is positive"),
            y=alt.Y("said:Q", title="angle by the picture, °"),
            color=alt.Color("who:N", scale=alt.Scale(domain=names, range=hues[: len(names)]), title=None),
        )
    )
    st.markdown("**Angles** on unseen frames; on the line they agree")
    st.altair_chart((line + points).properties(height=320), width="stretch", key=f"{page}:angles")


def _tint(color: str) -> tuple[float, float, float]:
    red, green, blue = palette.rgb(color)
    return red / 255, green / 255, blue / 255
