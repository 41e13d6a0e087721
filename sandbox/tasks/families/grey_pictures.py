"""Pictures in grey, in [0, 1], as Boltzmann machines take them: each pixel a chance of ink."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor

from sandbox.data import digits
from sandbox.data.handwriting import Style
from sandbox.settings import LARGEST_SEED, setting
from sandbox.tasks.families.image_classification import OWN_PICTURES, ImageSplit, PictureTask, split_of
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.source import OwnData, Source
from sandbox.tasks.split import Examples

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class PictureSettings:
    """What can be chosen about the pictures."""

    size: int = setting(
        16, "side to which pictures from a folder are scaled, in pixels; digits keep theirs", low=2, high=64
    )
    split_seed: int = setting(0, "decides which third of the pictures is unseen", low=0, high=LARGEST_SEED)


class GreyPictures(PictureTask[S]):
    """scikit-learn's digits, or a folder of one's own, in grey."""

    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("digits", "handwritten digits", "1,797 handwritten digits of 43 people, 8 x 8 pixels each."),
        OWN_PICTURES,
    )

    def load(self, settings: Any, source: str | None) -> ImageSplit:
        """See `PictureTask.load`."""
        split = super().load(settings, source)
        return replace(split, train=grey(split.train), test=grey(split.test))

    def load_named(self, settings: Any, source: Source) -> ImageSplit:
        """scikit-learn's digits."""
        return split_of(digits.load(settings.split_seed), things="digits")

    def meta(self, split: ImageSplit) -> dict[str, Any]:
        """See `PictureTask.meta`; and the mean training picture, which figures compare with."""
        return {**super().meta(split), "mean": split.train.inputs.flatten(1).mean(0).tolist()}


def grey(examples: Examples[Tensor, Tensor]) -> Examples[Tensor, Tensor]:
    """The same pictures, (N, 1, H, W)."""
    return Examples(examples.inputs.mean(1, keepdim=True), examples.targets)


def input_of(meta: Mapping[str, Any]) -> Image:
    """How pictures are read, from a checkpoint; old ones have no channel in their shape."""
    rows, columns = meta["shape"][-2:]
    return Image((1, rows, columns), Style(**meta["style"]) if meta["style"] else None)


def mean_of(meta: Mapping[str, Any]) -> Tensor | None:
    """The mean training picture, (V,), from a checkpoint; old ones do not say."""
    return torch.tensor(meta["mean"]) if "mean" in meta else None
