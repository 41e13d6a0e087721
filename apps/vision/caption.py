"""Say what is where in a picture: a CNN looks, an LSTM writes, and attention shows where it looks.

By default made scenes of shapes. One colour of each shape is held out, 6 pairs of 42: every object of an
unseen scene is of such a pair, and no object of a scene to learn from. With `--data bccd --preset bccd` it
says how many blood cells of each kind a real smear shows. Your own pictures come with a table of captions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from apps.medical.blood import CAUTION, Blood
from sandbox.blocks.attention import attend
from sandbox.blocks.cnn import CNN
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import described_scenes
from sandbox.data.formats import boxed_images
from sandbox.metrics.facts import NUMBERS
from sandbox.tasks.beam_search import beam_search
from sandbox.tasks.families.caption_data import CaptionSettings, CaptionSplit, framed, made
from sandbox.tasks.families.caption_network import CaptionNetwork
from sandbox.tasks.families.captioning import OWN_CAPTIONS, Captioning
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About, Examples

KNOWN = 1_000
"""Made scenes that the nearest picture is looked for among; the network sees new ones at each step."""


class Describe(Captioning):
    """Pictures into sentences."""

    title = "Can a network say what it sees?"
    method = "captions"
    presets: ClassVar[Mapping[str, CaptionSettings]] = {
        "fast": CaptionSettings(),
        "bccd": CaptionSettings(
            size=96,
            channels=(16, 32, 48, 64),
            paths=1,
            dropout=0.3,
            flips="all",
            steps=900,
            batch_size=12,
            weight_decay=0.05,
        ),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "scenes", "bccd": "BCCD blood cells"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "scenes",
            "scenes of shapes",
            "Made pictures of shapes; every pair of shape and colour in unseen ones is new.",
            synthetic=True,
        ),
        *public("bccd"),
        OWN_CAPTIONS,
    )
    code: ClassVar[Sequence[Any]] = (
        CaptionNetwork,
        CNN,
        lstm_cell,
        attend,
        beam_search,
        described_scenes.scenes,
    )

    def load_named(self, settings: CaptionSettings, source: Source) -> CaptionSplit:
        """Made scenes."""
        return made(settings, KNOWN)

    def load_folder(self, settings: CaptionSettings, folder: Path) -> CaptionSplit:
        """Pictures with captions, or with boxes, of which the caption is how many of each kind there are."""
        if not boxed_images.is_boxed(folder):
            return super().load_folder(settings, folder)
        found = boxed_images.load(folder, settings.size, settings.split_seed)
        train, test = (
            Examples(
                torch.stack([framed(picture / np.float32(255), settings.size) for picture in pictures]),
                [(counted(rows[:, 4], found.classes),) for rows in boxes],
            )
            for pictures, boxes in (
                (found.train_images, found.train_boxes),
                (found.test_images, found.test_boxes),
            )
        )
        about = About(found.name, "pictures", found.source, notes=found.notes)
        if set(found.classes) <= set(Blood.words):
            about = replace(about, things="smears", notes=(*about.notes, CAUTION))
        return CaptionSplit(train=train, test=test, about=about)


def counted(kinds: Any, classes: Sequence[str]) -> str:
    """How many objects of each class there are: `two white cells, eleven red cells`, the rarest kind first.

    Args:
        kinds: the class of each object; -1 for none.
        classes: names of the classes.
    """
    parts = []
    for place, name in enumerate(classes):
        count = int((np.asarray(kinds) == place).sum())
        one, several = Blood.words.get(name, (name, f"{name}s"))
        if count:
            parts.append((count, f"{NUMBERS[min(count, len(NUMBERS) - 1)]} {one if count == 1 else several}"))
    return ", ".join(text for _, text in sorted(parts)) or "nothing"


TASK = Describe()
