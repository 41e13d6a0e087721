"""Defects that are put into pictures of good parts, to test what was learned from good parts alone.

Each takes a picture (C, H, W) in [0, 1] and gives back a changed copy and where it was changed. They are
made, so they say little about the defects of a real production; only real bad parts say more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

Picture = Float[np.ndarray, "C H W"]
Where = Bool[np.ndarray, "H W"]
Other = Float[np.ndarray, "C _ _"]
SIZES = (0.12, 0.22)
"""Of a defect from its middle to its edge, as a share of the picture's shorter side."""
CHANGED = 2 / 255
"""Difference in a colour from which a pixel counts as changed."""


def defective(
    picture: Picture, kind: str, generator: np.random.Generator, others: Sequence[Other] = ()
) -> tuple[Picture, Where]:
    """A copy of a picture with one defect, in levels of 255 as a file has them, and the pixels it takes in.

    Args:
        picture: of a good part.
        kind: one of `KINDS`.
        generator: decides where and how large.
        others: pictures of other things, for `wrong texture`; without any it is its own, turned.
    """
    region = _blob(picture.shape[1:], generator)
    if kind == "scratch":
        region = _stroke(picture.shape[1:], generator)
    changed = KINDS[kind](picture, region, generator, others)
    edge = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 0.7)
    mixed = np.round(255 * np.clip(picture + edge * (changed - picture), 0, 1)) / np.float32(255)
    differs = np.abs(mixed - picture).max(0) > CHANGED
    return mixed.astype(np.float32), differs & (cv2.dilate(region.astype(np.uint8), np.ones((3, 3))) > 0)


def _scratch(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """A thin line that is brighter or darker than what is below it."""
    shift = generator.choice((-1.0, 1.0)) * generator.uniform(0.2, 0.4)
    return (picture + shift).astype(np.float32)


def _blot(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """A stain: the texture is still there below it, darker or brighter."""
    tone = np.float32(generator.uniform(0, 1))
    return 0.65 * picture + 0.35 * tone


def _hole(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """Nothing but the mean tone of the picture: the texture is missing."""
    return np.broadcast_to(picture.mean((1, 2), keepdims=True), picture.shape).astype(np.float32)


def _stretched(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """The part's own texture, twice as wide or as high."""
    height, width = picture.shape[1:]
    wide = bool(generator.integers(2))
    size = (2 * width, height) if wide else (width, 2 * height)
    rows = [cv2.resize(colour, size, interpolation=cv2.INTER_LINEAR)[:height, :width] for colour in picture]
    return np.stack(rows).astype(np.float32)


def _mirrored(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """The part's own texture, upside down."""
    return np.ascontiguousarray(picture[:, ::-1])


def _wrong(
    picture: Picture, region: Where, generator: np.random.Generator, others: Sequence[Other]
) -> Picture:
    """Another texture, as bright as the part's own."""
    height, width = picture.shape[1:]
    other = others[int(generator.integers(len(others)))] if others else picture.swapaxes(1, 2)
    top, left = (
        int(generator.integers(0, max(1, a - b + 1)))
        for a, b in zip(other.shape[1:], (height, width), strict=True)
    )
    cut = other[:, top : top + height, left : left + width]
    cut = np.pad(cut, ((0, 0), (0, height - cut.shape[1]), (0, width - cut.shape[2])), mode="symmetric")
    even = cut - cut.mean((1, 2), keepdims=True) + picture.mean((1, 2), keepdims=True)
    return even.astype(np.float32)


Change = Callable[[Picture, Where, np.random.Generator, Sequence[Other]], Picture]
KINDS: Mapping[str, Change] = {
    "scratch": _scratch,
    "blot": _blot,
    "hole": _hole,
    "stretched": _stretched,
    "mirrored": _mirrored,
    "wrong texture": _wrong,
}
"""How a picture is changed, by the name of the defect."""


def _blob(shape: Sequence[int], generator: np.random.Generator) -> Where:
    """A round patch with an uneven edge, wholly inside the picture."""
    height, width = shape
    radius = generator.uniform(*SIZES) * min(shape)
    y, x = (generator.uniform(1.3 * radius, side - 1.3 * radius) for side in shape)
    angle = np.arctan2(np.arange(height)[:, None] - y, np.arange(width)[None] - x)
    waves = sum(
        generator.uniform(-0.12, 0.12) * np.cos(n * angle + generator.uniform(0, 2 * math.pi)) for n in (2, 3)
    )
    apart = np.hypot(np.arange(height)[:, None] - y, np.arange(width)[None] - x)
    return np.asarray(apart < radius * (1 + waves))


def _stroke(shape: Sequence[int], generator: np.random.Generator) -> Where:
    """A line of one to two pixels' width, bent, as long as half the picture."""
    length = min(shape)
    y, x = (generator.uniform(0.3 * side, 0.7 * side) for side in shape)
    angle, bend = generator.uniform(0, 2 * math.pi), generator.uniform(-1, 1)
    along = np.linspace(-0.5, 0.5, 24) * generator.uniform(0.35, 0.6) * length
    turned = angle + bend * along / length
    line = np.stack([x + along * np.cos(turned), y + along * np.sin(turned)], 1)
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(
        canvas, [np.round(8 * line).astype(np.int32)], False, 1, int(generator.integers(1, 3)), shift=3
    )
    return canvas > 0


def places(shape: tuple[int, int], side: int) -> list[tuple[int, int]]:
    """Upper left corners of squares side by side, which share no pixel."""
    return [(y, x) for y in range(0, shape[0] - side + 1, side) for x in range(0, shape[1] - side + 1, side)]


def squares(picture: NDArray[np.float32], side: int) -> list[Picture]:
    """A picture (C, H, W) cut into squares side by side."""
    return [picture[:, y : y + side, x : x + side].copy() for y, x in places(picture.shape[1:], side)]
