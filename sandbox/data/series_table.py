"""Series from a CSV or text file: a column for each, a row for each time step, the earliest first."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sandbox.data import class_table
from sandbox.data.formats import tables
from sandbox.data.formats.tables import Table
from sandbox.errors import UserError, did_you_mean
from sandbox.files import path_text
from sandbox.percent import percent

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 50_000_000, 200_000, 64
MOST_GAPS = 0.2
"""Share of the cells of a column that may be missing."""
ALL = "all"
"""Asks for every column of numbers."""


@dataclass(frozen=True)
class SeriesTable:
    """Series side by side.

    Attributes:
        names: of the columns.
        values: (N, V), finite.
        notes: what was filled in, one sentence.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def read(path: Path, columns: str = "") -> SeriesTable:
    """Read columns of numbers. A missing value becomes the one before it, and a note says so.

    Args:
        path: a CSV or text file, see `tables.parse`.
        columns: names or numbers (from 1) with commas between them; `all` for all columns of numbers; the
            last one of numbers if empty, as dates come first.

    Raises:
        UserError: no such file or column, too much of it missing, or a word where a number should be.
    """
    name = path_text(path)
    table = tables.parse(tables.text_of(path, MOST_BYTES), name, spaces=True)
    if not table.rows:
        raise UserError(f"{name} holds names of columns and no numbers.")
    if len(table.rows) > MOST_ROWS:
        raise UserError(f"{name} has {len(table.rows):,} rows; {MOST_ROWS:,} are the most.")
    width = max(map(len, table.rows))
    known = list(table.names or []) + [f"column {i + 1}" for i in range(len(table.names or []), width)]
    chosen = _chosen(name, columns, table, known)
    if len(chosen) > MOST_COLUMNS:
        raise UserError(f"{name} has {len(chosen)} columns of numbers; {MOST_COLUMNS} are the most.")
    found = [_column(name, table, i, known[i]) for i in chosen]
    gaps = sum(int(np.isnan(one).sum()) for one in found)
    notes = (f"{gaps:,} missing values were filled with the value before.",) if gaps else ()
    return SeriesTable(tuple(known[i] for i in chosen), np.stack([filled(one) for one in found], 1), notes)


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A series (N,) whose missing values are the ones before; at its beginning the first that is there."""
    there = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(there, np.arange(len(values)), -1))
    return values[np.where(last < 0, int(np.argmax(there)), last)]


def _column(name: str, table: Table, which: int, title: str) -> NDArray[np.float64]:
    values = np.full(len(table.rows), np.nan)
    for i, row in enumerate(table.rows):
        cell = row[which] if which < len(row) else ""
        if class_table.missing(cell):
            continue
        value = table.number(cell)
        if value is None or abs(value) > 1e15:
            raise UserError(
                f"{name} has {cell[:30]!r} in line {table.lines[i]}, column {title}, "
                "where a number should be."
            )
        values[i] = value
    if np.isnan(values).mean() > MOST_GAPS:
        raise UserError(f"In {name} more than {percent(MOST_GAPS)} of column {title} is missing.")
    return values


def _chosen(name: str, columns: str, table: Table, known: list[str]) -> list[int]:
    numeric = table.numeric()
    if not columns.strip() or columns.strip() == ALL:
        if not numeric:
            raise UserError(f"{name} has no column of numbers.")
        return numeric if columns.strip() else numeric[-1:]
    found = []
    for word in (part.strip() for part in columns.split(",")):
        if word in known:
            found.append(known.index(word))
        elif word.isdecimal() and 1 <= int(word) <= len(known):
            found.append(int(word) - 1)
        else:
            hint = did_you_mean(word, known) or f" There are {', '.join(known[:12])}."
            raise UserError(f"{name} has no column {word!r}.{hint}")
    return list(dict.fromkeys(found))
