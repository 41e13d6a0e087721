"""What one can do before there is a network: draw."""

import streamlit as st

from apps.components.sketch import sketch_pad

LABEL = "Draw a digit, 0 to 9"


def show(alive: bool) -> None:
    """Before there is a network: the pad is there, and what one draws stays.

    Args:
        alive: whether a network is about to begin.
    """
    left, right = st.columns([10, 22], gap="large")
    with left:
        sketch_pad(key="start:pad", label=LABEL, token=-1)
    with right:
        if alive:
            st.caption("The network is about to begin; what you draw is read as soon as it has looked once.")
            st.skeleton(height=240)
        else:
            st.caption("There is no network to ask yet. *Train* makes one in seconds; what you draw stays.")
