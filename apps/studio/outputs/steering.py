"""What a driver does and sees, over the road: the network, and who knows better."""

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
from sandbox.metrics.scores import PREFIX
from sandbox.tasks.outputs.steering import Steered, ways

SHOWN = 600
"""Unseen examples that are drawn."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw way, road and lane over the picture; write the way, the driver's, and those of the baselines."""
    output, picture = view.predictor.output, np.asarray(given.value)
    st.markdown(f"##### {escape(output.text(answer))}")
    pictures = [Picture(output.drawn(picture, answer), "the network")]
    others = {}
    if given.target is not None:
        driver = Steered(np.ravel(np.asarray(given.target, float)), _ground(view, given))
        others["the driver who knows the road"] = driver
        pictures.append(Picture(output.drawn(picture, driver, _tint(palette.TRUTH)), "the truth"))
    for i, (name, one) in enumerate(view.baselines.items()):
        others[name] = one.predict(picture[None])[0]
        if i == 0:
            drawn = output.drawn(picture, others[name], _tint(palette.BASELINE))
            pictures.append(Picture(drawn, name))
    gallery(pictures, key=f"{page}:ways", size=260)
    if answer.ground is not None:
        st.caption("Green is the own lane, pink the rest of the road; the narrow strip is the way ahead.")
    for name, other in others.items():
        st.caption(f"{name[:1].upper()}{name[1:]}: {escape(output.text(other))}")
    if given.target is None and view.split.about.synthetic:
        st.caption(
            "The network has only seen drawn roads, by one drawn camera. Nobody has measured how well it "
            "does on photos."
        )


def grades(view: RunView) -> Grades:
    """Every unseen frame by its error."""
    return by_metric(view, "Largest errors")


def compare(page: str, view: RunView) -> None:
    """Draw the network's angle and that of the best baseline over the driver's, frame by frame."""
    import altair as alt
    import pandas as pd

    _overlaps(view)
    answers = {"network": view.answers}
    for name, one in view.baselines.items():
        found = view.later(f"angles {name}", lambda one=one: one.predict(view.test.inputs))
        if found is None:
            st.caption("The baselines are at work …")
            return
        answers[name] = found
        break
    true = np.asarray(view.test.targets, float)[:SHOWN, 0]
    names, hues = list(answers), [palette.MODEL, palette.BASELINE]
    table = pd.concat(
        pd.DataFrame({"true": true, "said": ways(found)[:SHOWN, 0], "who": name})
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


def _ground(view: RunView, given: ChosenInput) -> Any:
    """What each pixel of an unseen example really is; None where nobody knows it."""
    truths = getattr(view.test, "ground", None)
    return None if truths is None or given.index is None else np.asarray(truths[given.index])


def _overlaps(view: RunView) -> None:
    """Write how well road and lane are marked, the baselines beside."""
    measured = {"network": view.scores, **(view.baseline_scores or {})}
    said = [
        f"{name} {100 * found[f'{PREFIX}lane_iou']:z.1f} % and {100 * found[f'{PREFIX}road_iou']:z.1f} %"
        for name, found in measured.items()
        if found is not None and f"{PREFIX}lane_iou" in found
    ]
    if said:
        st.markdown("**Own lane and road** on unseen frames, intersection over union")
        st.caption("; ".join(said))


def _tint(color: str) -> tuple[float, float, float]:
    red, green, blue = palette.rgb(color)
    return red / 255, green / 255, blue / 255
