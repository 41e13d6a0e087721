"""Find digits in photos: real handwritten digits of many sizes that overlap, on real photos.

The scenes are put together, so they are called synthetic. The digits and the photos in the test scenes are in
no training scene. With `--data` it finds whatever your own boxes mark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.data import pasted_digits
from sandbox.data.formats.boxed_images import BoxedImages, as_table
from sandbox.tasks.families.detection import OWN_PICTURES, Detection, DetectionSplit, split_of
from sandbox.tasks.families.detection_settings import DetectionSettings
from sandbox.tasks.source import OwnData, Source

UNSEEN = 80
"""Test scenes, if there are as many to learn from."""


@dataclass(frozen=True, kw_only=True)
class Settings(DetectionSettings):
    """What can be chosen about a training."""

    pictures: int = 600
    size: int = 160
    steps: int = 900
    learning_rate: float = 0.004
    mosaic: float = 0.0
    zoom: float = 0.15
    threshold: float = 0.3
    mirror: bool = False
    flip: bool = False


class Detect(Detection[Settings]):
    """Digits in photos, with a CenterNet."""

    title = "Can a network find every digit in a photo?"
    method = "digits in photos"
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "best": Settings(pictures=3_000, steps=4_000),
    }
    tiny: ClassVar[Mapping[str, Any]] = {"pictures": 24, "steps": 40, "size": 96, "channels": (16, 24)}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "digits",
            "digits in photos",
            "Real handwritten digits on real photos, put together; those of the test are unseen.",
            synthetic=True,
        ),
        OWN_PICTURES,
    )
    local: ClassVar[bool] = True

    def load_named(self, settings: Settings, source: Source) -> DetectionSplit:
        """Scenes of digits on photos."""
        side = max(32, settings.size // 16 * 16)
        train, test = (
            pasted_digits.scenes(
                count, settings.split_seed, test=unseen, side=side, split_seed=settings.split_seed
            )
            for count, unseen in ((settings.pictures, False), (min(UNSEEN, settings.pictures), True))
        )
        found = BoxedImages(
            "digits in photos",
            pasted_digits.CLASSES,
            train[0],
            as_table(train[1]),
            test[0],
            as_table(test[1]),
            "digits of scikit-learn (CC BY 4.0) on photos of scikit-image and scikit-learn, put together",
        )
        return split_of(found, things="scenes", synthetic=True)


TASK = Detect()
