"""Find every cell nucleus in a microscope picture and count them, in synthetic pictures or your own.

The split is by picture: no crop of an unseen one is learned from. Both stains, fluorescence on black and
purple tissue, are in both parts. The number of steps is fixed beforehand and the last weights are used.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.baselines.watershed import Watershed, is_dark
from sandbox.data import synthetic_nuclei
from sandbox.data.objects import parted
from sandbox.metrics.scores import Metric, PerExample, Scores
from sandbox.metrics.segmentation import DICE
from sandbox.settings import setting
from sandbox.tasks.families.mask_network import MaskNetwork, Objects, Regions
from sandbox.tasks.families.segmentation import (
    OWN_MASKS,
    MaskSplit,
    Segmentation,
    SegmentationSettings,
    photo_of,
)
from sandbox.tasks.inputs.photo import Photo
from sandbox.tasks.predictor import Predictor
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About, Examples, Split

GOAL = Objects("nuclei")
UNSEEN = 40
"""Synthetic pictures that are tested on."""
FIRST_UNSEEN = 10**6
"""Number of the first of them: no training has so many."""


@dataclass(frozen=True, kw_only=True)
class Settings(SegmentationSettings):
    """What can be chosen about a training."""

    pictures: int = setting(120, "synthetic pictures to learn from", low=2, high=5000)


class Nuclei(Segmentation[Settings]):
    """Nuclei of both stains, with a U-Net and watershed on its depth."""

    title = "Where is each nucleus, and how many are there?"
    method: ClassVar[str] = "nuclei"
    metric: ClassVar[Metric] = DICE
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        # For real pictures of two stains, such as those of the Data Science Bowl 2018.
        "real": Settings(
            steps=3000,
            batch_size=4,
            crop=128,
            channels=(16, 32, 64, 96, 128),
            learning_rate=0.004,
            zoom=1.8,
        ),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "quick", "real": "real pictures"}
    says: ClassVar[str] = "it covers the nuclei of {count} unseen {things} with a Dice of **{value}**"
    says_other: ClassVar[str] = "{name} reaches **{value}**"
    warnings: ClassVar[tuple[str, ...]] = ("Not for clinical use.",)
    tiny: ClassVar[Mapping[str, Any]] = {**Segmentation.tiny, "pictures": 16}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "synthetic",
            "synthetic nuclei",
            "Made up: fluorescence on black, and stained tissue.",
            synthetic=True,
        ),
        *public("dsb2018"),
        OWN_MASKS,
    )
    split_settings: ClassVar[Collection[str] | None] = ("split_seed", "pictures")
    code: ClassVar[Sequence[Any]] = (MaskNetwork, Objects, parted, Watershed)

    def load_named(self, settings: Settings, source: Source) -> MaskSplit:
        """Made-up pictures, every other one fluorescence."""
        seed = settings.split_seed
        train, test = (
            _drawn(range(first, first + count), seed)
            for first, count in ((0, settings.pictures), (FIRST_UNSEEN, UNSEEN))
        )
        about = About("synthetic nuclei", "pictures", synthetic=True, notes=self.warnings)
        return MaskSplit(train=train, test=test, about=about, goal=GOAL)

    def own_goal(
        self, masks: Sequence[NDArray[np.int32]]
    ) -> tuple[Objects | Regions, Sequence[NDArray[np.int32]]]:
        """Objects, whatever they are."""
        return GOAL, masks

    def measure(self, predictor: Predictor[Any, Any], examples: Examples[Any, Any]) -> Mapping[str, Scores]:
        """See `object_scores`; `dark_dice` and `bright_dice` are of the pictures on such a ground alone."""
        found = dict(super().measure(predictor, examples))
        dice: Any = found["dice"]
        dark = np.array([is_dark(photo) for photo in examples.inputs])
        for name, which in (("dark_dice", dark), ("bright_dice", ~dark)):
            if which.any():
                found[name] = PerExample(dice.values[which])
        return found

    def baselines(self, settings: Settings, split: Split[Any, Any]) -> Mapping[str, Predictor[Any, Any]]:
        """Otsu's threshold and watershed."""
        colours = split.train.inputs[0].shape[0]
        return {
            "Otsu + watershed": Watershed(
                split.train.inputs, split.train.targets, Photo(colours), GOAL.output, GOAL.least_area
            )
        }


@lru_cache(maxsize=4)
def _drawn(numbers: range, seed: int) -> Examples[Any, Any]:
    pairs = [synthetic_nuclei.draw(number, seed) for number in numbers]
    return Examples([photo_of(picture) for picture, _ in pairs], [mask for _, mask in pairs])


TASK = Nuclei()
