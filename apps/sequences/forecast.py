"""What comes next in a series of numbers: a chaotic one, or a column of your own file.

The first two thirds of the series are learned from; the last third is held out, so nobody looks ahead. The
series that is built in is synthetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor

from apps.sequences import learning
from apps.sequences.answers import Answers
from apps.sequences.learning import Drawn, SequenceTask, judged
from sandbox.data import number_column, sequences
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.settings import setting
from sandbox.task import Baseline

LEARNED = 2 / 3
VALUES = 3_000
"""Of the series that is built in."""


@dataclass(frozen=True, kw_only=True)
class Settings(learning.Settings):
    """What can be chosen about a training."""

    length: int = setting(
        30, "time steps that are read before the next value is asked for", low=2, high=learning.LONGEST
    )
    column: str = setting("", "name or number of the column in your file; by default its last one of numbers")


@dataclass(frozen=True)
class Series:
    """A series, scaled by what is learned from."""

    learned: Tensor
    """(N,), with mean 0 and standard deviation 1."""
    held_out: Tensor
    """(M,), scaled in the same way."""
    mean: float
    std: float
    synthetic: bool


class Forecast(SequenceTask[Settings]):
    """The next value of a series."""

    title = "Can a network say what comes next?"
    answers: ClassVar[Answers] = Answers(kind="number", tolerance=0.1)
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.01, "attention": 0.003}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(steps=800), "long": Settings(length=100)}

    def draw(
        self,
        settings: Settings,
        data: str | None,
        count: int,
        generator: torch.Generator,
        *,
        held_out: bool,
    ) -> Drawn:
        """Windows of the series at random places, and the value behind each."""
        found = series(data, settings.column, settings.length)
        values = found.held_out if held_out else found.learned
        windows = values.unfold(0, settings.length + 1, 1)
        if held_out:  # each once, evenly spread
            rows = torch.linspace(0, len(windows) - 1, min(count, len(windows))).long()
        else:
            rows = torch.randint(0, len(windows), (count,), generator=generator)
        chosen = windows[rows, :, None]
        return Drawn(chosen[:, :-1], chosen[:, -1:])

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """Who says that everything stays as it is."""
        test = self.held_out(settings, data)
        metrics = judged(self.answers, test.inputs[:, -1:], test.targets, "")
        return Baseline(name="the same again", metrics=metrics)


def series(data: str | None, column: str, length: int) -> Series:
    """The series and its scale.

    Raises:
        UserError: the file cannot be used, or has too few numbers for windows of this length; says why.
    """
    file = typed_path(data) if data else None
    return _series(data, column, length, file.stat().st_mtime if file and file.is_file() else 0.0)


@lru_cache(maxsize=8)
def _series(data: str | None, column: str, length: int, written: float) -> Series:
    """`written` is when the file was: a changed one is read again."""
    if data is None:
        values = sequences.mackey_glass(VALUES).float()
    else:
        values = torch.from_numpy(number_column.read(typed_path(data), column)).float()
    cut = int(LEARNED * len(values))
    if min(cut, len(values) - cut) < length + 2:
        raise UserError(
            f"{data} has {len(values)} numbers; sequences of {length} steps need at least {3 * (length + 2)}."
        )
    mean, std = float(values[:cut].mean()), float(values[:cut].std())
    if std == 0:
        raise UserError(f"{data} says the same number all the time; there is nothing to learn.")
    scaled = (values - mean) / std
    return Series(scaled[:cut], scaled[cut:], mean, std, synthetic=data is None)


TASK = Forecast()
