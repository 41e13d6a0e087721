"""Which words find a passage: each is left out in turn, and the passage looked at again."""

from __future__ import annotations

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.inside.word_importance import left_out
from apps.studio.page.chosen_input import current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.tasks.families.service_network import SHOWN, ServiceAgent

TITLE = "Which words find a passage"
FULL = 0.1
"""Loss of nearness at which a colour is full."""
LONGEST = 90
"""Characters of a passage's beginning in the menu."""


def fits(view: RunView) -> bool:
    """Whether it searches documents."""
    return isinstance(view.predictor, ServiceAgent) and view.predictor.model.search is not None


def show(page: str, view: RunView) -> None:
    """Draw the words of the last message in the colours of what they do for a passage, and the passage."""
    agent: ServiceAgent = view.predictor
    text = str(np.asarray(current(page, view).value).item())
    parts, words, without = left_out(text)
    near = agent.rank([text, *without])
    nearest = np.argsort(-near[0], kind="stable")[:SHOWN].tolist()
    passages = agent.sayings.passages
    names = {
        place: f"{near[0, place]:z.2f}  {passages[place].title}: {' '.join(passages[place].text.split())}"
        for place in nearest
    }
    chosen = st.selectbox(
        "Passage",
        nearest,
        format_func=lambda place: names[place][:LONGEST],
        key=f"{page}:passage",
        help="The nearest ones; 1 would be the nearest possible.",
    )
    gains = dict(zip(words, near[0, chosen] - near[1:, chosen], strict=True))
    show_text(
        [
            Piece(part, float(gains[i]) / FULL, f"without it: {near[0, chosen] - gains[i]:z.2f}")
            if i in gains
            else Piece(part)
            for i, part in enumerate(parts)
        ],
        key=f"{page}-passage-words",
        color=palette.MODEL,
        negative=palette.DANGER,
    )
    st.caption("Blue words bring the message nearer to this passage, red ones farther away.")
    st.markdown(f"**{escape(passages[chosen].title)}**")
    st.code(passages[chosen].text, language=None, wrap_lines=True)
