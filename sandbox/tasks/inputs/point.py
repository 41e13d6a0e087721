"""Points of a plane: two numbers each, a row of a table."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data import point_table
from sandbox.errors import UserError


@dataclass(frozen=True)
class Point:
    """An input is an array (2,), in units in which the examples fill about -1 to 1.

    Attributes:
        axes: what the two numbers are; columns of these names are read from a table of more.
        shift: of each axis: a number of the user's is `shift + scale * x`.
        scale: likewise.
    """

    axes: tuple[str, str] = ("x", "y")
    shift: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    kind: ClassVar[str] = "point"
    files: ClassVar[str] = "a table (CSV) with a point in each row"

    def read(self, file: Path) -> NDArray[np.float64]:
        """The points (N, 2) of a file, in its own units.

        Raises:
            UserError: it has no two columns of numbers, or a row without a number; names it.
        """
        return point_table.read(file, self.axes)

    def encode_all(self, raw: Any) -> NDArray[np.float32]:
        """Points (N, 2) as the network takes them.

        Raises:
            UserError: they are no pairs of finite numbers.
        """
        points = np.atleast_2d(np.asarray(raw, np.float64))
        if points.shape[1:] != (2,) or not np.isfinite(points).all():
            raise UserError("A point is two finite numbers.")
        return ((points - self.shift) / self.scale).astype(np.float32)

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """One point (2,) as the network takes it.

        Raises:
            UserError: there is not exactly one.
        """
        points = self.encode_all(raw)
        if len(points) != 1:
            raise UserError(f"One point is needed, not {len(points)}.")
        return points[0]

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a point into a CSV file, in the user's units."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            row = np.asarray(value, np.float64) * self.scale + self.shift
            csv.writer(file).writerows([self.axes, row.tolist()])
        return path
