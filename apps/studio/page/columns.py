"""Columns that keep a least width: side by side where there is room for it, else one below the other."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Least = Literal[240, 275]
"""Pixels: a slider with its name; or a pad, a row of bars, a choice of four."""


TRIED = (10, 10, 14)
"""Shares of what is tried, the answer to it, and unseen examples."""


def _rule(least: int) -> str:
    column = '> [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]'
    panes = f'[class*="st-key-panes-{least}"]'
    size = f"{{ min-width: min(100%, {least}px); }}"
    return f'{panes} {column}, {panes} > [data-testid="stLayoutWrapper"] {column} {size}'


STYLE = f"<style>{_rule(240)} {_rule(275)} .katex-display {{ overflow: auto hidden; }}</style>"
"""What the studio's entry puts on every page; a page's fragment cannot."""


def panes(shares: Sequence[int], *, key: str, least: Least = 275) -> list[DeltaGenerator]:
    """Columns for the main parts of a tab.

    Args:
        shares: of the width, where all fit.
        key: name of the whole.
        least: width of each in pixels; what does not fit beside the others stands below them.

    Returns:
        The columns, from the left.
    """
    with st.container(key=f"panes-{least}-{key}"):
        return list(st.columns(shares, gap="medium"))
