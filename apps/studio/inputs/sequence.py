"""Sequences: an unseen one, changed by clicks, or typed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.sequence_strip import Row, edited, strip
from apps.studio.page.chosen_input import ChosenInput, pick, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from sandbox.errors import UserError
from sandbox.tasks.inputs.sequence import SequenceInput

WIDE = True
"""A sequence takes the whole width; the answer stands below it, step under step."""
KINDS: Mapping[str, Any] = {"number": "bar"}
SAME = 2e-3
"""The browser rounds numbers; closer than this they are the same."""


def choose(page: str, view: RunView) -> ChosenInput:
    """Draw the sequence that is tried, with the ways to change it."""
    input = view.predictor.input
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{escape(input.prompt)}** Click to change it.", width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            with st.popover("Type it", icon=":material/keyboard:", type="tertiary"):
                st.text_input(
                    "Sequence",
                    key=_key(page, view, "typed"),
                    on_change=_typed,
                    args=(page, view),
                    placeholder=input.example,
                    help=f"{input.length} steps; {input.example}.",
                )
            st.button(
                "Another",
                icon=":material/shuffle:",
                type="tertiary",
                key=f"{page}:another",
                on_click=_next,
                args=(page, view),
                help="Another unseen sequence.",
            )
    if mistake := st.session_state.pop(f"{page}:mistyped", None):
        st.error(sentence(mistake), icon=":material/error:")
    example = sample(view, picked(page, view))
    typed = st.session_state.get(_key(page, view, "cells"))
    rows = rows_of(input, typed or input.cells(example.value), editable=True)
    key = _key(page, view, "strip")
    values = edited(rows, key=key, token=token(page))
    strip(_lit(rows, values), key=key, token=token(page))
    given = ChosenInput(input.encode(values), _target(view, input.encode(values), example))
    remember(page, view, given)
    return given


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one sequence that cannot be changed."""
    if caption:
        st.caption(caption)
    input = view.predictor.input
    cells = input.cells(value)
    strip(_lit(rows_of(input, cells), cells), key=f"{page}:{key}")


def rows_of(
    input: SequenceInput, cells: Mapping[str, Sequence[float]], *, editable: bool = False
) -> list[Row]:
    """Cells as rows of a strip."""
    return [
        Row(
            name=channel.name,
            kind=KINDS.get(channel.what, channel.what),
            values=cells[channel.name],
            editable=len(cells[channel.name]) - len(channel.tail) if editable else 0,
            choices=tuple(channel.symbols + channel.others),
            range=channel.range,
        )
        for channel in input.channels
    ]


def _lit(rows: Sequence[Row], values: Mapping[str, Sequence[float]]) -> list[Row]:
    """The rows, with the numbers lit that a row of marks below them marks."""
    marks = [row for row in rows if row.kind == "mark"]
    if not marks:
        return list(rows)
    lit = [bool(mark) for mark in values[marks[0].name]]
    return [replace(row, lit=lit) if row.kind == "bar" else row for row in rows]


def _target(view: RunView, value: Any, example: ChosenInput) -> Any:
    """The right answer: by a rule, or that of the unseen sequence as long as nobody has changed it."""
    import torch

    truth = view.task.truth(view.settings, torch.from_numpy(value)[None])
    if truth is not None:
        return truth[0]
    return example.target if np.allclose(value, example.value, atol=SAME) else None


def _key(page: str, view: RunView, what: str) -> str:
    """Of widgets for sequences of this task and length."""
    return f"{page}:{what}:{view.run.config['target']}:{view.predictor.input.length}"


def _next(page: str, view: RunView) -> None:
    pick(page, (picked(page, view) + 1) % len(view.test))
    st.session_state.pop(_key(page, view, "cells"), None)


def _typed(page: str, view: RunView) -> None:
    input = view.predictor.input
    try:
        value = input.encode(str(st.session_state[_key(page, view, "typed")]))
    except UserError as error:
        st.session_state[f"{page}:mistyped"] = str(error)
        return
    pick(page, picked(page, view))  # what was changed by clicks before is gone
    st.session_state[_key(page, view, "cells")] = input.cells(value)
