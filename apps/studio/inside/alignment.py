"""Where a network that translates looks: a row for each token that it writes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.browser.heatmap import heat
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.tasks.families.translation_network import Translator

TITLE = "Where it looks"
ORDER = 10


def fits(view: RunView) -> bool:
    """Whether it translates."""
    return isinstance(view.predictor, Translator)


def show(page: str, view: RunView) -> None:
    """Draw the shares of attention for the sentence that was tried, and other ends of the search."""
    picture(page, view)
    translator: Translator = view.predictor
    found = translator.candidates([_sentence(page, view)])[0]
    st.markdown("**What the search kept**: the most probable end first")
    st.dataframe(
        [{"translation": text, "nats per token": round(-score, 3)} for text, score in found],
        hide_index=True,
        key=f"{page}:candidates",
    )


def picture(page: str, view: RunView) -> None:
    """Draw the shares of attention alone."""
    translator: Translator = view.predictor
    sentence = _sentence(page, view)
    found = translator.alignment(sentence, translator.predict([sentence])[0])
    if not len(found.target):
        st.caption("It writes nothing yet.")
        return
    heat(
        found.shares,
        key=f"{page}:alignment",
        alt="Where the network looks for each token that it writes",
        x_title="token that is read",
        y_title="token that is written",
        names=[piece.strip() or "␣" for piece in found.target],
        scale=1.0,
        square=len(found.source) >= len(found.target) > 3,
        height=24 * len(found.target),
    )
    read = " · ".join(f"{place} {piece.strip() or '␣'}" for place, piece in enumerate(found.source, 1))
    written = " · ".join(piece.strip() or "␣" for piece in found.target)
    st.caption(f"Read, from left to right: {escape(read)}. Written, from top to bottom: {escape(written)}.")


def _sentence(page: str, view: RunView) -> str:
    text = str(np.asarray(current(page, view).value).item())
    return next((line for line in text.split("\n") if line.strip()), text)
