"""Noise for a generator: drawn anew at a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.browser.gallery import Picture, gallery
from apps.studio.page.given import Given, remember
from apps.studio.page.run_view import RunView


def choose(page: str, view: RunView) -> Given:
    """Draw the noise, and a button for other noise."""
    key = f"{page}:noise-seed"
    st.button(
        "Draw other noise",
        icon=":material/casino:",
        key=f"{page}:noise",
        on_click=lambda: st.session_state.update({key: int(st.session_state.get(key, 0)) + 1}),
    )
    given = Given(view.predictor.input.draw(1, int(st.session_state.get(key, 0)))[0])
    show(page, view, given.value, key="noise-drawn", size=200)
    remember(page, view, given)
    return given


def show(page: str, view: RunView, value: Any, *, key: str, caption: str = "", size: int = 96) -> None:
    """Draw the numbers of one input: blue above 0, red below."""
    strip = np.clip(np.asarray(value)[None] / 3, -1, 1)
    gallery([Picture(strip, caption, alt="Noise")], key=f"{page}:{key}", size=size, signed=True)


def thumbnails(
    page: str, view: RunView, rows: Sequence[int], captions: Sequence[str], tones: Sequence[Any], *, key: str
) -> int | None:
    """Draw noise of the test with captions; returns the one that was just clicked, by its place in `rows`."""
    pictures = [
        Picture(np.clip(np.asarray(view.test.inputs[row])[None] / 3, -1, 1), caption, alt="Noise", tone=tone)
        for row, caption, tone in zip(rows, captions, tones, strict=True)
    ]
    return gallery(pictures, key=f"{page}:{key}", size=50, pickable=True, signed=True)
