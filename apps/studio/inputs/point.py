"""Points of a plane: their two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.plain_text import escape


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Draw a few examples with their classes, in the user's units."""
    point = predictor.input
    for value, caption in zip(values, captions, strict=True):
        numbers = np.asarray(value, np.float64) * point.scale + point.shift
        words = ", ".join(f"{axis} {number:.4g}" for axis, number in zip(point.axes, numbers, strict=True))
        st.caption(escape(f"{words}{': ' if caption else ''}{caption}"))


def thumbnails(
    page: str, view: Any, rows: Sequence[int], captions: Sequence[str], tones: Sequence[Any], *, key: str
) -> None:
    """Draw unseen points with captions; none can be picked."""
    preview(page, view.predictor, [view.test.inputs[row] for row in rows], captions)
