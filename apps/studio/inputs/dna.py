"""DNA: typed, from a FASTA file, or one of the unseen sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import ChosenInput, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.page.typed_input import beside_typing, show_beginnings
from apps.studio.plain_text import sentence
from sandbox.data.formats import fasta
from sandbox.errors import UserError

PREVIEW = 60
"""Letters of an example in a list."""


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
    loaded = beside_typing(
        page,
        view,
        label="A FASTA file",
        endings=[ending.removeprefix(".") for ending in fasta.ENDINGS],
        help="Its first sequence is taken.",
        read=_first_sequence,
    )
    given = None
    try:
        value = view.predictor.input.encode(loaded or text)
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
    show_beginnings(values, captions, PREVIEW)


def _first_sequence(content: bytes, name: str) -> str:
    return next(iter(fasta.parse(content.decode("ascii", "replace"), name).values()))
