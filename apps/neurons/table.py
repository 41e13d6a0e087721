"""A CSV file of points: two columns of numbers and a label."""

import csv
import io
import math
from pathlib import Path

import numpy as np

from apps.neurons.points import MOST_CLASSES, PLANE, Points
from sandbox.errors import UserError, because

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000


def load(path: Path, split_seed: int = 0) -> Points:
    """Read a file.

    Raises:
        UserError: it cannot be read or holds nothing to learn from; says where and what to do.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is larger than {MOST_BYTES // 10**6} MB; use a part of it.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read because {because(error)}.") from None
    return parse(content, path.name, split_seed)


def parse(content: bytes, name: str, split_seed: int = 0) -> Points:
    """Read a file's bytes: a header or none; comma, semicolon or tab between; the label in the last column.

    The first two columns of numbers before it are the axes. A label is a class if it is a word, or one of at
    most four whole numbers; other numbers are values to predict. Both axes are scaled to the plane, values to
    -1 to 1; columns named as `PLANE` keep their numbers.

    Args:
        content: of the file.
        name: what it is called in messages.
        split_seed: decides which points are held out.

    Raises:
        UserError: says which row or column is wrong and what to do.
    """
    if len(content) > MOST_BYTES:
        raise UserError(f"{name} is larger than {MOST_BYTES // 10**6} MB; use a part of it.")
    rows = _rows(content, name)
    header, rows = _header(rows)
    width = len(rows[0][1]) if rows else len(header or ())
    if width < 3:
        raise UserError(f"{name} has {width} columns; three are needed: two of numbers and a label.")
    for number, row in rows:
        if len(row) != width:
            raise UserError(f"Row {number} of {name} has {len(row)} columns, the first one has {width}.")
    titles = header or [f"column {i + 1}" for i in range(width)]
    columns = [[row[i] for _, row in rows] for i in range(width)]
    numeric = [i for i in range(width - 1) if sum(_is_number(cell) for cell in columns[i]) * 2 > len(rows)]
    if len(numeric) < 2:
        raise UserError(
            f"{name} needs two columns of numbers before its last column, the label; it has {len(numeric)}."
        )
    first, second = numeric[:2]
    x = np.array([[_number(row[i], n, titles[i], name) for i in (first, second)] for n, row in rows])
    low, high = x.min(0), x.max(0)
    for i, column in enumerate((first, second)):
        if low[i] == high[i]:
            raise UserError(f"Column {titles[column]} of {name} is {low[i]:g} everywhere; use another one.")
    shift, scale = (low + high) / 2, (high - low) / 1.9
    if (titles[first], titles[second]) == PLANE:
        shift, scale = np.zeros(2), np.ones(2)
    y, classes, value = _labels(columns[-1], titles[-1], name)
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


def _rows(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with their numbers in the file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is not a text file in UTF-8; save it as CSV once more.") from None
    if "\0" in text:
        raise UserError(f"{name} is not a text file; save it as CSV once more.")
    line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=line.count)
    try:
        found = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise UserError(f"{name} is no CSV file: {error}.") from None
    if len(found) > MOST_ROWS + 1:
        raise UserError(
            f"{name} has {len(found):,} rows; at most {MOST_ROWS:,} are read, so use a part of them."
        )
    if len(found) < 4:
        raise UserError(f"{name} has {len(found)} rows; at least four points are needed.")
    return found


def _header(rows: list[tuple[int, list[str]]]) -> tuple[list[str] | None, list[tuple[int, list[str]]]]:
    first = rows[0][1]
    if sum(_is_number(cell) for cell in first[:-1]) >= 2:
        return None, rows
    return [cell[:40] or f"column {i + 1}" for i, cell in enumerate(first)], rows[1:]


def _labels(
    cells: list[str], title: str, name: str
) -> tuple[np.ndarray, tuple[str, ...], tuple[float, float]]:
    """Classes or values, the classes' names, and shift and scale of the values."""
    if "" in cells:
        raise UserError(f"{name} has an empty label in column {title}; fill it in or leave the row out.")
    distinct = sorted(set(cells))
    numbers = all(_is_number(cell) for cell in distinct)
    whole = numbers and all(float(cell) == int(float(cell)) for cell in distinct)
    if len(distinct) == 1:
        raise UserError(f"Every label of {name} is {distinct[0][:40]}; there is nothing to tell apart.")
    if len(distinct) <= MOST_CLASSES and (whole or not numbers):
        classes = tuple(cell[:20] for cell in distinct)
        if len(set(classes)) < len(distinct):
            raise UserError(f"Two labels of {name} begin with the same 20 letters; shorten them.")
        return np.array([distinct.index(cell) for cell in cells], np.float32), classes, (0.0, 1.0)
    if not numbers:
        raise UserError(
            f"{name} has {len(distinct)} different labels in column {title}; the page shows at most "
            f"{MOST_CLASSES} classes, or numbers to predict."
        )
    values = np.array([float(cell) for cell in cells])
    low, high = float(values.min()), float(values.max())
    shift, scale = (low + high) / 2, (high - low) / 2
    return ((values - shift) / scale).astype(np.float32), (), (shift, scale)


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _number(cell: str, row: int, title: str, name: str) -> float:
    if not _is_number(cell):
        said = f"{cell[:20]!r}" if cell else "nothing"
        raise UserError(f"Row {row} of {name} has {said} in column {title}, where a number is needed.")
    return float(cell)
