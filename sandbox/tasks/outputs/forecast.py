"""What follows a series: its quantiles at each of the next steps."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.inputs.series import Series

LEVELS = (0.1, 0.5, 0.9)
"""Quantiles that are forecast: ends of the band of 80 %, and the median between them."""
MIDDLE = 1


@dataclass(frozen=True)
class Forecast:
    """An answer is an array (H, V, Q): quantiles of V series at the next H steps, shifted and scaled.

    Attributes:
        horizon: steps that are forecast, H.
        series: what the steps before are, and so the units.
        levels: of the quantiles, ascending, Q.
    """

    horizon: int
    series: Series
    levels: Sequence[float] = LEVELS
    kind: ClassVar[str] = "forecast"

    def values(self, answer: Any) -> NDArray[np.float64]:
        """An answer (H, V, Q) in the user's units."""
        return np.moveaxis(self.series.values(np.moveaxis(np.asarray(answer), -1, 0)), 0, -1)

    def text(self, answer: Any) -> str:
        """The next step and the last one of each of the first series: `passengers 412 [390, 431] ...`."""
        values, said = self.values(answer), []
        for v, name in enumerate(self.series.names[:3]):
            first, last = (f"{m:.4g} [{low:.4g}, {high:.4g}]" for low, m, high in values[[0, -1], v])
            said.append(f"{name}: next {first}, in {self.horizon} steps {last}")
        return "; ".join(said)

    def to_json(self, answer: Any) -> dict[str, Any]:
        """Lists of H numbers by series and level: `{"passengers": {"0.1": [...]}}`."""
        values = self.values(answer)
        return {
            name: {f"{level:g}": values[:, v, q].tolist() for q, level in enumerate(self.levels)}
            for v, name in enumerate(self.series.names)
        }

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a CSV file with a row for each step and a column for each quantile of each series."""
        path, values = folder / f"{stem}.csv", self.values(answer)
        names = [f"{name} {level:g}" for name in self.series.names for level in self.levels]
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = [[i + 1, *row] for i, row in enumerate(values.reshape(len(values), -1).tolist())]
            csv.writer(file).writerows([["step", *names], *rows])
        return path
