"""What was read of a picture: character by character, how sure, and what really stands there."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.inputs.line import shown
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.metrics.transcription import edit_distance
from sandbox.percent import percent

SHOWN = 60
"""Characters of a caption."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw what was read, the less sure the more marked, and the truth where it is known."""
    said = view.predictor.said(np.asarray(given.value)[None])[0]
    st.markdown("##### It reads")
    pieces = [
        Piece(f" {one.character} ", 1 - one.probability, f"{percent(one.probability, 1)} sure")
        for one in said
    ]
    show_text(pieces or [Piece("nothing", faint=True)], key=f"{page}-read")
    if given.target is not None:
        wrong = edit_distance(str(answer), str(given.target))
        mistakes = "no mistake" if not wrong else f"{wrong} {'mistake' if wrong == 1 else 'mistakes'}"
        st.caption(
            f"The truth: {escape(str(given.target))}, {mistakes}. The stronger the red, the less sure."
        )
    else:
        st.caption("The stronger the red, the less sure. Point at a character to read how sure.")


def grades(view: RunView) -> Grades:
    """Grade all of `view.test` by their mistakes."""
    answers, texts = [str(one) for one in view.answers], [str(one) for one in view.test.targets]
    mistakes = np.array([edit_distance(*pair) for pair in zip(answers, texts, strict=True)])
    wrong = np.argsort(-mistakes, kind="stable")[: int((mistakes > 0).sum())]
    captions = [
        (one if one == text else f"{one}, not {text}")[:SHOWN]
        for one, text in zip(answers, texts, strict=True)
    ]
    summary = f"{len(wrong)} of {len(answers):,}" if len(wrong) else f"none of {len(answers):,}"
    return Grades(captions, wrong, summary, mistakes == 0)


def compare(page: str, view: RunView) -> None:
    """Draw what the network and each baseline read of the line that was tried."""
    value = np.asarray(current(page, view).value)
    st.markdown("**The same line, read** by the network and by the simple methods")
    gallery([Picture(shown(view, value), "")], key=f"{page}:compared-line", size=384)
    for number, (name, one) in enumerate({"network": view.predictor, **view.baselines}.items()):
        st.caption(escape(name[:1].upper() + name[1:]))
        show_text([Piece(one.predict(value[None])[0] or "nothing")], key=f"{page}-compared-{number}")
