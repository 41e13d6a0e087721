"""Count blood cells: red cells, white cells and platelets under a microscope. Not for clinical use.

By default the smears are synthetic. Real ones are those of BCCD, 364 pictures with boxes
(Shenggan/BCCD_Dataset, MIT licence): `--data FOLDER --preset bccd`. Its own lists say which are unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from sandbox.data import synthetic_smear
from sandbox.data.formats.boxed_images import BoxedImages, as_table
from sandbox.tasks.families.detection import OWN_PICTURES, Detection, DetectionSplit, split_of
from sandbox.tasks.families.detection_settings import DetectionSettings
from sandbox.tasks.source import OwnData, Source, public

CAUTION = "Not for clinical use."
UNSEEN = 60
"""Test smears, if there are as many to learn from."""
TEST_SEED = 2**32
"""Added to the seed of the test smears, which no training smear has."""


@dataclass(frozen=True, kw_only=True)
class Settings(DetectionSettings):
    """What can be chosen about a training."""


class Blood(Detection[Settings]):
    """Blood cells, with a CenterNet."""

    title = "Can a network count blood cells?"
    method = "blood cells"
    presets: ClassVar[Mapping[str, Settings]] = {
        "fast": Settings(),
        "bccd": Settings(size=320, steps=720),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"bccd": "BCCD"}
    tiny: ClassVar[Mapping[str, Any]] = {"pictures": 24, "steps": 40, "size": 128, "channels": (16, 24)}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("smear", "synthetic blood smears", "Made pictures of a blood smear.", synthetic=True),
        *public("bccd"),
        OWN_PICTURES,
    )
    words: ClassVar[Mapping[str, tuple[str, str]]] = {
        "RBC": ("red cell", "red cells"),
        "WBC": ("white cell", "white cells"),
        "Platelets": ("platelet", "platelets"),
    }

    def load(self, settings: Settings, source: str | None) -> DetectionSplit:
        """Made smears, or a folder with pictures and boxes; with a word of caution."""
        split = super().load(settings, source)
        return replace(split, about=replace(split.about, notes=(*split.about.notes, CAUTION)))

    def load_named(self, settings: Settings, source: Source) -> DetectionSplit:
        """Synthetic smears, three quarters as high as wide."""
        shape = (max(32, settings.size * 3 // 64 * 16), max(32, settings.size // 16 * 16))
        train, test = (
            synthetic_smear.smears(count, settings.split_seed + extra, shape)
            for count, extra in ((settings.pictures, 0), (min(UNSEEN, settings.pictures), TEST_SEED))
        )
        found = BoxedImages(
            "synthetic blood smears",
            synthetic_smear.CLASSES,
            train[0],
            as_table(train[1]),
            test[0],
            as_table(test[1]),
            "made by a program; no blood was seen",
        )
        return split_of(found, things="smears", synthetic=True)


TASK = Blood()
