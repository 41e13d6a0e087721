"""Points from a CSV or text file: two columns of numbers, a row for each point."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import tables
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_BYTES = 20_000_000


def read(path: Path, axes: tuple[str, str] | None = None) -> NDArray[np.float64]:
    """The points (N, 2) of a file, in the file's own units.

    Args:
        path: of the file.
        axes: names of the two columns, where a table of more has them.

    Raises:
        UserError: it has no two columns of numbers, or a row without a number; names it.
    """
    name = path_text(path)
    table = tables.parse(tables.text_of(path, MOST_BYTES), name, spaces=True)
    columns = table.numeric()
    if axes is not None and table.names is not None and set(axes) <= set(table.names):
        columns = [table.names.index(axis) for axis in axes]
    if len(columns) != 2:
        raise UserError(f"{name} has {len(columns)} columns of numbers; two are needed: a point in each row.")
    points = []
    for line, row in zip(table.lines, table.rows, strict=True):
        point = [table.number(row[i]) if i < len(row) else None for i in columns]
        if None in point:
            raise UserError(f"{name} has a row without two numbers, in line {line}.")
        points.append(point)
    return np.array(points)
