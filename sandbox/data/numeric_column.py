"""One column of numbers from a CSV or text file: a series to learn from."""

from pathlib import Path

import numpy as np
from jaxtyping import Float64

from sandbox.data.formats import tables
from sandbox.data.formats.tables import Table
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000


def read(path: Path, column: str = "") -> Float64[np.ndarray, " N"]:
    """Read the numbers of one column, in the order of the file.

    Args:
        path: a CSV or text file, see `tables.parse`; its columns may also be separated by spaces.
        column: the column's name, or its number counted from 1; the last one of numbers if empty, as dates
            come first.

    Raises:
        UserError: no such file, no such column, or something in it that is no number; names the line.
    """
    name = path_text(path)
    if not path.is_file():
        raise UserError(f"There is no file {name} to learn from.")
    table = tables.parse(tables.text_of(path, MOST_BYTES), name, spaces=True)
    if not table.rows:
        raise UserError(f"{name} holds names of columns and no numbers.")
    if len(table.rows) > MOST_ROWS:
        raise UserError(f"{name} has {len(table.rows):,} rows; {MOST_ROWS:,} are the most.")
    which = _which(name, column, table)
    values = []
    for line, row in zip(table.lines, table.rows, strict=True):
        value = table.number(row[which]) if which < len(row) else None
        if value is None:
            said = row[which][:30] if which < len(row) else ""
            raise UserError(
                f"{name} has {said!r} in line {line}, column {which + 1}, where a number should be."
            )
        values.append(value)
    return np.array(values)


def _which(name: str, column: str, table: Table) -> int:
    if not column:
        numeric = table.numeric()
        if not numeric:
            raise UserError(f"{name} has no column of numbers.")
        return numeric[-1]
    known = table.names or []
    width = max(map(len, table.rows))
    if column in known:
        return known.index(column)
    if column.isdecimal() and 1 <= int(column) <= width:
        return int(column) - 1
    there = ", ".join(known) if known else f"numbers 1 to {width}"
    raise UserError(f"{name} has no column {column!r}; there are {there}.")
