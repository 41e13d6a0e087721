"""A translation: what was written, what else the search found, and what others make of the same sentence."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette

SHOWN = 160
"""Characters of a caption."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the translation, and a known one where there is one."""
    known = [] if given.target is None else [str(one) for one in given.target]
    show_text([Piece(str(answer), strength=0.16)], key=f"{page}-translated", color=palette.MODEL)
    if known:
        verdict = "This is a known translation." if str(answer) in known else "The data have:"
        st.caption(verdict)
        if str(answer) not in known:
            show_text([Piece(" / ".join(known))], key=f"{page}-known")


def grades(view: RunView) -> Grades:
    """Grade all of `view.test`: whether each translation is a known one."""
    answers, known = list(view.answers), list(view.test.targets)
    correct = np.array([str(one) in other for one, other in zip(answers, known, strict=True)])
    captions = [textwrap.shorten(str(one), SHOWN, placeholder=" …") for one in answers]
    wrong = np.flatnonzero(~correct)
    summary = f"{len(wrong)} of {len(answers):,}" if len(wrong) else f"none of {len(answers):,}"
    return Grades(captions, wrong, summary, correct, title="Other than the data")


def compare(page: str, view: RunView) -> None:
    """Draw what the network and each baseline make of the sentence that was tried."""
    sentence = str(np.asarray(current(page, view).value).item())
    st.markdown("**The same sentence, translated** by the network and by the simple methods")
    show_text([Piece(sentence, faint=True)], key=f"{page}-compared-sentence")
    for number, (name, one) in enumerate({"network": view.predictor, **view.baselines}.items()):
        st.caption(escape(name[:1].upper() + name[1:]))
        show_text([Piece(one.predict([sentence])[0])], key=f"{page}-compared-{number}")
