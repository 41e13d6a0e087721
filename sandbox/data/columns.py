"""Columns of a table as a network reads them: numbers and categories, each of which may be missing.

A row is an array of numbers, one for each column: a number as it is, the position of a category among those
that are known, and NaN for what is missing or unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.errors import UserError

FARTHEST = 6.0
"""Standard deviations; what is farther from the mean is read as this far."""


@dataclass(frozen=True)
class Column:
    """One column, as the training rows have it.

    Attributes:
        name: of the column.
        kind: whether it holds numbers or categories.
        mean: of the numbers.
        deviation: their standard deviation, above 0.
        low: a hundredth of them is smaller.
        high: a hundredth of them is larger.
        levels: the categories.
        gaps: whether it is missing in some training rows, and so says something where it is.
    """

    name: str
    kind: Literal["number", "category"]
    mean: float = 0.0
    deviation: float = 1.0
    low: float = 0.0
    high: float = 1.0
    levels: tuple[str, ...] = ()
    gaps: bool = False

    @property
    def width(self) -> int:
        """Numbers that a network gets of it."""
        return (1 if self.kind == "number" else len(self.levels)) + self.gaps

    def features(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Values (N,) as a network gets them, (N, width).

        A number is told in standard deviations from the mean, a category as a 1 among zeros; a missing one
        is the mean, or no category.
        """
        missing = np.isnan(values)
        if self.kind == "number":
            scaled = np.where(missing, 0.0, (values - self.mean) / self.deviation)
            found = np.clip(scaled, -FARTHEST, FARTHEST)[:, None]
        else:
            found = values[:, None] == np.arange(len(self.levels))
        parts = [found, missing[:, None]] if self.gaps else [found]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def text(self, value: float) -> str:
        """The value as a table's cell says it; `?` for a missing one."""
        if math.isnan(value):
            return "?"
        return f"{float(value):.9g}" if self.kind == "number" else self.levels[int(value)]

    def position(self, value: float) -> float:
        """Where a value lies, from -1 to 1: three standard deviations, or the first to the last category."""
        if math.isnan(value):
            return 0.0
        if self.kind == "number":
            return float(np.clip((value - self.mean) / (3 * self.deviation), -1, 1))
        return 2 * value / max(1, len(self.levels) - 1) - 1


def features(columns: Sequence[Column], rows: Float[np.ndarray, "N F"]) -> Float[np.ndarray, "N D"]:
    """Rows as a network gets them; D is the sum of the columns' widths."""
    return np.concatenate([column.features(rows[:, i]) for i, column in enumerate(columns)], axis=1)


def fit(
    names: Sequence[str], levels: Sequence[Sequence[str] | None], rows: NDArray[np.floating]
) -> list[Column]:
    """What the columns are like in training rows.

    Args:
        names: of the columns.
        levels: categories of each; None for numbers.
        rows: (N, F) to learn from.
    """
    found = []
    for name, known, values in zip(names, levels, rows.T, strict=True):
        there = values[~np.isnan(values)].astype(np.float64)
        gaps = len(there) < len(values)
        if known is not None:
            found.append(Column(name, "category", levels=tuple(known), gaps=gaps))
            continue
        if not len(there):
            there = np.zeros(1)
        low, high = np.quantile(there, [0.01, 0.99])
        mean, deviation = float(there.mean()), float(there.std()) or 1.0
        found.append(Column(name, "number", mean, deviation, float(low), float(high), gaps=gaps))
    return found


def to_json(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Columns as JSON values."""
    return [asdict(column) for column in columns]


def from_json(values: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Columns that `to_json` told."""
    return tuple(Column(**{**one, "levels": tuple(one["levels"])}) for one in values)


def recoded(
    rows: Float[np.ndarray, "N F"], of: Sequence[Column], to: Sequence[Column]
) -> Float[np.ndarray, "N G"]:
    """Rows of one table as the columns of another have them: found by name, categories by their text.

    Args:
        rows: as `of` has them.
        of: columns of the rows.
        to: columns that are wanted; a category that they do not know is missing.

    Raises:
        UserError: the rows lack a column, or hold categories in it where numbers are wanted; names it.
    """
    names = [column.name for column in of]
    found = np.full((len(rows), len(to)), np.nan, np.float32)
    for i, column in enumerate(to):
        if column.name not in names:
            raise UserError(f"The table lacks a column that the network reads: {column.name}.")
        at = names.index(column.name)
        there, values = of[at], rows[:, at]
        if there.kind != column.kind:
            raise UserError(
                f"The column {column.name} holds no {column.kind} values, as the network reads them."
            )
        if column.kind == "category":
            places = [
                float(column.levels.index(one)) if one in column.levels else np.nan for one in there.levels
            ]
            known = ~np.isnan(values)
            found[known, i] = np.array(places)[values[known].astype(int)]
        else:
            found[:, i] = values
    return found
