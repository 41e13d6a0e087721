"""Try: give it a beginning, and it goes on; give it a melody, and it finds the other voices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from apps.studio.charts.piano_roll import Part
from apps.studio.inputs import notes
from apps.studio.outputs.music import BEGINNING, show_breaks, show_music
from apps.studio.page.chosen_input import current
from apps.studio.page.columns import panes
from apps.studio.page.run_view import RunView
from envs.engine import palette
from sandbox.data.piano_roll import LONGEST, melody_of, roll_of_slots
from sandbox.metrics.counterpoint import breaks
from sandbox.tasks.composer import Composer

TITLE = "Composing"
GO_ON, HARMONISE = "go on", "harmonise"
DRAFTS = {"as it comes": 1, "the best of 16": 16}
"""How many are written for the one that is shown."""
HOTTEST, LONGEST_WRITTEN = 1.5, 64


def fits(view: RunView) -> bool:
    """Whether it composes."""
    return isinstance(view.predictor, Composer)


def show(page: str, view: RunView) -> None:
    """Draw the piece and how to go on at the left, what was composed at the right."""
    composer: Composer = view.predictor
    left, right = panes([2, 3], key=f"{page}-composing")
    with left:
        given = notes.choose(page, view)
        way = st.segmented_control(
            "What to do",
            [GO_ON, HARMONISE],
            default=GO_ON,
            required=True,
            key=f"{page}:way",
            help="Go on writes what follows the first steps. Harmonise keeps the highest note of each step "
            "and writes the voices below it.",
        )
        temperature = st.slider(
            "Temperature", 0.05, HOTTEST, min(HOTTEST, composer.composing.temperature), 0.05,
            key=f"{page}:temperature",
            help="Low: safe, and soon the same again. 1 draws as the network predicts. High: daring.",
        )  # fmt: skip
        steps = len(given.value) if given is not None else BEGINNING
        begin = length = 0
        if way == GO_ON:
            one, two = st.columns(2)
            most = max(2, min(steps, LONGEST - LONGEST_WRITTEN))
            begin = one.slider(
                "Steps given", 1, most, min(BEGINNING, most), key=f"{page}:given-steps:{most}",
                help="From the beginning of the piece.",
            )  # fmt: skip
            length = two.slider("Steps written", 4, LONGEST_WRITTEN, 32, 4, key=f"{page}:written-steps")
        which = st.segmented_control(
            "Which",
            list(DRAFTS),
            default="as it comes",
            required=True,
            key=f"{page}:drafts",
            help="The network knows no rules. Of several drafts, the best is the one that breaks fewest.",
        )
        key = f"{page}:again"
        st.button(
            "Compose something else",
            icon=":material/casino:",
            key=f"{page}:compose-again",
            on_click=lambda: st.session_state.update({key: int(st.session_state.get(key, 0)) + 1}),
            help="Other draws from the same probabilities.",
        )
    if given is None:
        return
    piece = np.asarray(given.value, bool)
    line = melody_of(piece) if way == HARMONISE else np.zeros(int(length), np.int64)
    how, many = replace(composer.composing, temperature=float(temperature)), DRAFTS[str(which)]
    first = how.draw_seed + many * int(st.session_state.get(key, 0))
    drafts = composer.drawn([piece[:begin]] * many, range(first, first + many), how, np.tile(line, (many, 1)))
    written = min(drafts, key=lambda one: sum(breaks(np.concatenate([piece[:begin], one])).values()))
    with right:
        if way == GO_ON:
            st.caption("Grey: given. Blue: written by the network.")
            show_music(page, view, Part("given", piece[:begin], palette.BASELINE), written)
        else:
            tune = roll_of_slots(line[:, None])
            st.caption("Grey: the melody that is given. Blue: the voices that the network found.")
            show_music(page, view, Part("the melody", tune, palette.BASELINE), written, key="below")
        show_breaks(view, {"this piece": [written]})


def picture(page: str, view: RunView) -> None:
    """Draw what follows the beginning of the current piece."""
    piece = np.asarray(current(page, view).value, bool)[:BEGINNING]
    written = view.predictor.go_on([piece])[0]
    st.caption("Grey: given. Blue: written by the network.")
    show_music(page, view, Part("given", piece, palette.BASELINE), written, key="learn")
