"""Text: typed, pasted, from a file, or one of the unseen ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.page.typed_input import beside_typing, show_beginnings
from sandbox.data.formats import texts
from sandbox.errors import UserError

PREVIEW, SHOWN = 90, 700
"""Characters of an example in a list, and of one that is shown whole."""
BEGINNING = 60
"""Characters of an unseen passage that a prompt begins with."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the box to type in; None where it is empty."""
    input, example = view.predictor.input, sample(view, picked(page, view))
    key = f"{page}:typed:{token(page)}"
    begins = beginning(view, example.value) if input.goes_on else str(example.value)
    text = st.text_area(
        input.prompt,
        key=key,
        value=begins,
        height=150,
        max_chars=20_000,
        placeholder=input.example,
        help="Type or paste any text. It stays on this machine.",
    )
    loaded = beside_typing(
        page,
        view,
        label="A text file",
        endings=("txt", "md", "rst", "text"),
        help="In any encoding, at most 1 MB.",
        read=texts.decoded,
    )
    given = _given(loaded or text, begins, example, view)
    remember(page, view, given)
    return given


def beginning(view: RunView, passage: str) -> str:
    """The beginning of an unseen passage as a prompt: whole words."""
    text = str(passage)
    cut = text.find(" ", BEGINNING // 2)
    return text[: cut if 0 < cut <= BEGINNING else BEGINNING]


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one text."""
    if caption:
        st.caption(caption)
    text = str(value)
    more = " …" if len(text) > SHOWN else ""
    show_text([Piece(text[:SHOWN] + more)], key=f"{page}-{key}-text")


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Write the beginnings of a few texts with their captions."""
    show_beginnings(values, captions, PREVIEW)


def _given(text: str, begins: str, example: ChosenInput, view: RunView) -> ChosenInput | None:
    try:
        value = view.predictor.input.encode(text)
    except UserError:
        return None
    same = text == begins and not view.predictor.input.goes_on
    return ChosenInput(value, example.target if same else None, example.index if same else None)
