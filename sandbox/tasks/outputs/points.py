"""Points of the plane."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True)
class Points:
    """An answer is an array (2,), one point; many answers are a cloud.

    Attributes:
        axes: what the two numbers are.
    """

    axes: tuple[str, str] = ("x", "y")
    kind: ClassVar[str] = "points"

    def text(self, answer: Any) -> str:
        """Such as `x 0.512  y -0.134`."""
        return "  ".join(f"{axis} {float(value):.3f}" for axis, value in zip(self.axes, answer, strict=True))

    def to_json(self, answer: Any) -> dict[str, float]:
        """Coordinates by axis."""
        return {axis: float(value) for axis, value in zip(self.axes, answer, strict=True)}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a CSV file with one row a point."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self.axes, *np.atleast_2d(np.asarray(answer)).tolist()])
        return path
