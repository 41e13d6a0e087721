"""Try: an input on the left, the answer in the middle, unseen examples and mistakes on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.studio.page.columns import panes
from apps.studio.page.given import Given, pick
from apps.studio.page.inside_tab import fitting
from apps.studio.page.kinds import input_of, output_of
from apps.studio.page.run_view import RunView

if TYPE_CHECKING:
    from apps.studio.page.draw import Shown

SAMPLES = 12
"""Unseen examples that are shown at a time."""


def show(shown: Shown) -> None:
    """Draw the tab."""
    view, page = shown.view, shown.page
    assert view is not None
    for module in fitting(page, page.try_view, view).values():
        module.show(page.name, view)
        return
    both(page.name, view)


def both(page: str, view: RunView) -> None:
    """Draw input, answer and unseen examples side by side."""
    left, middle, right = panes([10, 10, 14], key=f"{page}-try")
    with left:
        given = input_of(view).choose(page, view)
    with middle:
        if given is None:
            st.markdown("##### Your turn")
            st.caption("Give it something on the left, or pick one of those on the right.")
        else:
            output_of(view).show(page, view, given, answer_to(view, given))
    with right:
        _samples(page, view)


def answer_to(view: RunView, given: Given) -> Any:
    """The network's answer to one input."""
    return view.predictor.predict(np.asarray(given.value)[None])[0]


def _samples(page: str, view: RunView) -> None:
    grades = output_of(view).grades(view)
    count = len(view.test)
    begin = st.session_state.get(f"{page}:from", 0) % count
    order = np.random.default_rng(1).permutation(count)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**Unseen {view.things}**", width="content")
        st.button(
            "Others",
            icon=":material/shuffle:",
            type="tertiary",
            key=f"{page}:others",
            on_click=_others,
            args=(page,),
        )
    _row(page, view, grades, order[(begin + np.arange(min(SAMPLES, count))) % count], "samples")
    if grades.summary:
        st.markdown(f"**{grades.title}**: {grades.summary}")
    if len(grades.worst):
        _row(page, view, grades, grades.worst[:SAMPLES], "mistakes")


def _row(page: str, view: RunView, grades: Any, rows: Any, key: str) -> None:
    tones = [grades.tone(row) for row in rows]
    captions = [grades.captions[row] for row in rows]
    chosen = input_of(view).thumbnails(page, view, [int(row) for row in rows], captions, tones, key=key)
    if chosen is not None:
        pick(page, int(rows[chosen]))
        st.rerun(scope="fragment")


def _others(page: str) -> None:
    st.session_state[f"{page}:from"] = st.session_state.get(f"{page}:from", 0) + SAMPLES
