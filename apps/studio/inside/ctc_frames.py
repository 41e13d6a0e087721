"""Which frame of a line says what: the alignment that CTC has found by itself."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.browser.heatmap import heat
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.tasks.families.line_network import LineReader

TITLE = "Which frame says what"
ORDER = 10
ROW = 17
"""Pixels of a character's row."""


def fits(view: RunView) -> bool:
    """Whether it reads lines."""
    return isinstance(view.predictor, LineReader)


def show(page: str, view: RunView) -> None:
    """Draw the line, the probabilities of all characters below it, and each character with its frames."""
    picture(page, view)
    reader: LineReader = view.predictor
    said = reader.said(_line(page, view)[None])[0]
    st.dataframe(
        [
            {
                "character": one.character,
                "frames": str(one.first + 1)
                if one.first == one.last
                else f"{one.first + 1} to {one.last + 1}",
                "probability": round(one.probability, 3),
            }
            for one in said
        ],
        hide_index=True,
        key=f"{page}:said",
    )


def picture(page: str, view: RunView) -> None:
    """Draw the line, and below it what each of its frames says."""
    reader: LineReader = view.predictor
    line = _line(page, view)
    probabilities = reader.probabilities(line[None])[0]
    frames = len(probabilities)
    wide = line.shape[2] // frames
    said = "".join(one.character for one in reader.said(line[None])[0])
    heat(
        line[0],
        key=f"{page}:ctc-line",
        alt="The line as the network sees it",
        x_title="pixel",
        y_title="line",
        scale=1.0,
        square=True,
    )
    heat(
        probabilities.T,
        key=f"{page}:ctc-frames",
        alt=f"The probability of each character at each of {frames} frames; together they say {said}",
        x_title="frame",
        y_title="character",
        names=["blank: no character", *reader.characters],
        scale=1.0,
        height=ROW * probabilities.shape[1],
    )
    st.caption(
        f"A column is a frame, {wide} pixels of the line above it. The first row is the blank, then come "
        f"{escape(', '.join(reader.characters))}. The network says a character where it is sure, often in a "
        f"single frame, and blanks between. Repeated characters are one, blanks are left out: {escape(said)}."
    )


def _line(page: str, view: RunView) -> np.ndarray:
    return np.asarray(current(page, view).value, np.float32)
