"""Try: an input on the left, the answer in the middle, unseen examples and mistakes on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import ChosenInput, pick
from apps.studio.page.columns import TRIED, panes
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
    """Draw input, answer and unseen examples side by side; a wide input and its answer below each other."""
    if getattr(input_of(view), "WIDE", False):
        _answered(page, view, input_of(view).choose(page, view))
        if getattr(input_of(view), "SAMPLES", False):
            show_samples(page, view)
        return
    left, middle, right = panes(TRIED, key=f"{page}-try")
    with left:
        given = input_of(view).choose(page, view)
    with middle:
        _answered(page, view, given)
    with right:
        show_samples(page, view)


def _answered(page: str, view: RunView, given: ChosenInput | None) -> None:
    """The answer to what was given, or what there is to do."""
    if given is None:
        st.markdown("##### Your turn")
        st.caption(f"Give it one of your own, or pick one of the unseen {view.things}.")
    else:
        show_answers(page, view, given)


def answer_to(view: RunView, given: ChosenInput) -> Any:
    """The network's answer to one input."""
    return view.predictor.predict(np.asarray(given.value)[None])[0]


def show_answers(page: str, view: RunView, given: ChosenInput) -> None:
    """Draw the network's answer to an input, or that of each of several with its name."""
    if not view.members or getattr(output_of(view), "TOGETHER", False):
        output_of(view).show(page, view, given, answer_to(view, given))
        return
    for name, member in view.members.items():
        title = view.title(name)
        st.markdown(f"**{title[:1].upper()}{title[1:]}**")
        output_of(view).show(f"{page}:{name}", view, given, member.predict(np.asarray(given.value)[None])[0])


def show_samples(page: str, view: RunView) -> None:
    """Draw unseen examples and those that it got most wrong; a click makes one the input."""
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
    tones, captions = [grades.tone(row) for row in rows], [grades.captions[row] for row in rows]
    if thumbnails(page, view, rows, captions, tones, key=key):
        st.rerun(scope="fragment")


def thumbnails(
    page: str, view: RunView, rows: Sequence[int], captions: Sequence[str], tones: Sequence[Any], *, key: str
) -> bool:
    """Draw unseen examples with captions; one that was just clicked becomes the input.

    Args:
        page: the page's name.
        view: whose `test` they are.
        rows: places in it.
        captions: one for each.
        tones: `right`, `wrong` or empty, one for each.
        key: name of the gallery.

    Returns:
        Whether one was clicked.
    """
    kind = input_of(view)
    if not hasattr(kind, "shown"):  # words instead of pictures, and nothing to click
        kind.preview(page, view.predictor, [view.test.inputs[row] for row in rows], captions)
        return False
    pictures = [
        Picture(
            kind.shown(view, view.test.inputs[row]), caption, alt=f"{caption}; click to look at it", tone=tone
        )
        for row, caption, tone in zip(rows, captions, tones, strict=True)
    ]
    signed = getattr(kind, "SIGNED", False)
    chosen = gallery(
        pictures, key=f"{page}:{key}", size=getattr(kind, "TILE", 50), pickable=True, signed=signed
    )
    if chosen is not None:
        pick(page, int(rows[chosen]))
    return chosen is not None


def _others(page: str) -> None:
    st.session_state[f"{page}:from"] = st.session_state.get(f"{page}:from", 0) + SAMPLES
