"""The pictures that are coded, forged and mapped: digits by default, or a folder of one's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from sandbox.data import digits, idx, image_folder
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.data.sketch import DIGITS, Style, style_of
from sandbox.errors import UserError
from sandbox.files import typed_path

MOST = 20_000
"""Pictures to learn from; of a larger set every so many-th."""


def load(data: str | None, *, size: int = 16, split_seed: int = 0) -> LabelledImages:
    """Pictures to learn from, and those held out.

    Args:
        data: `digits` (also None), a folder in MNIST's format, or one with a folder of pictures per class.
        size: side to which the pictures of such a folder are scaled, in pixels.
        split_seed: decides which third is held out.

    Raises:
        UserError: no such set or folder, or what lies there cannot be used; says why.
    """
    if data in (None, "digits"):
        return digits.load(split_seed)
    folder = typed_path(data)
    if not folder.is_dir():
        raise UserError(f"There is no data set or folder {data!r}; `digits` is built in.")
    if not idx.is_idx_folder(folder):
        return image_folder.load(folder, size, split_seed)
    whole = idx.load(folder)
    every = slice(None, None, -(-len(whole.train_images) // MOST))
    return replace(whole, train_images=whole.train_images[every], train_labels=whole.train_labels[every])


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


def shape_of(images: LabelledImages) -> tuple[int, int, int]:
    """`(C, H, W)` of one picture.

    Raises:
        UserError: it has too many numbers for the small networks of this folder.
    """
    shape = images.in_shape
    if torch.Size(shape).numel() > 3 * 32 * 32:
        raise UserError(f"Pictures of {shape[1]} x {shape[2]} are too large here; choose a smaller --size.")
    return shape


def meta(images: LabelledImages) -> dict[str, Any]:
    """Values for a checkpoint's meta data: the pictures' name, and how a drawing is made like them."""
    style = style_of(images)
    return {"data": images.name, "style": style.to_json() if style else None}


def style_from(meta: Mapping[str, Any]) -> Style | None:
    """The style that a checkpoint names; those of earlier versions name none."""
    if "style" not in meta:
        return DIGITS if meta.get("data") == "digits" and list(meta["shape"]) == [1, 8, 8] else None
    return Style(**meta["style"]) if meta["style"] else None
