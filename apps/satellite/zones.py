"""Map what covers the land in a satellite picture, also beneath clouds, and plan a route over it.

By default the pictures are those of the environment Recon, which are made. Test pictures show other lands: no
field, road, fire or cloud of theirs was learned from. The masks say what is there, whether a cloud hides it
or not, so under clouds the network can only guess from what is around. A route is planned on the hours that
its probabilities lead to expect, and paid on the true map.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from apps.satellite import lands
from sandbox.baselines.pixel_colours import NearestColour, SimilarPixels
from sandbox.metrics.route import Cell, cheapest, detour
from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic
from sandbox.metrics.segmentation import IOU
from sandbox.settings import setting
from sandbox.tasks.families.mask_network import MaskNetwork, Objects, Regions
from sandbox.tasks.families.segmentation import (
    OWN_MASKS,
    MaskSplit,
    Segmentation,
    SegmentationSettings,
    regions_of,
)
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import About, Examples, Split

UNSEEN = 32
"""Pictures that are tested on."""
TEST_SEED = 2**32
"""Added to the seed of the unseen lands, which no training has."""
HAZARD = 3.0
"""Hours for a square from which on it is hazardous: rock, water and fire."""
ENDS = ((0.08, 0.08), (0.92, 0.92)), ((0.08, 0.92), (0.92, 0.08))
"""Where the measured routes begin and end, as shares of height and width."""


@dataclass(frozen=True, kw_only=True)
class Settings(SegmentationSettings):
    """What can be chosen about a training."""

    pictures: int = setting(96, "pictures of made lands to learn from", low=2, high=5000)
    clouds: float = setting(0.45, "how much clouds hide of the made lands", low=0, high=1)
    steps: int = 1200
    batch_size: int = 4
    crop: int = 64
    channels: tuple[int, ...] = (12, 24, 48)
    coarse: int = 1
    learning_rate: float = 0.008
    colour: float = 0.02
    light: float = 0.0
    zoom: float = 1.0
    turn: bool = False


class Zones(Segmentation[Settings]):
    """What covers each pixel, with a U-Net, and the hours that crossing it takes."""

    title = "Where is it safe to go, and which way is quickest?"
    method: ClassVar[str] = "zones and a route"
    metric: ClassVar[Metric] = IOU
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings()}
    spoilt: ClassVar[int] = 6  # the vote looks at every pixel, twice
    says: ClassVar[str] = (
        "it maps the ground of {count} unseen {things}, hidden by clouds or not, with an overlap (IoU) of "
        "**{value}**"
    )
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    tiny: ClassVar[Mapping[str, Any]] = {**Segmentation.tiny, "pictures": 8}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "recon",
            "made lands",
            "Pictures of the environment Recon, which are made; unseen ones show other lands.",
            synthetic=True,
        ),
        OWN_MASKS,
    )
    split_settings: ClassVar[Collection[str] | None] = ("split_seed", "pictures", "clouds")
    code: ClassVar[Sequence[Any]] = (MaskNetwork, Regions, lands.expected, cheapest)
    numbered: ClassVar[bool] = False

    def load_named(self, settings: Settings, source: Source) -> MaskSplit:
        """Lands of Recon's; unseen ones have seeds of their own."""
        train, test = (
            lands.draw(count, settings.split_seed + extra, settings.clouds)
            for count, extra in ((settings.pictures, 0), (UNSEEN, TEST_SEED))
        )
        about = About("made lands under clouds", "pictures", synthetic=True)
        return MaskSplit(train=train, test=test, about=about, goal=Regions(lands.CLASSES))

    def own_goal(
        self, masks: Sequence[NDArray[np.int32]]
    ) -> tuple[Objects | Regions, Sequence[NDArray[np.int32]]]:
        """A class for each number that is in the masks."""
        return regions_of(masks)

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """See `class_scores`; of made lands also `detour`, `hazard_found` and `hazard_true`.

        Of all pixels that take 3 hours or more, `hazard_found` is the share that is said to; of those that
        are said to, `hazard_true` is the share that does.
        """
        found = dict(super().measure(predictor, examples))
        output: Any = predictor.output
        costs = lands.hours(output.classes)
        if costs is None:
            return found
        extra, counts = [], []
        for photo, truth in zip(examples.inputs, examples.targets, strict=True):
            shares, true = lands.probabilities(predictor, photo), costs[truth]
            extra.append(detour(lands.expected(shares, costs), true, ways(truth.shape)))
            said, is_hazard = costs[shares.argmax(0)] >= HAZARD, true >= HAZARD
            counts.append(((said & is_hazard).sum(), is_hazard.sum(), said.sum()))
        table = np.array(counts)
        found["detour"] = PerExample(np.array(extra))
        for name, whole in (("hazard_found", 1), ("hazard_true", 2)):
            found[name] = Statistic(len(table), lambda rows, whole=whole: _share(table[rows][:, (0, whole)]))
        return found

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """The vote of the most similar pixels, and the nearest mean colour."""
        assert isinstance(split, MaskSplit)
        inputs, targets = split.train.inputs, split.train.targets
        of = inputs, targets, Photo(inputs[0].shape[0]), split.goal.output
        return {
            "nearest-neighbour vote": SimilarPixels(*of),
            "colour threshold": NearestColour(*of),
        }


def ways(shape: Sequence[int]) -> list[tuple[Cell, Cell]]:
    """Start and goal of the routes that are measured on a map of this shape: corner to corner."""
    ends = [[(round(a * shape[0]), round(b * shape[1])) for a, b in way] for way in ENDS]
    return [(start, goal) for start, goal in ends]


def _share(pairs: NDArray[np.integer]) -> float:
    part, whole = pairs.sum(0)
    return float(part / whole) if whole else 1.0


TASK = Zones()
