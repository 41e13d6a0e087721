"""A series rebuilt from a few numbers, and how strange it is: what cannot be rebuilt was never seen."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.inputs.series import Series


@dataclass(frozen=True)
class RebuiltSeries:
    """An answer is an array (1 + T,): the anomaly score, then the series as it was rebuilt.

    Attributes:
        series: what was rebuilt, one at a time, and so the units.
        threshold: an alarm is raised from this score on.
    """

    series: Series
    threshold: float
    kind: ClassVar[str] = "rebuilt_series"

    def score(self, answer: Any) -> float:
        """The anomaly score."""
        return float(np.asarray(answer)[0])

    def rebuilt(self, answer: Any) -> NDArray[np.float64]:
        """The rebuilt series (T,) in the user's units."""
        return self.series.values(np.asarray(answer)[1:, None])[:, 0]

    def alarm(self, answer: Any) -> bool:
        """Whether the score reaches the threshold."""
        return self.score(answer) >= self.threshold

    def text(self, answer: Any) -> str:
        """Such as `unusual: score 0.412, alarm from 0.101`."""
        said = "unusual" if self.alarm(answer) else "normal"
        return f"{said}: score {self.score(answer):.3g}, alarm from {self.threshold:.3g}"

    def to_json(self, answer: Any) -> dict[str, Any]:
        """Score, threshold, whether that is an alarm, and the rebuilt series."""
        return {
            "score": self.score(answer),
            "threshold": self.threshold,
            "alarm": self.alarm(answer),
            "rebuilt": self.rebuilt(answer).tolist(),
        }

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a CSV file with the rebuilt series; its score is in the name of the column."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = [[f"{value:.9g}"] for value in self.rebuilt(answer)]
            csv.writer(file).writerows([[f"rebuilt, score {self.score(answer):.6g}"], *rows])
        return path
