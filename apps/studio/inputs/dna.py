"""DNA: typed, from a FASTA file, or one of the unseen sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import ChosenInput, pick, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.data.formats import fasta
from sandbox.errors import UserError

PREVIEW, MOST_BYTES = 60, 1_000_000
"""Letters of an example in a list; bytes of a file that is read in the place of typing."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the box to type in; None where there is no DNA in it."""
    example = sample(view, picked(page, view))
    begins = str(example.value)
    text = st.text_area(
        view.predictor.input.prompt,
        value=begins,
        key=f"{page}:typed:{token(page)}",
        height=130,
        max_chars=fasta.LONGEST,
        placeholder=view.predictor.input.example,
        help="Type or paste a sequence, or change letters of this one. It stays on this machine.",
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Another unseen one",
            icon=":material/shuffle:",
            type="tertiary",
            key=f"{page}:another",
            on_click=lambda: pick(page, (picked(page, view) + 1) % len(view.test)),
        )
        with st.popover("From a file", icon=":material/upload_file:", type="tertiary"):
            text = _of_file(page) or text
    given = None
    try:
        value = view.predictor.input.encode(text)
        same = value == begins
        given = ChosenInput(value, example.target if same else None, example.index if same else None)
    except UserError as error:
        st.warning(sentence(error), icon=":material/error:")
    remember(page, view, given)
    return given


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one sequence."""
    if caption:
        st.caption(caption)
    show_text([Piece(str(value))], key=f"{page}-{key}-dna")


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Write the beginnings of a few sequences with their captions."""
    for value, caption in zip(values, captions, strict=True):
        text = str(value)
        begins = text if len(text) <= PREVIEW else text[:PREVIEW] + " …"
        said = f"**{escape(caption)}**  \n" if caption else ""
        st.markdown(f"{said}:small[{escape(begins)}]")


def _of_file(page: str) -> str:
    file = st.file_uploader(
        "A FASTA file",
        type=[ending.removeprefix(".") for ending in fasta.ENDINGS],
        key=f"{page}:upload",
        help="Its first sequence is taken.",
    )
    if file is None:
        return ""
    try:
        if file.size > MOST_BYTES:
            raise UserError(f"{file.name[:60]} is larger than 1 MB; use a part of it.")
        return next(iter(fasta.parse(file.getvalue().decode("ascii", "replace"), file.name[:60]).values()))
    except UserError as error:
        st.error(sentence(error), icon=":material/error:")
        return ""
