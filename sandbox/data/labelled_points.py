"""A CSV file of points: two columns of numbers and a label."""

from pathlib import Path

import numpy as np

from sandbox.data.formats import tables
from sandbox.data.formats.tables import Table
from sandbox.data.plane_points import MOST_CLASSES, PLANE, Points
from sandbox.errors import UserError
from sandbox.files import path_text

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
LEAST_ROWS = 4


def load(path: Path, split_seed: int = 0) -> Points:
    """Read a file.

    Raises:
        UserError: it cannot be read or holds nothing to learn from; says where and what to do.
    """
    name = path_text(path.name)
    return points_of(tables.text_of(path, MOST_BYTES), name, split_seed)


def points_of(text: str, name: str, split_seed: int = 0) -> Points:
    """Read a table: a header or none; comma, semicolon or tab between; the label in the last column.

    The first two columns of numbers before it are the axes. A label is a class if it is a word, or one of at
    most four whole numbers; other numbers are values to predict. Both axes are scaled to the plane, values to
    -1 to 1; columns named as `PLANE` keep their numbers.

    Args:
        text: of the file.
        name: what it is called in messages.
        split_seed: decides which points are unseen.

    Raises:
        UserError: says which row or column is wrong and what to do.
    """
    found = tables.parse(text, name)
    rows = list(zip(found.lines, found.rows, strict=True))
    if len(rows) > MOST_ROWS:
        raise UserError(
            f"{name} has {len(rows):,} rows; at most {MOST_ROWS:,} are read, so use a part of them."
        )
    width = len(found.rows[0]) if rows else len(found.names or ())
    if width < 3:
        raise UserError(f"{name} has {width} columns; three are needed: two of numbers and a label.")
    if len(rows) < LEAST_ROWS:
        raise UserError(f"{name} has {len(rows)} rows of numbers; at least {LEAST_ROWS} are needed.")
    for line, row in rows:
        if len(row) != width:
            raise UserError(f"Row {line} of {name} has {len(row)} columns, the first one has {width}.")
    titles = [cell[:40] or f"column {i + 1}" for i, cell in enumerate(found.names or [""] * width)]
    columns = [[row[i] for row in found.rows] for i in range(width)]
    numeric = [i for i in found.numeric() if i < width - 1]
    if len(numeric) < 2:
        raise UserError(
            f"{name} needs two columns of numbers before its last column, the label; it has {len(numeric)}."
        )
    first, second = numeric[:2]
    x = np.array([[_number(found, row[i], n, titles[i], name) for i in (first, second)] for n, row in rows])
    low, high = x.min(0), x.max(0)
    for i, column in enumerate((first, second)):
        if low[i] == high[i]:
            raise UserError(f"Column {titles[column]} of {name} is {low[i]:g} everywhere; use another one.")
    shift, scale = (low + high) / 2, (high - low) / 1.9
    if (titles[first], titles[second]) == PLANE:
        shift, scale = np.zeros(2), np.ones(2)
    y, classes, value = _labels(found, columns[-1], titles[-1], name)
    notes = []
    if width > 3:
        notes.append(
            f"Of {width} columns, {titles[first]}, {titles[second]} and the label {titles[-1]} are used."
        )
    points = Points(
        name=name,
        x=((x - shift) / scale).astype(np.float32),
        y=y,
        classes=classes,
        split_seed=split_seed,
        axes=(titles[first], titles[second]),
        shift=(float(shift[0]), float(shift[1])),
        scale=(float(scale[0]), float(scale[1])),
        value=value,
        notes=tuple(notes),
    )
    points.check()
    return points


def _labels(
    found: Table, cells: list[str], title: str, name: str
) -> tuple[np.ndarray, tuple[str, ...], tuple[float, float]]:
    """Classes or values, the classes' names, and shift and scale of the values."""
    if "" in cells:
        raise UserError(f"{name} has an empty label in column {title}; fill it in or leave the row out.")
    numbers = [found.number(cell) for cell in cells]
    values = np.array([number for number in numbers if number is not None])
    if len(values) == len(cells):
        # 0 and 0.0 are one class.
        cells = [f"{value:.15g}" for value in values]
    distinct = sorted(set(cells))
    whole = len(values) == len(cells) and bool((values == np.floor(values)).all())
    if len(distinct) == 1:
        raise UserError(f"Every label of {name} is {distinct[0][:40]}; two different labels are needed.")
    if len(distinct) <= MOST_CLASSES and (whole or len(values) < len(cells)):
        classes = tuple(cell[:20] for cell in distinct)
        if len(set(classes)) < len(distinct):
            raise UserError(f"Two labels of {name} begin with the same 20 letters; shorten them.")
        return np.array([distinct.index(cell) for cell in cells], np.float32), classes, (0.0, 1.0)
    if len(values) < len(cells):
        raise UserError(
            f"{name} has {len(distinct)} different labels in column {title}; the page shows at most "
            f"{MOST_CLASSES} classes, or numbers to predict."
        )
    low, high = float(values.min()), float(values.max())
    shift, scale = (low + high) / 2, (high - low) / 2
    return ((values - shift) / scale).astype(np.float32), (), (shift, scale)


def _number(found: Table, cell: str, row: int, title: str, name: str) -> float:
    value = found.number(cell)
    if value is None:
        said = f"{cell[:20]!r}" if cell else "nothing"
        raise UserError(f"Row {row} of {name} has {said} in column {title}, where a number is needed.")
    return value
