"""Curves that only grow, from a table: a column for each, a row for each step."""

from pathlib import Path

import numpy as np
from jaxtyping import Float64

from sandbox.data.formats import tables
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_BYTES, MOST_CURVES = 100_000_000, 50_000


def read_curves(path: Path, seen: int, least: int) -> Float64[np.ndarray, "N D"]:
    """The curves of a file.

    Args:
        path: a CSV or text file; every cell of its columns of numbers holds one, none is negative.
        seen: steps that will be known, fewer than there are rows.
        least: curves that are needed.

    Raises:
        UserError: there are too few of them, too few rows, or a curve that falls; names it.
    """
    name = path_text(path)
    table = tables.parse(tables.text_of(path, MOST_BYTES), name, spaces=True)
    columns = table.numeric() if table.rows else []
    if not least <= len(columns) <= MOST_CURVES:
        raise UserError(
            f"{name} has {len(columns)} columns of numbers; {least} to {MOST_CURVES:,} curves are needed."
        )
    if len(table.rows) <= seen:
        raise UserError(
            f"{name} has {len(table.rows)} rows; more than {seen} are needed, the steps that are known."
        )
    found = np.empty((len(columns), len(table.rows)))
    for j, row in enumerate(table.rows):
        for i, column in enumerate(columns):
            value = table.number(row[column]) if column < len(row) else None
            if value is None or not 0 <= value < 1e15:
                raise UserError(
                    f"{name} has no number from 0 on in line {table.lines[j]}, column {column + 1}."
                )
            found[i, j] = value
    if (falls := np.diff(found, axis=1) < 0).any():
        which, when = np.argwhere(falls)[0]
        raise UserError(
            f"{name} falls in line {table.lines[when + 1]}, column {columns[which] + 1}; counts never do."
        )
    return found
