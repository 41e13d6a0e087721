"""A pad to draw on with a pointer, a finger or the keyboard."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from apps.studio.browser import component

_HTML = """
<div class="pad">
  <canvas tabindex="0" role="application"></canvas>
  <div class="hint"></div>
  <div class="row">
    <button class="undo" type="button">Undo</button><button class="clear" type="button">Clear</button>
  </div>
</div>
"""
_COMPONENT = component.make("sketch_pad", html=_HTML)


@dataclass(frozen=True)
class Sketch:
    """What is on the pad."""

    pixels: np.ndarray | None
    """In [0, 1], 1 is ink: the whole pad, or the picture that was put there. None while it is empty."""
    drawn: bool
    """Whether a person drew it, rather than a picture having been put there."""


CELLS = 64
"""Rows of the picture of the whole pad that Python gets."""


def sketch_pad(
    *, key: str, label: str, picture: np.ndarray | None = None, token: int = 0, wide: float = 1.0
) -> Sketch:
    """Show the pad and return what is on it.

    Args:
        key: name of the pad in the session; the strokes survive a page switch under it.
        label: what a screen reader says, and the hint on the empty pad.
        picture: (rows, columns) in [0, 1], shown when `token` changes until somebody draws.
        token: change it to replace what is on the pad.
        wide: its width, in heights; the picture's likewise. More than 1 fills the width of the page.
    """
    kept_key = f"{key}:kept"
    kept = st.session_state.get(kept_key) or {}
    if kept.get("token") != token:
        kept = {"token": token, "strokes": [], "pixels": None}
    now = st.session_state.get(key)
    value = now.get("sketch") if now else None
    if value and value.get("token") == token:
        kept = dict(value)
    st.session_state[kept_key] = kept
    _COMPONENT(
        key=key,
        data={
            "cells": CELLS,
            "wide": wide,
            "columns": 0 if picture is None else picture.shape[1],
            "label": label,
            "token": token,
            "strokes": kept["strokes"],
            "picture": None
            if picture is None
            else np.asarray(picture, dtype=float).ravel().round(3).tolist(),
        },
        on_sketch_change=lambda: None,
    )
    strokes, pixels = kept["strokes"], kept["pixels"]
    columns = round(CELLS * wide)
    if strokes and pixels and len(pixels) == CELLS * columns:
        return Sketch(np.asarray(pixels, dtype=np.float32).reshape(CELLS, columns).clip(0.0, 1.0), drawn=True)
    cleared = value is not None and value.get("token") == token and not strokes
    if picture is not None and not cleared:
        return Sketch(np.asarray(picture, dtype=np.float32), drawn=False)
    return Sketch(None, drawn=False)
