"""Text as an answer: what follows the input, and the same from other hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.inputs.text import beginning
from apps.studio.outputs.grades import Grades, by_metric
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.errors import UserError
from sandbox.tasks.writer import Writer

PROMPT = 160
"""Characters of the input that stand before the answer."""
COMPARED = 300
"""Characters that each writes from the same beginning."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the end of an input, and what follows it."""
    show_written(str(given.value), str(answer), key=f"{page}-written")


def show_written(prompt: str, written: str, *, key: str, height: int = 0) -> None:
    """Draw a prompt, faint, and what was written behind it."""
    end = prompt if len(prompt) <= PROMPT else "… " + prompt[-PROMPT:]
    pieces = [Piece(end, faint=True), Piece(written, strength=0.16)]
    show_text(pieces, key=key, color=palette.MODEL, height=height)


def grades(view: RunView) -> Grades:
    """Every unseen passage by the task's main figure."""
    return by_metric(view, "Hardest to foresee")


def compare(page: str, view: RunView) -> None:
    """Draw what the network and each baseline that can write make of the same beginning."""
    prompt = beginning(view, np.asarray(current(page, view).value).item())
    st.markdown("**The same beginning, continued** by the network and by the simple methods")
    writers = {"network": view.predictor, **view.baselines}
    found: dict[str, str] = {}
    for name, writer in writers.items():
        try:
            if isinstance(writer, Writer):
                found[name] = writer.write(prompt, replace(writer.drawing, length=COMPARED))
            else:
                found[name] = writer.predict([prompt])[0]
        except UserError:  # a compressor writes nothing
            continue
    for column, (name, text) in zip(st.columns(len(found), gap="medium"), found.items(), strict=True):
        with column:
            st.markdown(escape(name[:1].upper() + name[1:]))
            show_written(prompt, text, key=f"{page}-compared-{len(name)}")
