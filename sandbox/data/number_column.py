"""One column of numbers from a CSV or text file: a series to learn from."""

import csv
import math
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from sandbox.errors import UserError

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
SEPARATORS = ",;\t "


def read(path: Path, column: str = "") -> Float64[np.ndarray, " N"]:
    """Read the numbers of one column, in the order of the file.

    Args:
        path: a CSV or text file; its separator is found out, its first row may name the columns.
        column: the column's name, or its number counted from 1; the last one of numbers if empty, as dates
            come first.

    Raises:
        UserError: no such file, no such column, or something in it that is no number; names the line.
    """
    rows = _rows(path)
    names = rows[0] if any(_number(cell) is None for cell in rows[0]) else None
    body = rows[1:] if names else rows
    if not body:
        raise UserError(f"{path} holds names of columns and no numbers.")
    which = _which(path, column, names, body)
    values = []
    for line, row in enumerate(body, start=2 if names else 1):
        value = _number(row[which]) if which < len(row) else None
        if value is None:
            said = row[which].strip()[:30] if which < len(row) else ""
            raise UserError(
                f"{path} has {said!r} in line {line}, column {which + 1}, where a number should be."
            )
        values.append(value)
    return np.array(values)


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise UserError(f"There is no file {path} to learn from.")
    if path.stat().st_size > MOST_BYTES:
        raise UserError(
            f"{path} has more than {MOST_BYTES // 1_000_000} MB, which is more than can be learned."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(
            f"{path} is no text; a CSV or text file with a column of numbers is needed."
        ) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UserError(f"{path} is empty.")
    if len(lines) > MOST_ROWS:
        raise UserError(f"{path} has {len(lines):,} lines; {MOST_ROWS:,} are the most.")
    separator = max(SEPARATORS, key=lines[-1].count)
    skip = separator == " "
    return list(csv.reader(lines, delimiter=separator, skipinitialspace=skip))


def _which(path: Path, column: str, names: list[str] | None, body: list[list[str]]) -> int:
    if not column:
        numeric = [i for i, cell in enumerate(body[0]) if _number(cell) is not None]
        if not numeric:
            raise UserError(f"{path} has no column of numbers.")
        return numeric[-1]
    known = [name.strip() for name in names or []]
    if column in known:
        return known.index(column)
    if column.isdigit() and 1 <= int(column) <= len(body[0]):
        return int(column) - 1
    there = ", ".join(known) if known else f"numbers 1 to {len(body[0])}"
    raise UserError(f"{path} has no column {column!r}; there are {there}.")


def _number(cell: str) -> float | None:
    try:
        value = float(cell.strip().strip('"'))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
