"""Noise for a generator: drawn anew at a click."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.chosen_input import ChosenInput, remember
from apps.studio.page.run_view import RunView

SIGNED = True
"""In a gallery: red is negative, blue positive."""


def choose(page: str, view: RunView) -> ChosenInput:
    """Draw the noise, and a button for other noise."""
    key = f"{page}:noise-seed"
    st.button(
        "Draw other noise",
        icon=":material/casino:",
        key=f"{page}:noise",
        on_click=lambda: st.session_state.update({key: int(st.session_state.get(key, 0)) + 1}),
    )
    given = ChosenInput(view.predictor.input.draw(1, int(st.session_state.get(key, 0)))[0])
    show(page, view, given.value, key="noise-drawn", size=200)
    remember(page, view, given)
    return given


def shown(view: RunView, value: Any) -> NDArray[Any]:
    """The numbers of one input as a strip for a gallery: blue above 0, red below."""
    return np.clip(np.asarray(value)[None] / 3, -1, 1)


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw the numbers of one input."""
    gallery([Picture(shown(view, value), caption, alt="Noise")], key=f"{page}:{key}", size=size, signed=True)
