"""A sequence as rows of cells over time, which a person may change by clicks and keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from apps.studio.browser import component

_COMPONENT = component.make("sequence_strip", html='<div class="strip"></div>')


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of cells."""

    name: str
    kind: Literal["bar", "bit", "mark", "symbol"]
    values: Sequence[float]
    """Heights, 0 and 1, or positions in `choices`; a position outside of it shows a dot."""
    editable: int = 0
    """So many cells from the first on can be changed."""
    offset: int = 0
    """Time step of the first cell."""
    choices: Sequence[str] = ()
    """Of symbols: one character each."""
    range: tuple[float, float] = (0.0, 1.0)
    """Of bars."""
    lit: Sequence[bool] = ()
    """Bars that stand out."""
    wrong: Sequence[bool] = ()
    """Cells with a red frame."""


def strip(rows: Sequence[Row], *, key: str, token: int = 0) -> dict[str, list[float]]:
    """Show rows and return what is in those that can be changed.

    Args:
        rows: one below the other, on one axis of time.
        key: name of the strip; what a person changed survives a page switch under it.
        token: change it to replace what was changed by the rows as they are given.
    """
    kept_key = f"{key}:kept"
    now = st.session_state.get(key)
    edit = now.get("edit") if now else None
    if edit and edit.get("token") == token:
        st.session_state[kept_key] = {"token": token, "values": edit["values"]}
    found = changed(rows, st.session_state.get(kept_key), token)
    _COMPONENT(
        key=key,
        data={
            "token": token,
            "rows": [
                {
                    "name": row.name,
                    "kind": row.kind,
                    "values": [round(float(value), 3) for value in found.get(row.name, row.values)],
                    "editable": row.editable,
                    "offset": row.offset,
                    "choices": list(row.choices),
                    "range": list(row.range),
                    "lit": [bool(value) for value in row.lit],
                    "wrong": [bool(value) for value in row.wrong],
                }
                for row in rows
            ],
        },
        on_edit_change=lambda: None,
    )
    return found


def edited(rows: Sequence[Row], *, key: str, token: int = 0) -> dict[str, list[float]]:
    """What is in the rows that can be changed, before they are drawn: answers are shown in the same strip."""
    now = st.session_state.get(key)
    edit = now.get("edit") if now else None
    kept = {"token": token, "values": edit["values"]} if edit and edit.get("token") == token else None
    return changed(rows, kept or st.session_state.get(f"{key}:kept"), token)


def changed(rows: Sequence[Row], kept: Mapping[str, Any] | None, token: int) -> dict[str, list[float]]:
    """The rows that can be changed, with what a person did to them; what does not fit is left out.

    The browser may send anything: numbers are cut to a row's range, and a row of another length is ignored.
    """
    values = kept["values"] if kept and kept.get("token") == token else {}
    found = {}
    for row in rows:
        if not row.editable:
            continue
        own = list(row.values)
        new = values.get(row.name)
        if isinstance(new, list) and len(new) == len(own):
            for i in range(row.editable):
                own[i] = _cut(row, new[i], own[i])
        found[row.name] = own
    return found


def _cut(row: Row, value: Any, otherwise: float) -> float:
    if not isinstance(value, int | float) or value != value:
        return otherwise
    low, high = row.range if row.kind == "bar" else (0, len(row.choices) - 1 if row.kind == "symbol" else 1)
    cut = min(max(value, low), high)
    return float(cut) if row.kind == "bar" else int(cut)
