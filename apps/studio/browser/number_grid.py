"""Tables of numbers, each cell as blue or red as its number is large: what a formula is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.studio.browser import component

_COMPONENT = component.make("number_grid", html='<div class="numbers"></div>')


@dataclass(frozen=True, kw_only=True)
class Block:
    """One table."""

    values: NDArray[np.floating]
    """(rows, columns); NaN leaves a cell empty."""
    title: str = ""
    rows: Sequence[str] = ()
    """Names of the rows, or none."""
    columns: Sequence[str] = ()
    """Names of the columns, or none."""
    hints: Sequence[Sequence[str]] = ()
    """For each cell what the pointer shows, or none."""
    strong: Sequence[int] = ()
    """Columns that are a result of the others."""
    scale: float | None = None
    """The number whose cell has the full colour; the largest one if None, no colour if 0."""
    faded: bool = False
    """Not computed yet."""
    note: str = ""
    """A sentence under it."""


def show_numbers(blocks: Sequence[Block], *, key: str, digits: int = 2, stacked: bool = False) -> None:
    """Draw tables side by side, as many as fit.

    Args:
        blocks: the tables.
        key: name of the drawing; it changes in place under it.
        digits: behind the point, of numbers below ten.
        stacked: one below the other, cells under cells.
    """
    drawn = [payload(block) for block in blocks]
    _COMPONENT(key=key, data={"blocks": drawn, "digits": digits, "stacked": stacked})


def payload(block: Block) -> dict[str, object]:
    """A table as JSON."""
    values = np.atleast_2d(np.asarray(block.values, float))
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    return {
        "title": block.title,
        "values": [[round(v, 5) if np.isfinite(v) else None for v in row] for row in values.tolist()],
        "rows": list(block.rows),
        "columns": list(block.columns),
        "hints": [list(row) for row in block.hints],
        "strong": list(block.strong),
        "scale": largest if block.scale is None else block.scale,
        "faded": block.faded,
        "note": block.note,
    }
