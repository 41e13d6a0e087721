"""Lines of handwriting into text: what every task of this kind shares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from sandbox.baselines.cut_by_gaps import CutByGaps
from sandbox.baselines.nearest_line import NearestLine
from sandbox.data import digit_lines, idx, photo_folder, sets
from sandbox.data.augment import jitter
from sandbox.data.batches import ShuffledBatches
from sandbox.data.digit_lines import Digits, Layout
from sandbox.data.formats import described_images
from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError
from sandbox.files import path_text, typed_path
from sandbox.metrics.scores import Metric, Scores
from sandbox.metrics.transcription import CHARACTER_ERRORS, transcription_scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, WIDEST, setting
from sandbox.tasks.families.line_network import BLANK, LineNetwork, LineReader, ctc
from sandbox.tasks.inputs.line import Line
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.schedules import warmup_cosine
from sandbox.training.supervised import Supervised

SAMPLE = 400
"""Lines of those to learn from that are shown; each step makes new ones."""
OWN_LINES = OwnData(
    "my own lines",
    "A folder, or a zip of it, with a picture of each line and a CSV file with a picture's name and its text "
    "in each row; or MNIST's four files, of which lines are made.",
    files=(".zip",),
    things="pictures of lines",
)


@dataclass(frozen=True, kw_only=True)
class LineSettings:
    """What can be chosen about a training."""

    columns: int = setting(
        192, "pixels from left to right in a line's picture; it has 32 rows", low=64, high=1_024
    )
    shortest: int = setting(5, "digits of a line that is made, at least", low=1, high=20)
    longest: int = setting(9, "digits of a line that is made, at most", low=1, high=20)
    lines: int = setting(600, "unseen lines of digits that are made to test on", low=20, high=MOST_EXAMPLES)
    split_seed: int = setting(0, "decides which digits or lines are unseen", low=0, high=LARGEST_SEED)
    steps: int = setting(500, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(48, "lines in a minibatch", low=1, high=MOST_EXAMPLES)
    channels: tuple[int, ...] = setting(
        (16, 32, 48),
        "filters of each convolution; the first two halve height and width",
        low=1,
        high=512,
        count=(1, 5),
    )
    hidden: int = setting(64, "numbers in the state of each of the two LSTMs", low=2, high=WIDEST)
    dropout: float = setting(0.0, "chance of zeroing a number, against learning by heart", low=0, below=1)
    learning_rate: float = setting(
        0.01, "largest step size of AdamW; it rises, then falls to 0 along a cosine", above=0, high=10
    )
    clip: float = setting(1.0, "largest norm of the gradient", above=0, high=1e6)

    def check_together(self) -> None:
        """Refuse lines that are longer at least than at most.

        Raises:
            UserError: they are.
        """
        if self.shortest > self.longest:
            raise UserError(f"shortest, {self.shortest}, is more than longest, {self.longest}.")

    @property
    def layout(self) -> Layout:
        """How large made lines are."""
        return Layout(*self.shape, self.shortest, self.longest)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a line."""
        return HEIGHT, self.columns // 4 * 4


HEIGHT = 32
"""Of a line's picture, in pixels."""


@dataclass(frozen=True, kw_only=True)
class LineSplit(Split[Tensor, str]):
    """Lines (N, 1, H, W) with their texts.

    Attributes:
        characters: that occur in the lines to learn from.
        digits: from which lines are made while it learns; None where they are given.
    """

    characters: str
    digits: Digits | None = None


