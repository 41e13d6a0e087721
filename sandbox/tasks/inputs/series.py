"""Series over time: one number, or several, at each of the steps that a network reads."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data import series_table
from sandbox.errors import UserError
from sandbox.files import path_text


@dataclass(frozen=True, kw_only=True)
class Series:
    """An input is an array (T, V): V series over T steps, shifted and scaled.

    Attributes:
        length: steps that are read, T.
        names: of the series, V.
        mean: of each, subtracted before the network sees it.
        deviation: of each, divided by.
        logarithm: whether log(1 + value) is what is shifted and scaled.
        step: what one step is: `hour`.
        rate: steps in one `step`: 100 where a step is a hundredth of a second and `step` is `second`.
    """

    length: int
    names: Sequence[str]
    mean: Sequence[float]
    deviation: Sequence[float]
    logarithm: bool = False
    step: str = "step"
    rate: float = 1.0
    kind: ClassVar[str] = "series"
    files: ClassVar[str] = "a table (CSV) with a row for each time step; the last rows are read"

    def read(self, file: Path) -> NDArray[np.float64]:
        """The series (N, V) of a file in its own units, found by their names.

        A file without these names, and with as many columns of numbers, is read in their order.

        Raises:
            UserError: it is no table, or lacks a column.
        """
        table = series_table.read(file, series_table.ALL)
        lacking = [name for name in self.names if name not in table.names]
        if not lacking:
            return table.values[:, [table.names.index(name) for name in self.names]]
        if len(table.names) != len(self.names):
            raise UserError(f"{path_text(file)} lacks a column of numbers named {lacking[0]}.")
        return table.values

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The last T steps (T, V) as the network takes them.

        Raises:
            UserError: there are fewer, or other series, or numbers that are not finite.
        """
        values = np.asarray(raw, np.float64)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise UserError(f"There must be {len(self.names)} numbers at each step.")
        if len(values) < self.length:
            raise UserError(f"The network reads {self.length} steps; there are {len(values)}.")
        if not np.isfinite(values).all() or (self.logarithm and values.min() <= -1):
            raise UserError("Every number must be finite" + (", and above -1." if self.logarithm else "."))
        return self.scaled(values[-self.length :])

    def scaled(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Numbers (..., V) of the user's as the network takes them."""
        told = np.log1p(values) if self.logarithm else np.asarray(values, np.float64)
        return ((told - np.asarray(self.mean)) / np.asarray(self.deviation)).astype(np.float32)

    def values(self, value: Any) -> NDArray[np.float64]:
        """The reverse of `scaled`."""
        told = np.asarray(value, np.float64) * np.asarray(self.deviation) + np.asarray(self.mean)
        return np.expm1(told) if self.logarithm else told

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write an input (T, V) into a CSV file, in the user's units, below the names of the series."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = [[f"{number:.9g}" for number in row] for row in self.values(value)]
            csv.writer(file).writerows([list(self.names), *rows])
        return path
