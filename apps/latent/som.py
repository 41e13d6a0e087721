"""A sheet of units unfolds over colours or digits until neighbours stand for what is alike: a SOM."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from apps.latent import figures, pictures
from sandbox.blocks.som import SOM
from sandbox.data.as_input import as_input
from sandbox.data.batches import ShuffledBatches
from sandbox.data.formats import images as image_files
from sandbox.data.sketch import Style, style_of
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, MOST_STEPS, setting
from sandbox.statistics import bootstrap_interval
from sandbox.task import Baseline, Task, Training
from sandbox.training.competitive import Competitive

COLOURS, MOST_COLOURS = "colours", 6_000
MOST_UNITS = 2_500
HELD_OUT = 1 / 3
LIVE = 600


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
    split_seed: int = setting(0, "decides which third of the data is held out", low=0, high=LARGEST_SEED)
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


@dataclass(frozen=True)
class Examples:
    """What the sheet unfolds over."""

    name: str
    known: Tensor
    """(N, D) in [0, 1]."""
    held: Tensor
    shape: tuple[int, int, int]
    """`(C, H, W)` of an example; a colour is a picture of one pixel."""
    labels: Tensor | None = None
    """Class of each known example."""
    held_labels: Tensor | None = None
    classes: tuple[str, ...] = ()
    synthetic: bool = False
    style: Style | None = None
    """Of handwriting; None for photos and colours."""
    notes: tuple[str, ...] = ()
    """What was left out or changed while reading, one sentence each."""


def load(settings: Settings, data: str | None) -> Examples:
    """Examples to learn from and held-out ones.

    Args:
        settings: size and split.
        data: `colours` (also None): random ones; `digits`; a picture file, for its pixels; or a folder, as
            `pictures.load` takes it.

    Raises:
        UserError: there is no such set, file or folder, or it cannot be read.
    """
    if data not in (None, COLOURS) and not (data is not None and typed_path(data).is_file()):
        images = pictures.load(data, size=settings.size, split_seed=settings.split_seed)
        return Examples(
            images.name,
            images.train_images.flatten(1),
            images.test_images.flatten(1),
            pictures.shape_of(images),
            images.train_labels,
            images.test_labels,
            images.classes,
            style=style_of(images),
            notes=images.notes,
        )
    generator = torch.Generator().manual_seed(settings.split_seed)
    if data in (None, COLOURS):
        pixels = torch.rand(3000, 3, generator=generator)
    else:
        path = typed_path(str(data))
        picture = torch.from_numpy(image_files.read(path).copy())
        every = picture.flatten(0, 1).unique(dim=0).float() / 255  # equal colours would be on both sides
        pixels = every[torch.randperm(len(every), generator=generator)[:MOST_COLOURS]]
        if len(pixels) < 12:
            raise UserError(f"{path} has {len(pixels)} different colours; at least 12 are needed.")
    cut = len(pixels) - int(HELD_OUT * len(pixels))
    name = COLOURS if data in (None, COLOURS) else Path(str(data)).name
    return Examples(name, pixels[:cut], pixels[cut:], (3, 1, 1), synthetic=name == COLOURS)


class Sheet:
    """A trained map.

    Attributes:
        som: the map.
        shape: `(C, H, W)` of an example.
        style: of handwriting; None for photos and colours.
    """

    def __init__(self, som: SOM, shape: tuple[int, int, int], style: Style | None = None) -> None:
        self.som, self.shape, self.style = som, shape, style

    @torch.no_grad()
    def winners(self, rows: Tensor) -> Tensor:
        """The unit nearest to each example, counted row by row."""
        return self.som.winners(rows)

    def predict(self, image: Any) -> dict[str, float]:
        """Row and column of the unit that is nearest to a picture, or to its mean colour; see `as_input`.

        Raises:
            PictureError: it cannot be read.
        """
        seen = torch.from_numpy(as_input(image, self.shape, self.style))
        unit = int(self.winners(seen.flatten()[None])[0])
        row, column = divmod(unit, self.som.shape[1])
        return {"row": float(row + 1), "column": float(column + 1)}

    predict_file = predict


class Unfold(Task[Settings]):
    """A map of colours or pictures."""

    title = "How does a sheet find the order of colours?"
    metric = "test_explained"
    data_sets: ClassVar[Collection[str]] = (COLOURS, "digits")
    presets: ClassVar[Mapping[str, Settings]] = {
        "sheet": Settings(),
        "online": Settings(rule="online", batch_size=32, steps=400),
    }

    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the examples and lay the sheet; see `Task.prepare`."""
        examples = load(settings, data)
        known, held = examples.known.to(device), examples.held.to(device)
        som = SOM(known.shape[1], settings.rows, settings.columns).to(device)
        if settings.start == "flat":
            som.initialise(known)
        else:  # around the middle, so that the sheet is seen to unfold
            som.codebook.mul_(0.2).add_(known.mean(0) - 0.1)
        middle, some = known.mean(0), held[:: -(-len(held) // LIVE)]
        return Training(
            learner=Competitive(som, settings.steps, rule=settings.rule),
            batches=ShuffledBatches(known, batch_size=settings.batch_size, seed=seed),
            total=settings.steps,
            evaluate=lambda: {
                **figures.quickly(some, nearest(som.codebook, some), middle),
                "test_quantisation": som.quantisation_error(some),
                "test_topographic": som.topographic_error(some),
            },
            test=lambda: {
                **figures.rebuilt(held, nearest(som.codebook, held), middle),
                **with_errors(som, held),
            },
            threads=1 if device.type == "cpu" else None,
            notes=examples.notes,
            meta={
                "shape": examples.shape,
                "rows": settings.rows,
                "columns": settings.columns,
                "data": examples.name,
                "style": examples.style.to_json() if examples.style else None,
            },
        )

    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """k-means with as many centres as the sheet has units; they have no neighbours."""
        examples = load(settings, data)
        centres = k_means(examples.known, settings.rows * settings.columns)
        answers = nearest(centres, examples.held)
        found = figures.rebuilt(examples.held, answers, examples.known.mean(0))
        apart = (examples.held - answers).norm(dim=1)
        return Baseline(name="k-means", metrics=found | _interval("test_quantisation", apart))

    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Sheet:
        """A `Sheet` from a checkpoint."""
        shape: Any = tuple(meta["shape"])
        som = SOM(torch.Size(shape).numel(), meta["rows"], meta["columns"])
        som.load_state_dict(dict(tensors))
        return Sheet(som.eval(), shape, pictures.style_from(meta))


def with_errors(som: SOM, held: Tensor) -> dict[str, float]:
    """Quantisation and topographic error with their 95 % intervals over held-out examples."""
    apart, order = som(held).topk(min(2, len(som.codebook)), largest=False)
    found = _interval("test_quantisation", apart[:, 0])
    near = torch.cdist(som.places, som.places) < 1.5
    folded = ~near[order[:, 0], order[:, -1]]
    return found | _interval("test_topographic", folded.float())


def nearest(centres: Tensor, rows: Tensor) -> Tensor:
    """The centre nearest to each row."""
    return centres[torch.cdist(rows, centres).argmin(1)]


def k_means(known: Tensor, count: int, seed: int = 0) -> Tensor:
    """Centres (count, D) of rows, by scikit-learn."""
    from sklearn.cluster import KMeans

    model = KMeans(min(count, len(known)), random_state=seed).fit(known.numpy())
    return torch.from_numpy(model.cluster_centers_).float()


def _interval(name: str, values: Tensor) -> dict[str, float]:
    interval = bootstrap_interval(values.double().cpu().numpy())
    return interval.metrics(name)


TASK = Unfold()
