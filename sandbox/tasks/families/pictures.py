"""Pictures that are coded, generated or mapped: digits by default, or one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from sandbox.data import digits, idx, image_folder
from sandbox.data.formats import images as formats
from sandbox.data.handwriting import DIGITS as AS_DIGITS
from sandbox.data.handwriting import Style
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.errors import UserError
from sandbox.files import typed_path
from sandbox.settings import LARGEST_SEED, MOST_EXAMPLES, setting
from sandbox.tasks.source import OwnData, Source, named, unknown
from sandbox.tasks.split import About, Split

MOST = 20_000
"""Pictures to learn from; of a larger set every so many-th."""
LARGEST = 3 * 32 * 32
"""Numbers in a picture that these small networks take."""
DIGITS = Source("digits", "handwritten digits", "1,797 handwritten digits of 43 people, 8 x 8 pixels each.")
OWN_PICTURES = OwnData(
    "my own pictures",
    "A folder, or a zip of it, with a folder of pictures for each class, or MNIST's four files.",
    files=(".zip",),
    classes=formats.ENDINGS,
    things="pictures",
)


@dataclass(frozen=True, kw_only=True)
class PictureSettings:
    """What can be chosen about the pictures."""

    examples: int = setting(
        0,
        "pictures to learn from, the same share of each class; 0 is all there are",
        low=0,
        high=MOST_EXAMPLES,
    )
    size: int = setting(
        16,
        "side to which pictures from a folder are scaled, in pixels; digits and MNIST keep theirs",
        low=1,
        high=1024,
    )
    split_seed: int = setting(
        0,
        "decides which third of the data is unseen; MNIST's own split is kept",
        low=0,
        high=LARGEST_SEED,
    )


@dataclass(frozen=True, kw_only=True)
class PictureSplit(Split[Tensor, Tensor]):
    """Pictures (N, C, H, W) in [0, 1].

    Attributes:
        images: all of them with their classes, as they were read; None for colours, which have no classes.
        style: how a drawing is made to look like the pictures; None for photos and colours.
    """

    images: LabelledImages | None = None
    style: Style | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """`(C, H, W)` of a picture."""
        channels, height, width = self.train.inputs.shape[1:]
        return channels, height, width

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, which are no targets here; empty if there are none."""
        return self.images.classes if self.images else ()

    def labels(self, most: int) -> Tensor | None:
        """Classes of `test.some(most)`."""
        if self.images is None:
            return None
        labels = self.images.test_labels
        return labels[:: max(1, -(-len(labels) // most))]

    def meta(self) -> dict[str, Any]:
        """What a checkpoint must say of the pictures."""
        return {
            "shape": self.shape,
            "classes": self.class_names,
            "data": self.about.name,
            "style": self.style.to_json() if self.style else None,
            "mean": [round(value, 7) for value in self.train.inputs.mean(0).flatten().tolist()],
        }


def load(
    sources: Sequence[Source | OwnData], source: str | None, *, size: int, split_seed: int
) -> LabelledImages:
    """Pictures to learn from, and unseen ones.

    Args:
        sources: what the task takes.
        source: `digits` or None, a folder in MNIST's format, or one with a folder of pictures per class.
        size: side to which the pictures of such a folder are scaled, in pixels.
        split_seed: decides which third is unseen.

    Raises:
        UserError: no such set or folder, or what lies there cannot be used; says why.
    """
    found = named(sources, source)
    if found is not None:
        images = digits.load(split_seed)
    else:
        folder = typed_path(str(source))
        if not folder.is_dir():
            raise unknown(sources, str(source))
        images = (
            idx.load(folder) if idx.is_idx_folder(folder) else image_folder.load(folder, size, split_seed)
        )
        if idx.is_idx_folder(folder):
            every = slice(None, None, -(-len(images.train_images) // MOST))
            images = replace(
                images, train_images=images.train_images[every], train_labels=images.train_labels[every]
            )
    channels, height, width = images.in_shape
    if channels * height * width > LARGEST:
        raise UserError(f"Pictures of {height} x {width} are too large here; choose a smaller --size.")
    return images


def few(images: LabelledImages, count: int, seed: int) -> Tensor:
    """Pictures to learn from (N, C, H, W): about `count`, the same share of each class; 0 for all.

    Raises:
        UserError: fewer than one of each class were asked for.
    """
    total = len(images.train_images)
    if not count or count >= total:
        return images.train_images
    if count < len(images.train_labels.unique()):
        raise UserError(f"examples must be 0 for all, or at least one of each class, not {count}.")
    _, kept = split_by_class(images.train_labels, count / total, seed)
    return images.train_images[kept]


def about(images: LabelledImages) -> About:
    """Where pictures come from."""
    things = "digits" if images.name == "digits" else "pictures"
    return About(images.name, things, images.source, notes=images.notes)


def style_from(meta: Mapping[str, Any]) -> Style | None:
    """The style that a checkpoint names; those of earlier versions name none."""
    if "style" not in meta:
        return AS_DIGITS if meta.get("data") == "digits" and list(meta["shape"]) == [1, 8, 8] else None
    return Style(**meta["style"]) if meta["style"] else None


def mean_from(meta: Mapping[str, Any]) -> Tensor | None:
    """The mean training picture (D,) that a checkpoint names; None in those of earlier versions."""
    return torch.tensor(meta["mean"]) if meta.get("mean") else None
