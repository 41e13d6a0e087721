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
        # Rounded, or what was 0 in the file is 1e-8 after its way through the network's units.
        across, up = np.round(np.asarray(value, np.float64) * point.scale + point.shift, 6) + 0.0
        words.append(f"({across:.4g}, {up:.4g}){': ' if caption else ''}{caption}")
    st.caption(escape(" · ".join(words)))
