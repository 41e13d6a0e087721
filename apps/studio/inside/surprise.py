"""Surprise: how many bits each character of a text costs, as a colour."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from sandbox.percent import percent
from sandbox.tasks.writer import Writer

TITLE = "Surprise"
ORDER = 20
READ = 1_500
"""Characters of a text that are coloured."""
FULL = 8.0
"""Bits of full colour: a choice among 256 equally probable ones."""


def fits(view: RunView) -> bool:
    """Whether it says what each character costs."""
    return isinstance(view.predictor, Writer)


def show(page: str, view: RunView) -> None:
    """Draw a box to paste a text into, and the text in the colours of its surprise."""
    given = current(page, view)
    known = str(np.asarray(given.value).item())[:READ]
    left, right = st.columns([2, 3], gap="medium")
    with left:
        text = st.text_area(
            "A text to read",
            value=known,
            height=300,
            max_chars=READ,
            key=f"{page}:surprise:{view.data_key[0]}",
            help="Paste anything: another author, another language, a misspelt word.",
        )
    with right:
        draw(page, view, text or known)


def picture(page: str, view: RunView) -> None:
    """Draw an unseen passage in the colours of its surprise."""
    draw(page, view, str(np.asarray(current(page, view).value).item())[: READ // 3])


def draw(page: str, view: RunView, text: str) -> None:
    """Draw a text, and say what it costs by whom."""
    writer: Writer = view.predictor
    pieces = writer.pieces(text)
    show_text(
        [
            Piece(piece, min(1.0, bits / FULL), f"{bits:z.1f} bits, probability {percent(2**-bits, 1)}")
            for piece, bits in pieces
        ],
        key=f"{page}-surprise-text",
    )
    count = max(1, len(text))
    costs = {"the network": sum(bits for _, bits in pieces) / count}
    others = view.later(f"surprise {text}", lambda: _costs(view, text))
    costs |= others or {}
    said = " · ".join(f"{escape(name)} **{bits:z.2f} bits**" for name, bits in costs.items())
    st.markdown(
        f"Per character: {said}{'' if others else ' · asking the simple methods …'}. Plain bytes: 8 bits."
    )
    st.caption("The stronger the red, the less it was expected. Point at a character to read its bits.")


def _costs(view: RunView, text: str) -> dict[str, float]:
    """Bits per character of each baseline."""
    return {
        name: float(one.total_bits([text])[0]) / max(1, len(text))
        for name, one in view.baselines.items()
        if isinstance(one, Writer)
    }
