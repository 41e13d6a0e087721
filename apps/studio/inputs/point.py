"""Points of a plane: their two numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from apps.studio.plain_text import escape


def preview(page: str, predictor: Any, values: Sequence[Any], captions: Sequence[str]) -> None:
    """Write a few examples with their classes, in the user's units."""
    point, words = predictor.input, []
    for value, caption in zip(values, captions, strict=True):
        across, up = np.asarray(value, np.float64) * point.scale + point.shift
        words.append(f"({across:.3g}, {up:.3g}){': ' if caption else ''}{caption}")
    st.caption(escape(" · ".join(words)))
