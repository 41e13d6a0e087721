"""The probability of each class."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

SHOWN = 3
"""Classes that are printed, the most probable first."""


@dataclass(frozen=True)
class Probabilities:
    """An answer is an array (C,) that adds up to 1.

    Attributes:
        classes: their names, in the order of the numbers.
    """

    classes: Sequence[str]
    kind: ClassVar[str] = "probabilities"

    def text(self, answer: Any) -> str:
        """The three most probable classes: `7 96.1 %  1 2.0 %  2 0.4 %`."""
        best = sorted(zip(self.classes, answer, strict=True), key=lambda pair: -pair[1])[:SHOWN]
        return "  ".join(f"{name} {100 * float(share):.1f} %" for name, share in best)

    def to_json(self, answer: Any) -> dict[str, float]:
        """Probabilities by class."""
        return {name: float(share) for name, share in zip(self.classes, answer, strict=True)}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write the JSON form."""
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(self.to_json(answer), indent=2) + "\n", encoding="utf-8")
        return path
