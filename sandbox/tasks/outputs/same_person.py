"""Same person or not: the distance of two faces, and the threshold that it is held to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True)
class SamePerson:
    """An answer is an array (1,): a cosine distance, 0 for the same direction and 2 for the opposite one.

    Attributes:
        threshold: largest distance that counts as the same person.
    """

    threshold: float
    kind: ClassVar[str] = "same_person"

    def same(self, answer: Any) -> bool:
        """Whether it counts as the same person."""
        return float(np.ravel(answer)[0]) <= self.threshold

    def text(self, answer: Any) -> str:
        """Such as `same person: distance 0.21, threshold 0.43`."""
        said = "same person" if self.same(answer) else "different people"
        return f"{said}: distance {float(np.ravel(answer)[0]):.3f}, threshold {self.threshold:.3f}"

    def to_json(self, answer: Any) -> dict[str, float | bool]:
        """`same`, `distance` and `threshold`."""
        return {
            "same": self.same(answer),
            "distance": float(np.ravel(answer)[0]),
            "threshold": self.threshold,
        }

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the JSON form."""
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(self.to_json(answer), indent=2) + "\n", encoding="utf-8")
        return path
