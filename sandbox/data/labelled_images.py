"""Pictures with classes, and their split into what is learned from and what is held out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError


@dataclass(frozen=True)
class LabelledImages:
    """Pictures of one size, each with a class, split once and for all."""

    name: str
    """What the set is called on a page."""
    classes: tuple[str, ...]
    """Names of the classes, in the order of their numbers."""
    train_images: Float[Tensor, "N C H W"]
    """In [0, 1]."""
    train_labels: Int64[Tensor, " N"]
    test_images: Float[Tensor, "M C H W"]
    """Held out: never learned from, and nothing is chosen by them."""
    test_labels: Int64[Tensor, " M"]
    source: str = ""
    """Where it comes from, with its licence."""
    notes: tuple[str, ...] = field(default_factory=tuple)
    """What was left out or changed while reading, one sentence each."""
    reading: ReadReport | None = None
    """How many files were read, and why others were not; None where there are no files of one's own."""

    @property
    def in_shape(self) -> tuple[int, int, int]:
        """`(C, H, W)` of one picture."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width


def split_by_class(
    labels: Sequence[int] | Int64[Tensor, " N"], held_out: float, seed: int
) -> tuple[Int64[Tensor, " T"], Int64[Tensor, " H"]]:
    """Positions to learn from and positions to hold out; the same share of each class is held out.

    Args:
        labels: class of each example.
        held_out: share to hold out, in (0, 1); at least one example of each class goes to either side.
        seed: decides the split, together with nothing else.

    Raises:
        UserError: a class has a single example.
    """
    array = np.asarray(labels)
    generator = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(array):
        positions = generator.permutation(np.flatnonzero(array == label))
        if len(positions) < 2:
            raise UserError(f"Class number {label} has a single example; each class needs at least two.")
        count = min(max(1, round(held_out * len(positions))), len(positions) - 1)
        test.append(positions[:count])
        train.append(positions[count:])
    return torch.from_numpy(np.sort(np.concatenate(train))), torch.from_numpy(np.sort(np.concatenate(test)))
