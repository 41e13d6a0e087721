"""Rows of a table: numbers and categories, some of which may be missing."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data import class_table
from sandbox.data.columns import Column, features
from sandbox.data.formats import tables
from sandbox.errors import UserError
from sandbox.files import path_text


@dataclass(frozen=True)
class Row:
    """An input is an array (F,): a number for each column, as `sandbox.data.columns` says.

    Attributes:
        columns: what they are called and like.
    """

    columns: Sequence[Column]
    kind: ClassVar[str] = "row"
    files: ClassVar[str] = "a table (CSV) with these columns"

    def read(self, file: Path) -> NDArray[np.float32]:
        """The rows (N, F) of a file; columns are found by their names, and others are passed over.

        Raises:
            UserError: it is no table, or lacks a column; names it.
        """
        said = path_text(file)
        table = tables.parse(tables.text_of(file, class_table.MOST_BYTES), said)
        wanted = [column.name for column in self.columns]
        rows, names = table.rows, class_table.names_of(table)
        if table.names is None and rows and set(wanted) <= set(rows[0]):
            rows, names = rows[1:], rows[0]  # names that look like values
        lacking = [name for name in wanted if name not in names]
        if lacking and table.names is None and len(names) == len(wanted):
            names, lacking = wanted, []  # without names, the columns in their order
        if lacking:
            more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
            raise UserError(f"{said} lacks columns that the network reads: {', '.join(lacking[:3])}{more}.")
        if not rows:
            raise UserError(f"{said} has names of columns and no rows.")
        if len(rows) > class_table.MOST_ROWS:
            raise UserError(f"{said} has {len(rows):,} rows; {class_table.MOST_ROWS:,} are the most.")
        places = [names.index(name) for name in wanted]
        return np.array(
            [
                [
                    _value(column, row[i] if i < len(row) else "", table)
                    for column, i in zip(self.columns, places, strict=True)
                ]
                for row in rows
            ],
            np.float32,
        )

    def encode_all(self, raw: Any) -> NDArray[np.float32]:
        """Rows (N, F) as the network takes them.

        Raises:
            UserError: they have another number of columns, or infinite numbers.
        """
        rows = np.atleast_2d(np.asarray(raw, np.float32))
        if rows.ndim != 2 or rows.shape[1] != len(self.columns):
            raise UserError(f"A row has {len(self.columns)} columns, not {rows.shape[-1]}.")
        if np.isinf(rows).any():
            raise UserError("A row has finite numbers, and NaN where one is missing.")
        return rows

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """One row (F,) as the network takes it.

        Raises:
            UserError: there is not exactly one.
        """
        rows = self.encode_all(raw)
        if len(rows) != 1:
            raise UserError(f"One row is needed, not {len(rows)}.")
        return rows[0]

    def features(self, rows: Any) -> NDArray[np.float32]:
        """Rows (N, F) as the network's numbers (N, D)."""
        return features(self.columns, self.encode_all(rows))

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a row into a CSV file, below the names of its columns."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            cells = [column.text(float(one)) for column, one in zip(self.columns, value, strict=True)]
            csv.writer(file).writerows([[column.name for column in self.columns], cells])
        return path


def _value(column: Column, cell: str, table: tables.Table) -> float:
    if class_table.missing(cell):
        return np.nan
    if column.kind == "category":
        return float(column.levels.index(cell[:60])) if cell[:60] in column.levels else np.nan
    found = table.number(cell)
    return np.nan if found is None or abs(found) > 1e30 else found
