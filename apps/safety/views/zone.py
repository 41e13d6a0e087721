"""A zone that nobody should enter, drawn with the mouse: on a picture, and over the frames of a video."""

from __future__ import annotations

import copy
import io
from dataclasses import replace

import streamlit as st

from apps.studio.browser.zone import Zone, zone
from apps.studio.inside import video
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.tasks.outputs.boxes import drawn
from sandbox.tasks.outputs.separation import Separation

TITLE = "Zone and video"
ORDER = 10
FIRST: Zone = (0.35, 0.45, 0.65, 0.75)
"""Before anybody has drawn one: the floor in front of the robot."""


def fits(view: RunView) -> bool:
    """Whether the answer tells distances."""
    return isinstance(view.predictor.output, Separation)


def show(page: str, view: RunView) -> None:
    """Draw the picture under *Try* to draw a zone on, what is seen there, and the same over a video."""
    answer = view.predictor.predict(current(page, view).value[None])[0]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Draw a zone** with the mouse: whoever stands in it raises the alarm.")
        chosen = zone(_jpeg(answer.picture), key=f"{page}:zone", label="The picture under Try", first=FIRST)
    watching = _with_zone(view, chosen)
    output = watching.predictor.output
    with right:
        st.markdown(f"**{escape(output.text(answer))}**")
        st.image(output.drawn(answer.picture, answer), output_format="JPEG")
        st.caption("Metres are those between each person and the machine; red is too close, or in the zone.")
    st.markdown("**The same zone over your own video, or a camera**")
    video.show(f"{page}:zoned", watching)


def picture(page: str, view: RunView) -> None:
    """Draw what is seen in the picture under *Try*."""
    answer = view.predictor.predict(current(page, view).value[None])[0]
    st.image(view.predictor.output.drawn(answer.picture, answer), output_format="JPEG")


def _with_zone(view: RunView, chosen: Zone | None) -> RunView:
    predictor = copy.copy(view.predictor)
    predictor.output = replace(predictor.output, zone=chosen)
    return replace(view, predictor=predictor)


def _jpeg(values: object) -> bytes:
    content = io.BytesIO()
    drawn(values, (), 720).save(content, "JPEG", quality=90)  # pyright: ignore[reportArgumentType]
    return content.getvalue()
