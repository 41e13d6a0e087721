"""Colours of several networks on one page: all are what was learned, so one hue, told apart by lightness."""

from collections.abc import Iterable

import numpy as np
import streamlit as st

from envs.engine import palette


def hue(name: str, names: Iterable[str]) -> str:
    """The colour of one of several networks in the theme that is shown; that of the model if it is alone."""
    every = list(names)
    if name not in every or len(every) < 2:
        return palette.MODEL
    place = every.index(name)
    if st.context.theme.type == "dark":
        return palette.blend(palette.MODEL, "white", float(np.linspace(0.1, 0.8, len(every))[place]))
    share = float(np.linspace(-0.3, 0.62, len(every))[place])
    return palette.blend(palette.MODEL, "black" if share > 0 else "white", abs(share))
