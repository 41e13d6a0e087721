"""Which words decide: each is left out in turn, and the answer asked for again."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.tasks.outputs.probabilities import Probabilities

TITLE = "Which words decide"
ORDER = 10
MOST = 300
"""Words that are left out in turn."""
FULL = 2.0
"""Nats of full colour."""


def fits(view: RunView) -> bool:
    """Whether it sorts texts into classes."""
    return view.predictor.input.kind == "text" and isinstance(view.predictor.output, Probabilities)


def show(page: str, view: RunView) -> None:
    """Draw the words of the text that was tried, in the colours of what they do for a class."""
    text = str(np.asarray(current(page, view).value).item())
    classes = list(view.predictor.output.classes)
    answer = np.asarray(view.predictor.predict([text]))[0]
    order = np.argsort(-answer)
    chosen = st.selectbox(
        "What speaks for",
        [classes[i] for i in order],
        key=f"{page}:speaks-for",
        help="The most probable class first.",
    )
    draw(page, view, text, classes.index(str(chosen)))


def picture(page: str, view: RunView) -> None:
    """Draw it for the most probable class of the text."""
    text = str(np.asarray(current(page, view).value).item())
    draw(page, view, text, int(np.asarray(view.predictor.predict([text]))[0].argmax()))


def left_out(text: str) -> tuple[list[str], list[int], list[str]]:
    """Words and what stands between them, the places of the words, and the text without each of these."""
    parts = re.findall(r"\w+|\W+", text)
    words = [i for i, part in enumerate(parts) if re.match(r"\w", part)][:MOST]
    return parts, words, ["".join(parts[:i] + parts[i + 1 :]) for i in words]


def draw(page: str, view: RunView, text: str, label: int) -> None:
    """Draw the words, blue where they speak for a class and red where they speak against it."""
    parts, words, without = left_out(text)
    found = np.log(
        np.clip(np.asarray(view.predictor.predict([text, *without]), np.float64)[:, label], 1e-9, 1)
    )
    gains = dict(zip(words, found[0] - found[1:], strict=True))
    show_text(
        [
            Piece(part, gains[i] / FULL, f"without it: {np.exp(-gains[i]):z.2f} times as probable")
            if i in gains
            else Piece(part)
            for i, part in enumerate(parts)
        ],
        key=f"{page}-words",
        color=palette.MODEL,
        negative=palette.DANGER,
    )
    name = escape(view.predictor.output.classes[label])
    st.caption(f"Blue words speak for **{name}**, red ones against it. Point at a word to read how much.")
