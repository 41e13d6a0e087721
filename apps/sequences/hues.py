"""The three networks' colours: all are what is learned, so one hue, told apart by lightness."""

import streamlit as st

from envs.engine import palette

_LIGHT = {"rnn": ("white", 0.3), "lstm": ("white", 0.0), "attention": ("black", 0.62)}
_DARK = {"rnn": ("white", 0.1), "lstm": ("white", 0.45), "attention": ("white", 0.8)}


def hue(block: str) -> str:
    """The colour of a block in the theme that is shown."""
    other, share = (_DARK if st.context.theme.type == "dark" else _LIGHT)[block]
    return palette.blend(palette.MODEL, other, share)