class MadeLines:
    """Minibatches of new lines, each a function of the seed and the step alone."""

    def __init__(
        self, digits: Digits, characters: str, settings: LineSettings, seed: int, device: torch.device
    ):
        self.digits, self.characters, self.settings, self.seed = digits, characters, settings, seed
        self.device = device

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Pictures (B, 1, H, W), and what they say, (B, S)."""
        pictures, texts = digit_lines.lines(
            self.digits, self.settings.batch_size, (self.seed, 2, step), self.settings.layout
        )
        wanted = numbered(texts, self.characters)
        return torch.from_numpy(pictures).to(self.device), wanted.to(self.device)


class LineReading(Task[LineSettings, Tensor, str]):
    """A task that reads lines; it says its data in `load_named`."""

    metric: ClassVar[Metric] = CHARACTER_ERRORS
    says: ClassVar[str] = "it reads **{value}** of the characters of {count} unseen {things} wrongly"
    says_other: ClassVar[str] = "{name} **{value}**"
    live: ClassVar[int] = 100
    spoilt: ClassVar[int] = 120
    tiny: ClassVar[Mapping[str, Any]] = {
        "steps": 60,
        "batch_size": 16,
        "shortest": 2,
        "longest": 4,
        "lines": 40,
        "channels": (8, 16, 24),
        "hidden": 16,
        "columns": 96,
        "learning_rate": 0.02,
    }
    split_settings: ClassVar[Collection[str] | None] = (
        "columns",
        "shortest",
        "longest",
        "lines",
        "split_seed",
    )
    sources: ClassVar[Sequence[Source | OwnData]] = (OWN_LINES,)

    def load_named(self, settings: LineSettings, source: Source) -> LabelledImages:
        """Single characters of one of the task's `sources`, of which lines are made.

        Raises:
            UserError: they cannot be had.
        """
        raise NotImplementedError(f"{type(self).__name__} names {source.name} and does not load it")

    def load(self, settings: LineSettings, source: str | None) -> LineSplit:
        """Lines of digits, or a folder of pictures with a table of their texts."""
        found = named(self.sources, source)
        if found is not None and found.public:
            return made(idx.load(sets.here(found.name)), settings, found.title)
        if found is not None:
            single = self.load_named(settings, found)
            return made(single, settings, found.title)
        folder = photo_folder.unpacked(typed_path(str(source)))
        if folder is None:
            raise unknown(self.sources, str(source))
        if idx.is_idx_folder(folder):
            return made(idx.load(folder), settings, f"lines of {path_text(folder.resolve().name)}")
        return own(folder, settings)

    def prepare(
        self, settings: LineSettings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Build the network and what teaches it."""
        assert isinstance(split, LineSplit)
        meta = {
            "characters": split.characters,
            "shape": settings.shape,
            "network": {
                "channels": settings.channels,
                "hidden": settings.hidden,
                "dropout": settings.dropout,
            },
            "data": split.about.name,
        }
        model = LineNetwork(settings.shape, len(split.characters), **meta["network"]).to(device)
        torch.nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
        if split.digits is not None:
            batches: Any = MadeLines(split.digits, split.characters, settings, seed, device)
        else:
            wanted = numbered([str(text) for text in split.train.targets], split.characters)
            batches = ShuffledBatches(
                split.train.inputs.to(device), wanted.to(device), batch_size=settings.batch_size, seed=seed
            )
        return Training(
            learner=Supervised(
                model,
                torch.optim.AdamW(
                    model.parameters(), lr=settings.learning_rate, fused=device.type in ("cpu", "cuda")
                ),
                ctc,
                schedule=warmup_cosine(settings.steps),
                clip=settings.clip,
                augment=None
                if split.digits
                else partial(jitter, degrees=2.0, scale=0.06, shift=0.02, shear=0.1),
            ),
            predictor=LineReader(model, settings.shape, split.characters),
            batches=batches,
            total=settings.steps,
            meta=meta,
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> LineReader:
        """The network of a checkpoint."""
        model = LineNetwork(meta["shape"], len(meta["characters"]), **meta["network"])
        model.load_state_dict(dict(tensors))
        return LineReader(model.eval(), meta["shape"], meta["characters"])

    def measure(
        self, predictor: Predictor[Tensor, str], examples: Examples[Tensor, Any]
    ) -> Mapping[str, Scores]:
        """See `transcription_scores`."""
        return transcription_scores(list(predictor.predict(examples.inputs)), examples.targets)

    def baselines(
        self, settings: LineSettings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, str]]:
        """Cut by gaps, with and without dividing what is too wide; of own lines, the most similar line."""
        assert isinstance(split, LineSplit)
        input = Line((1, *settings.shape))
        if split.digits is None:
            return {"nearest line": NearestLine(split.train.inputs, split.train.targets, input)}
        return {
            "segmentation by gaps and widths": CutByGaps(split.digits, input, divide=True),
            "segmentation by gaps": CutByGaps(split.digits, input, divide=False),
        }


def made(found: LabelledImages, settings: LineSettings, name: str) -> LineSplit:
    """Lines of single characters; those of unseen lines are in no line to learn from."""
    learned, unseen = digit_lines.parts(found)
    train, test = (
        Examples(torch.from_numpy(pictures), texts)
        for pictures, texts in (
            digit_lines.lines(digits, count, (settings.split_seed, part), settings.layout)
            for part, (digits, count) in enumerate(
                ((learned, min(SAMPLE, settings.lines)), (unseen, settings.lines))
            )
        )
    )
    return LineSplit(
        train=train,
        test=test,
        about=About(name, "lines", found.source, synthetic=True, notes=found.notes),
        characters="".join(sorted(set("".join(found.classes)))),
        digits=learned,
    )


def own(folder: Any, settings: LineSettings) -> LineSplit:
    """Pictures of lines, and their texts from a table."""
    found = described_images.load(folder, settings.split_seed)
    input = Line((1, *settings.shape))
    parts = [found.part(unseen) for unseen in (False, True)]
    train, test = (
        Examples(
            torch.from_numpy(np.stack([input.encode(picture) for picture in pictures])),
            [several[0] for several in texts],
        )
        for pictures, texts in parts
    )
    characters = "".join(sorted(set("".join(train.targets))))
    longest, frames = max(map(len, train.targets)), settings.shape[1] // 4
    if longest > frames:
        raise UserError(
            f"A line of {path_text(found.name)} has {longest} characters, and a picture with "
            f"{settings.columns} columns has {frames} frames; choose more --columns."
        )
    return LineSplit(
        train=train, test=test, about=About(found.name, "lines", notes=found.notes), characters=characters
    )


def numbered(texts: Sequence[str], characters: str) -> Tensor:
    """Texts as numbers of characters, from 1, filled up with `BLANK`: (N, longest)."""
    table = np.full((len(texts), max(map(len, texts))), BLANK, np.int64)
    for row, text in zip(table, texts, strict=True):
        row[: len(text)] = [characters.index(character) + 1 for character in text]
    return torch.from_numpy(table)
