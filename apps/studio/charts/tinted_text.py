"""Text with a colour behind each piece: how surprising it is, what a unit says of it, or who wrote it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from envs.engine import palette

MOST = 6_000
"""Pieces that are drawn."""
STYLE = (
    "font-family:var(--st-code-font, ui-monospace, monospace);font-size:0.95rem;line-height:1.55;"
    "white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid rgba(128,128,128,.25);border-radius:8px;"
    "padding:12px 14px;"
)


@dataclass(frozen=True)
class Piece:
    """A piece of text.

    Attributes:
        text: as it is, whoever wrote it.
        strength: of the colour behind it, 0 to 1; negative for the other colour.
        note: what the pointer reads.
        faint: whether it stands back, as what was there before.
    """

    text: str
    strength: float = 0.0
    note: str = ""
    faint: bool = False


def show_text(
    pieces: Sequence[Piece],
    *,
    key: str,
    color: str = palette.DANGER,
    negative: str = palette.MODEL,
    height: int = 0,
) -> None:
    """Draw pieces one behind the other, ends of lines as they are.

    Args:
        pieces: of the text; nothing in them is read as HTML or Markdown.
        key: name of it.
        color: behind pieces of positive strength.
        negative: behind those of negative strength.
        height: least height in pixels, so that nothing below it jumps; 0 for that of the text.
    """
    spans = "".join(_span(piece, color, negative) for piece in pieces[:MOST])
    more = f"\n… and {len(pieces) - MOST:,} more pieces" if len(pieces) > MOST else ""
    least = f"min-height:{height}px;" if height else ""
    with st.container(key=key):
        st.html(f'<div style="{STYLE}{least}">{spans}{more}</div>')


def _span(piece: Piece, color: str, negative: str) -> str:
    style = ""
    if piece.strength:
        red, green, blue = palette.rgb(color if piece.strength > 0 else negative)
        style += f"background:rgba({red},{green},{blue},{min(1.0, abs(piece.strength)) * 0.75:z.2f});"
        style += "border-radius:3px;"
    if piece.faint:
        style += "opacity:.55;"
    note = f' title="{html.escape(piece.note, quote=True)}"' if piece.note else ""
    if not style and not note:
        return html.escape(piece.text)
    return f'<span style="{style}"{note}>{html.escape(piece.text)}</span>'
