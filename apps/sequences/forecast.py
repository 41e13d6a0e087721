"""What comes next in a series of numbers: a chaotic one, or a column of your own file.

The first two thirds of the series are for training; the last third is unseen, so nobody looks ahead. The
series that is built in is synthetic. `series/forecast` answers with many steps at once, and with a band.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from sandbox.baselines.constant import LastValue
from sandbox.data import numeric_column, sequences
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.answers import SQUARED_ERROR
from sandbox.settings import setting
from sandbox.tasks.families.sequence_answering import LONGEST, TESTED, SequenceAnswering, SequenceSettings
from sandbox.tasks.inputs.sequence import Channel, SequenceInput
from sandbox.tasks.outputs.answers import Answers
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, named
from sandbox.tasks.split import About, Examples, Split

LEARNED = 2 / 3
VALUES = 3_000
"""Of the series that is built in."""


@dataclass(frozen=True, kw_only=True)
class Settings(SequenceSettings):
    """What can be chosen about a training."""

    length: int = setting(30, "time steps that are read before the answer", low=2, high=LONGEST)
    column: str = setting("", "name or number of the column in your file; by default its last one of numbers")


@dataclass(frozen=True, kw_only=True)
class SeriesSplit(Split[Tensor, Tensor]):
    """Windows (N, T, 1) of a series, scaled by its training part, with the value behind each.

    Attributes:
        scale: mean and standard deviation of the training part.
    """

    scale: tuple[float, float]


class Forecast(SequenceAnswering[Settings]):
    """The next value of a series."""

    title = "Can a network predict what comes next?"
    method = "what comes next"
    curve = SQUARED_ERROR
    answers: ClassVar[Answers] = Answers(what="number", tolerance=0.1, title="the next value")
    rates: ClassVar[Mapping[str, float]] = {"rnn": 0.003, "lstm": 0.01, "attention": 0.003}
    code = (*SequenceAnswering.code, sequences.mackey_glass)
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 200, "length": 12, "hidden": 16}
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings(steps=800), "long": Settings(length=100)}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("mackey-glass", "a chaotic series", "A chaotic series (Mackey & Glass 1977).", synthetic=True),
        OwnData(
            "my own series",
            "A CSV or text file with a column of numbers; the setting *Column* says which.",
            files=(".csv", ".txt", ".tsv"),
        ),
    )

    def load(self, settings: Settings, source: str | None) -> SeriesSplit:
        """The windows of a series, those of its last third unseen.

        Raises:
            UserError: the file cannot be used, or has too few numbers for windows of this length; says why.
        """
        built_in = named(self.sources, source)
        if built_in is not None:
            values, name = sequences.mackey_glass(VALUES).float(), built_in.title
        else:
            name = str(source)
            values = torch.from_numpy(numeric_column.read(typed_path(name), settings.column)).float()
        length, cut = settings.length, int(LEARNED * len(values))
        if min(cut, len(values) - cut) < length + 2:
            raise UserError(
                f"{name} has {len(values)} numbers; "
                f"sequences of {length} steps need at least {3 * (length + 2)}."
            )
        mean, std = float(values[:cut].mean()), float(values[:cut].std())
        if std == 0:
            raise UserError(f"{name} has the same number everywhere; there is nothing to learn.")
        scaled = (values - mean) / std
        train, test = (part.unfold(0, length + 1, 1)[..., None] for part in (scaled[:cut], scaled[cut:]))
        # Each window once, evenly spread.
        test = test[torch.linspace(0, len(test) - 1, min(TESTED, len(test))).long()]
        return SeriesSplit(
            train=Examples(train[:, :-1], train[:, -1:]),
            test=Examples(test[:, :-1], test[:, -1:]),
            about=About(name, "sequences", synthetic=built_in is not None),
            scale=(mean, std),
        )

    def meta(self, settings: Settings, split: Split[Tensor, Any]) -> dict[str, Any]:
        """With the scale of the series."""
        assert isinstance(split, SeriesSplit)
        ends = float(split.test.inputs.min()), float(split.test.inputs.max())
        return {**super().meta(settings, split), "scale": split.scale, "range": ends}

    def input(self, meta: Mapping[str, Any]) -> SequenceInput:
        """Numbers in the units of the file."""
        ends, scale = tuple(meta.get("range", (-3.0, 3.0))), tuple(meta.get("scale", (0.0, 1.0)))
        return SequenceInput(
            length=meta["length"],
            channels=(Channel(name="series", what="number", range=ends, scale=scale),),
            prompt="A piece of the series. The answer is the next number.",
            example="numbers in the units of the file",
        )

    def output(self, meta: Mapping[str, Any], names: Sequence[str] = ()) -> Answers:
        """A number in the units of the file."""
        return replace(super().output(meta, names), scale=tuple(meta.get("scale", (0.0, 1.0))))

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """Answering with the last value, as if nothing changed."""
        meta = self.meta(settings, split)
        return {"last value again": LastValue(self.input(meta), self.output(meta))}


TASK = Forecast()
