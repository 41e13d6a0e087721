"""Sort single pixels of a satellite picture by their light and their neighbours', in made lands or Landsat's.

A row is a square of 3 x 3 pixels, and its class is the ground in the middle. That is how Statlog's table of
real Landsat pixels is made, with four bands; Recon's made lands give three colours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.baselines.neighbours import Neighbours
from sandbox.data import sets
from sandbox.data.class_table import ClassTable
from sandbox.errors import UserError
from sandbox.files import path_text, typed_path
from sandbox.tasks.families.tabular import OWN_TABLE, RowSplit, Tabular, TabularSettings, split_of
from sandbox.tasks.inputs.row import Row
from sandbox.tasks.outputs.probabilities import Probabilities
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, named, public

LANDSAT = "statlog-landsat"
GROUNDS = {
    1: "red soil",
    2: "cotton crop",
    3: "grey soil",
    4: "damp grey soil",
    5: "vegetation stubble",
    7: "very damp grey soil",
}
"""Statlog's classes by number; there is no example of 6, a mixture."""
BANDS = ("green", "red", "infrared 1", "infrared 2")
COLOURS = ("red", "green", "blue")
PLACES = (
    *("top left", "top", "top right"),
    *("left", "middle", "right"),
    *("bottom left", "bottom", "bottom right"),
)
VOTES = 3
"""Neighbours that are asked: as many as in Statlog's own comparison."""
LANDS, TEST_LANDS, PIXELS = 24, 12, 150
"""Made lands to learn from and to test on, and pixels of each."""
TEST_SEED = 2**32
"""Added to the seed of the unseen lands."""


class Pixels(Tabular):
    """The ground of a pixel, by an MLP or an RBFN."""

    title = "Which ground does a single pixel show?"
    method = "single pixels"
    presets: ClassVar[Mapping[str, TabularSettings]] = {
        "mlp": TabularSettings(hidden=(96, 48), weight_decay=0.02, hide=0.02, aside=0.0),
        "rbfn": TabularSettings(block="rbfn", learning_rate=0.02, centres=200),
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 100}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "recon",
            "pixels of made lands",
            "Squares of 3 x 3 pixels of the environment Recon's pictures; unseen ones are of other lands.",
            synthetic=True,
        ),
        *public(LANDSAT),
        OWN_TABLE,
    )
    references: ClassVar[Sequence[Reference]] = tuple(
        Reference(figure=figure, method=method, source="Statlog, satimage.names", data=LANDSAT)
        for figure, method in (
            ("90.6 %", "k nearest neighbours, accuracy"),
            ("86.1 %", "backpropagation, accuracy"),
        )
    )

    def load(self, settings: Any, source: str | None) -> RowSplit:
        """A named table, a CSV file, or a folder with Statlog's two files."""
        if source is not None and (typed_path(source) / "sat.trn").is_file():
            return split_of(landsat(typed_path(source)))
        split = super().load(settings, source)
        is_made = named(self.sources, source) == self.sources[0]
        return replace(split, about=replace(split.about, synthetic=is_made))

    def load_named(self, settings: TabularSettings, source: Source) -> ClassTable:
        """Statlog's Landsat as its makers split it, or pixels of made lands."""
        if source.public:
            return landsat(sets.here(source.name))
        return made(settings.split_seed)

    def baselines(self, settings: Any, split: Any) -> Mapping[str, Predictor[Any, Any]]:
        """Those of the family, and the vote of the nearest rows."""
        row, output = Row(split.columns), Probabilities(split.classes)
        known = row.features(split.train.inputs), split.train.targets
        vote = Neighbours(*known, row, output, VOTES, row.features)
        return {**super().baselines(settings, split), "nearest-neighbour vote": vote}


def landsat(folder: Path) -> ClassTable:
    """Statlog's Landsat, split as it was given: 4,435 rows to learn from, 2,000 unseen.

    Raises:
        UserError: a file is missing, or is not what it should be.
    """
    parts = []
    for name in ("sat.trn", "sat.tst"):
        try:
            rows = np.loadtxt(folder / name, delimiter="\t", skiprows=1, ndmin=2, dtype=np.float32)
        except (OSError, ValueError) as error:
            raise UserError(f"{path_text(folder / name)} is missing or no table of Statlog's.") from error
        if rows.shape[1] != len(PLACES) * len(BANDS) + 1 or not set(rows[:, -1].tolist()) <= set(GROUNDS):
            raise UserError(f"{path_text(folder / name)} has no 36 columns and a class of Statlog's.")
        rows[:, -1] = np.searchsorted(list(GROUNDS), rows[:, -1])
        parts.append(rows)
    licence = sets.find(LANDSAT).licence
    return _table("Statlog Landsat", BANDS, tuple(GROUNDS.values()), *parts, source=licence)


def made(seed: int) -> ClassTable:
    """Pixels of Recon's lands, as many of each land; unseen ones are of other lands."""
    from apps.satellite import lands

    parts = []
    for count, extra in ((LANDS, 0), (TEST_LANDS, TEST_SEED)):
        generator = np.random.default_rng(seed + extra)
        examples, rows = lands.draw(count, seed + extra, 0.0), []
        for photo, mask in zip(examples.inputs, examples.targets, strict=True):
            some = generator.choice(mask.size, PIXELS, replace=False)
            around = nine(photo).reshape(mask.size, -1)[some]
            rows.append(np.column_stack([np.round(255 * around), mask.ravel()[some]]))
        parts.append(np.concatenate(rows).astype(np.float32))
    return _table("pixels of made lands", COLOURS, lands.CLASSES, *parts)


def nine(photo: NDArray[np.floating]) -> Float[np.ndarray, "H W F"]:
    """The colours of each pixel of a photo (C, H, W) and of its eight neighbours, row by row."""
    height, width = photo.shape[1:]
    padded = np.pad(photo, ((0, 0), (1, 1), (1, 1)), mode="edge")
    shifted = [padded[:, r : r + height, c : c + width] for r in range(3) for c in range(3)]
    return np.concatenate(shifted).transpose(1, 2, 0)


def _table(
    name: str,
    bands: Sequence[str],
    classes: tuple[str, ...],
    train: NDArray[np.float32],
    test: NDArray[np.float32],
    source: str = "",
) -> ClassTable:
    """Rows whose last number is the class, already split."""
    names = tuple(f"{place}, {band}" for place in PLACES for band in bands)
    return ClassTable(
        name=name,
        names=names,
        levels=(None,) * len(names),
        classes=classes,
        train=train[:, :-1],
        train_labels=train[:, -1].astype(np.int64),
        test=test[:, :-1],
        test_labels=test[:, -1].astype(np.int64),
        source=source,
    )


TASK = Pixels()
