"""A sheet of units unfolds over colours or digits until neighbours stand for what is alike: a SOM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.baselines.k_means import KMeans
from sandbox.blocks.som import SOM
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import images as formats
from sandbox.data.handwriting import style_of
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.metrics.scores import Metric, Scores
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.tasks.families import pictures
from sandbox.tasks.families.pictures import DIGITS, OWN_PICTURES, PictureSplit
from sandbox.tasks.families.representation import TrainedMap, map_scores
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import About, Examples, Split
from sandbox.tasks.task import Task, Training
from sandbox.training.competitive import Competitive

COLOURS, MOST_COLOURS = "colours", 6_000
MOST_UNITS = 2_500
UNSEEN = 1 / 3


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be chosen about a training."""

    rows: int = setting(12, "units down", low=1, high=MOST_UNITS)
    columns: int = setting(16, "units across", low=1, high=MOST_UNITS)
    rule: Literal["online", "batch"] = setting(
        "batch", "one example after the other, or all of a minibatch at once"
    )
    start: Literal["random", "flat"] = setting(
        "random",
        "where the sheet begins: crumpled at random, or flat along the two directions of largest variance",
    )
    size: int = setting(16, "side to which pictures from a folder are scaled, in pixels", low=1, high=1024)
    split_seed: int = setting(0, "decides which third of the data is unseen", low=0, high=LARGEST_SEED)
    steps: int = setting(300, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = setting(256, "examples in a minibatch", low=1, high=MOST_EXAMPLES)

    def check_together(self) -> None:
        """Refuse a sheet of too many units.

        Raises:
            UserError: says how many there may be.
        """
        if self.rows * self.columns > MOST_UNITS:
            raise UserError(
                f"A sheet has at most {MOST_UNITS:,} units, not {self.rows * self.columns:,}; "
                "lower rows or columns."
            )


class Unfold(Task[Settings, Tensor, NDArray[np.float32]]):
    """A map of colours or pictures."""

    title = "How does a sheet find the order of things?"
    method = "self-organising map"
    says = "its units are **{value}** from {count} unseen {things}, on average"
    says_other = "those of k-means are **{value}** from them"
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 60, "rows": 3, "columns": 3}
    metric = Metric(
        "quantisation",
        "quantisation error",
        higher_is_better=False,
        digits=3,
        help="The distance from an unseen example to its unit: how fine the map is.",
    )
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(COLOURS, "random colours", "3,000 colours drawn at random.", synthetic=True),
        DIGITS,
        OwnData(
            "the colours of my picture",
            "A picture; its colours are what the sheet learns.",
            files=formats.ENDINGS,
            things="colours",
        ),
        OWN_PICTURES,
    )
    presets: ClassVar[Mapping[str, Settings]] = {
        "sheet": Settings(),
        "online": Settings(rule="online", batch_size=32, steps=400),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"sheet": "batch rule", "online": "online rule"}

    def load(self, settings: Settings, source: str | None) -> PictureSplit:
        """Random colours, those of a picture, or pictures; an example is its own target."""
        if source not in (None, COLOURS) and not typed_path(str(source)).is_file():
            images = pictures.load(self.sources, source, size=settings.size, split_seed=settings.split_seed)
            return PictureSplit(
                train=Examples(images.train_images, images.train_images),
                test=Examples(images.test_images, images.test_images),
                about=pictures.about(images),
                images=images,
                style=style_of(images),
            )
        generator = torch.Generator().manual_seed(settings.split_seed)
        if source in (None, COLOURS):
            colours, name = torch.rand(3000, 3, generator=generator), COLOURS
        else:
            colours, name = _of_picture(typed_path(str(source)), generator), Path(str(source)).name
        cut = len(colours) - int(UNSEEN * len(colours))
        train, test = colours[:cut, :, None, None], colours[cut:, :, None, None]
        return PictureSplit(
            train=Examples(train, train),
            test=Examples(test, test),
            about=About(name, "colours", synthetic=source in (None, COLOURS)),
        )

    def prepare(
        self, settings: Settings, split: Split[Tensor, Any], *, seed: int, device: torch.device
    ) -> Training:
        """Lay the sheet."""
        assert isinstance(split, PictureSplit)
        rows = split.train.inputs.flatten(1).to(device)
        som = SOM(rows.shape[1], settings.rows, settings.columns).to(device)
        if settings.start == "flat":
            som.initialise(rows)
        else:  # around the middle, so that the sheet is seen to unfold
            som.codebook.mul_(0.2).add_(rows.mean(0) - 0.1)
        return Training(
            learner=Competitive(som, settings.steps, rule=settings.rule),
            predictor=TrainedMap(som, split.shape, split.style, rows.mean(0).cpu()),
            batches=ShuffledBatches(rows, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            threads=1 if device.type == "cpu" else None,
            meta={"rows": settings.rows, "columns": settings.columns, **split.meta()},
        )

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> TrainedMap:
        """The map of a checkpoint."""
        shape: Any = tuple(meta["shape"])
        som = SOM(torch.Size(shape).numel(), meta["rows"], meta["columns"])
        som.load_state_dict(dict(tensors))
        return TrainedMap(som.eval(), shape, pictures.style_from(meta), pictures.mean_from(meta))

    def measure(
        self, predictor: Predictor[Tensor, Any], examples: Examples[Tensor, Tensor]
    ) -> Mapping[str, Scores]:
        """See `map_scores`."""
        return map_scores(predictor, examples)

    def baselines(
        self, settings: Settings, split: Split[Tensor, Any]
    ) -> Mapping[str, Predictor[Tensor, Any]]:
        """k-means with as many centres as the sheet has units; they have no neighbours."""
        assert isinstance(split, PictureSplit)
        image = Image(split.shape, split.style)
        return {"k-means": KMeans(split.train.inputs, settings.rows * settings.columns, image)}


def _of_picture(path: Path, generator: torch.Generator) -> Tensor:
    """Different colours of a picture's pixels, (N, 3), in random order."""
    picture = torch.from_numpy(formats.read(path).copy())
    every = picture.flatten(0, 1).unique(dim=0).float() / 255  # equal colours would be on both sides
    if len(every) < 12:
        raise UserError(f"{path} has {len(every)} different colours; at least 12 are needed.")
    return every[torch.randperm(len(every), generator=generator)[:MOST_COLOURS]]


TASK = Unfold()
