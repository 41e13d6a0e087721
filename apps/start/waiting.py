"""What a page shows before its network can be asked: why one waits, and where one can already draw, a pad."""

import streamlit as st

from apps.components import wording
from apps.components.panes import panes
from apps.components.sketch import sketch_pad
from sandbox.runs import Run

LABEL = "Draw a digit, 0 to 9"


def show(run: Run | None, *, pad: bool = False) -> None:
    """Draw it into a tab.

    Args:
        run: whose network it will be; None if there is none.
        pad: whether one can draw already; what one draws stays.
    """
    right = st.container()
    if pad:
        left, right = panes([10, 24], key="start-try")
        with left:
            sketch_pad(key="start:pad", label=LABEL, token=-1)
    with right:
        if run is None or not (run.checkpoints() or wording.state_of(run) in wording.ALIVE):
            kept = " What you draw stays." if pad else ""
            st.caption(f"There is no network to look at yet. *Train* makes one in seconds.{kept}")
            return
        then = "What you draw is read in a moment." if pad else "The network appears here in a moment."
        st.caption(f"{wording.awaited(run, wording.state_of(run))} {then}")
        st.skeleton(height=240)
