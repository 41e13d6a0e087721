"""Answers over time: numbers, symbols or bits at the last steps of a sequence, of one network or several."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from sandbox.metrics.answers import What, decided


@dataclass(frozen=True, kw_only=True)
class Answers:
    """An answer is an array (M, A, O): what M networks say at the last A time steps.

    Attributes:
        what: numbers (O = 1), scores of symbols, or the log-odds of a 1 (O = 1).
        tolerance: a number within this is correct; 0.04 is Hochreiter & Schmidhuber's for the adding problem.
        names: of the networks; none for a single one that needs no name.
        title: what is answered: `the sum`.
        symbols: a character each.
        scale: mean and standard deviation that numbers were scaled by.
        count: answers in a sequence of the length that was learned, A.
        length: that length.
        grows: whether a longer sequence has more answers.
    """

    what: What
    tolerance: float = 0.04
    names: Sequence[str] = ()
    title: str = "answer"
    symbols: str = ""
    scale: tuple[float, float] = (0.0, 1.0)
    count: int = 1
    length: int = 1
    grows: bool = False
    kind: ClassVar[str] = "answers"

    def answered(self, length: int) -> int:
        """How many of the last steps of a sequence are answered."""
        return self.count + (length - self.length if self.grows else 0)

    def values(self, answer: Any) -> list[list[float]]:
        """What each network answers, in the units of the data."""
        found = decided(self.what, torch.as_tensor(np.asarray(answer))).tolist()
        mean, std = self.scale
        return [[mean + std * value for value in row] for row in found] if self.what == "number" else found

    def text(self, answer: Any) -> str:
        """All answers: `lstm ABCDE  rnn ABCAA`, or `the sum 1.234`."""
        rows = self.to_json(answer)
        return "  ".join(
            f"{name} {row if isinstance(row, str) else _words(row)}" for name, row in rows.items()
        )

    def to_json(self, answer: Any) -> dict[str, Any]:
        """Answers by network: numbers, or a string of symbols or bits."""
        names = self.names or [self.title]
        return {name: self._plain(row) for name, row in zip(names, self.values(answer), strict=True)}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a CSV file with a row for each network."""
        path = folder / f"{stem}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([name, *row] for name, row in self.to_json(answer).items())
        return path

    def _plain(self, row: Sequence[float]) -> Any:
        if self.what == "number":
            return list(row)
        return "".join(self.symbols[int(value)] if self.symbols else str(int(value)) for value in row)


def _words(numbers: Sequence[float]) -> str:
    return " ".join(f"{number:.4g}" for number in numbers)
