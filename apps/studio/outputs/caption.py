"""A caption: what is said of a picture, which of its facts are right, and what others say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from apps.studio.charts.tinted_text import Piece, show_text
from apps.studio.outputs.grades import Grades
from apps.studio.page.chosen_input import ChosenInput, current
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape
from envs.engine import palette
from sandbox.metrics.facts import FACTS, share_of

SHOWN = 60
"""Characters of a caption below a small picture."""


def show(page: str, view: RunView, given: ChosenInput, answer: Any) -> None:
    """Draw the caption, and a known one where there is one."""
    st.markdown("##### It says")
    show_text([Piece(str(answer) or "nothing", strength=0.16)], key=f"{page}-caption", color=palette.MODEL)
    if given.target is not None:
        known = [str(one) for one in given.target]
        st.caption(
            f"{FACTS.text(share_of(str(answer), known))} of the facts are right. "
            f"Known: {escape(' / '.join(known))}"
        )
    else:
        st.caption("Nobody has said what this picture shows.")


def grades(view: RunView) -> Grades:
    """Grade all of `view.test` by the share of facts that are right."""
    answers = [str(one) for one in view.answers]
    shares = np.array([share_of(one, known) for one, known in zip(answers, view.test.targets, strict=True)])
    order = np.argsort(shares, kind="stable")
    wrong = order[: int((shares < 1).sum())]
    captions = [one if len(one) <= SHOWN else f"{one[:SHOWN]} …" for one in answers]
    summary = f"{len(wrong)} of {len(answers):,}" if len(wrong) else f"none of {len(answers):,}"
    return Grades(captions, wrong, summary, shares == 1)


def compare(page: str, view: RunView) -> None:
    """Draw what the network and each baseline say of the picture that was tried."""
    value = np.asarray(current(page, view).value)
    st.markdown("**The same picture, described** by the network and by the simple methods")
    for number, (name, one) in enumerate({"network": view.predictor, **view.baselines}.items()):
        st.caption(escape(name[:1].upper() + name[1:]))
        show_text([Piece(one.predict(value[None])[0] or "nothing")], key=f"{page}-described-{number}")
