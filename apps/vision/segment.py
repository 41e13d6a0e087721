"""Say which texture is where: brick, grass and gravel in warped regions, or your own pictures with masks.

The textures are real photos; the regions are made up. Unseen pictures take their texture from a part of each
photo that nothing was learned from.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.baselines.texture import FilterForest, LocalStatistics
from sandbox.data import warped_textures
from sandbox.metrics.scores import Metric
from sandbox.metrics.segmentation import IOU
from sandbox.settings import setting
from sandbox.tasks.families.mask_network import MaskNetwork, Objects, Regions
from sandbox.tasks.families.segmentation import (
    OWN_MASKS,
    MaskSplit,
    Segmentation,
    SegmentationSettings,
    photo_of,
    regions_of,
)
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import About, Examples, Split

UNSEEN = 30
"""Pictures that are tested on."""


@dataclass(frozen=True, kw_only=True)
class Settings(SegmentationSettings):
    """What can be chosen about a training."""

    pictures: int = setting(120, "pictures that are put together to learn from", low=2, high=5000)
    steps: int = 600
    channels: tuple[int, ...] = (16, 32, 48, 64)
    colour: float = 0.05
    light: float = 0.1
    zoom: float = 1.0
    turn: bool = False


class Segment(Segmentation[Settings]):
    """The class of every pixel, with a U-Net."""

    title = "Which texture is where?"
    method: ClassVar[str] = "textures"
    metric: ClassVar[Metric] = IOU
    presets: ClassVar[Mapping[str, Settings]] = {"fast": Settings()}
    says: ClassVar[str] = (
        "it finds the regions of {count} unseen {things} with an overlap (IoU) of **{value}**"
    )
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    tiny: ClassVar[Mapping[str, Any]] = {**Segmentation.tiny, "pictures": 16}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "textures",
            "brick, grass, gravel",
            "Real photos in made-up regions; unseen ones come from other places of the photos.",
            synthetic=True,
        ),
        OWN_MASKS,
    )
    split_settings: ClassVar[Collection[str] | None] = ("split_seed", "pictures")
    code: ClassVar[Sequence[Any]] = (MaskNetwork, Regions, FilterForest)
    numbered: ClassVar[bool] = False

    def load_named(self, settings: Settings, source: Source) -> MaskSplit:
        """Warped regions; unseen ones have texture of their own."""
        train, test = (
            _drawn(count, settings.split_seed, unseen=unseen)
            for count, unseen in ((settings.pictures, False), (UNSEEN, True))
        )
        about = About("textures in warped regions", "pictures", warped_textures.LICENCE, synthetic=True)
        return MaskSplit(train=train, test=test, about=about, goal=Regions(warped_textures.CLASSES))

    def own_goal(
        self, masks: Sequence[NDArray[np.int32]]
    ) -> tuple[Objects | Regions, Sequence[NDArray[np.int32]]]:
        """A class for each number that is in the masks."""
        return regions_of(masks)

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """A filter bank with a random forest, and local statistics with the nearest centroid."""
        assert isinstance(split, MaskSplit)
        inputs, targets = split.train.inputs, split.train.targets
        of = inputs, targets, Photo(inputs[0].shape[0]), split.goal.output
        return {
            "filter bank + random forest": FilterForest(*of),
            "local statistics + centroid": LocalStatistics(*of),
        }


@lru_cache(maxsize=4)
def _drawn(count: int, seed: int, *, unseen: bool) -> Examples[Any, Any]:
    pairs = [warped_textures.draw(number, seed, unseen=unseen) for number in range(count)]
    return Examples([photo_of(picture) for picture, _ in pairs], [mask for _, mask in pairs])


TASK = Segment()
