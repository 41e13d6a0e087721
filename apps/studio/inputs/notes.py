"""Music as notes: an unseen piece, typed notes, or a MIDI file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.charts.piano_roll import Part, show_roll
from apps.studio.page.chosen_input import ChosenInput, pick, picked, remember, sample, token
from apps.studio.page.run_view import RunView
from apps.studio.plain_text import escape, sentence
from envs.engine import palette
from sandbox.data.formats import midi, sounds
from sandbox.data.piano_roll import MOST_TYPED, parse, text_of
from sandbox.data.plucked_tone import RATE, sound
from sandbox.errors import UserError

UNSEEN, TYPED, UPLOAD = "unseen", "typed", "a MIDI file"
TILE = 90
TYPED_FIRST = "C5 D5 E5 C5 C5 D5 E5 C5 E5 F5 G5*2 E5 F5 G5*2"
"""Frère Jacques."""
TEMPO = 90.0
"""Beats a minute."""


def choose(page: str, view: RunView) -> ChosenInput | None:
    """Draw the ways to give a piece; None where there is none yet."""
    way = st.segmented_control(
        "Music",
        [UNSEEN, TYPED, UPLOAD],
        default=UNSEEN,
        required=True,
        key=f"{page}:notes",
        label_visibility="collapsed",
    )
    given: ChosenInput | None = None
    try:
        if way == UNSEEN:
            given = sample(view, picked(page, view))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"Number {(given.index or 0) + 1} of the unseen {view.things}", width="content")
                st.button(
                    "Another",
                    icon=":material/shuffle:",
                    type="tertiary",
                    key=f"{page}:another-piece",
                    on_click=lambda: pick(page, (picked(page, view) + 1) % len(view.test)),
                )
        elif way == TYPED:
            text = st.text_area(
                "Notes",
                TYPED_FIRST,
                key=f"{page}:typed-notes:{token(page)}",
                max_chars=MOST_TYPED,
                help="A letter and an octave for each time step: C5 D5. A chord is C4+E4+G4, a long note "
                "C5*4, a rest a dot.",
            )
            given = ChosenInput(parse(text))
        else:
            file = st.file_uploader(
                "A MIDI file",
                type=[ending.removeprefix(".") for ending in midi.ENDINGS],
                key=f"{page}:midi",
                max_upload_size=2,
                help="Drums are left out. It stays on this machine.",
            )
            if file is not None:
                per_beat = view.predictor.input.per_beat
                given = ChosenInput(
                    view.predictor.input.encode(midi.read(file.getvalue(), per_beat, name=file.name[:60]))
                )
    except UserError as error:
        st.warning(sentence(error), icon=":material/error:")
    remember(page, view, given)
    return given


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 0) -> None:
    """Draw one piece."""
    if caption:
        st.caption(escape(caption))
    roll = np.asarray(value, bool)
    tied = view.predictor.input.per_beat > 1
    part = Part("given", roll, palette.BASELINE)
    show_roll([part], key=f"{page}:{key}", alt=text_of(roll[:8]), tied=tied, height=200)


def shown(view: RunView, value: Any) -> NDArray[np.float32]:
    """The first steps of a piece as a small picture, the highest key at the top."""
    roll = np.asarray(value, bool)[:32, 20:70].astype(np.float32)
    return np.pad(roll, ((0, 32 - len(roll)), (0, 0))).T[::-1]


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Write the first chords of a few pieces."""
    for value, caption in zip(values, captions, strict=True):
        said = f"**{escape(caption)}** " if caption else ""
        st.markdown(f"{said}:small[{escape(text_of(np.asarray(value, bool)[:8]))} …]")


def listen(roll: NDArray[np.bool_], per_beat: int = 1) -> None:
    """Draw a player."""
    st.audio(sounds.wav(sound(roll, per_beat, TEMPO), RATE), format="audio/wav")
