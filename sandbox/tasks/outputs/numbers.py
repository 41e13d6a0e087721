"""Numbers with names, or over time."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True)
class Numbers:
    """An answer is an array (K,).

    Attributes:
        names: one for each number; if there is one name only, it is that of every number: a series.
        unit: of all of them; empty for none.
    """

    names: Sequence[str]
    unit: str = ""
    kind: ClassVar[str] = "numbers"

    def text(self, answer: Any) -> str:
        """All of them: `code 1 0.25, code 2 1.5`."""
        pairs = zip(self._named(answer), np.ravel(answer), strict=True)
        unit = f" {self.unit}" if self.unit else ""
        return ", ".join(f"{name} {float(value):.4g}{unit}" for name, value in pairs)

    def to_json(self, answer: Any) -> dict[str, float]:
        """Numbers by name."""
        pairs = zip(self._named(answer), np.ravel(answer), strict=True)
        return {name: float(value) for name, value in pairs}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a CSV file with a row for each number."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("name", "value"), *self.to_json(answer).items()])
        return path

    def _named(self, answer: Any) -> list[str]:
        count = np.asarray(answer).size  # a tensor has a method of that name
        if len(self.names) == count:
            return list(self.names)
        return [f"{self.names[0]} {i + 1}" for i in range(count)]
