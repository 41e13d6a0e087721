"""Photos of brick, grass and gravel in warped regions: which is where?

The textures are scikit-image's three photos; the regions are made up. Pictures to learn from take their
texture from the left part of each photo, unseen ones from the right part, so they share no pixel. Brightness
and contrast of each region are drawn at random: only the pattern tells one texture from another.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8
from numpy.typing import NDArray

from sandbox.errors import UserError

CLASSES = ("brick", "grass", "gravel")
LICENCE = "photos by Ishan Bhattarai and others, CC0, as in scikit-image"
SIDE = 112
"""Of a picture, in pixels."""
PARTED = 5 / 8
"""Share of a photo's width from which pictures to learn from are cut; the rest is for unseen ones."""
REGIONS = (3, 8)
"""Fewest regions, and one more than the most."""


@lru_cache(maxsize=1)
def photos() -> tuple[UInt8[np.ndarray, "H W"], ...]:
    """The photo of each class.

    Raises:
        UserError: scikit-image, which they ship with, is not installed.
    """
    try:
        from skimage import data
    except ImportError:
        raise UserError(
            "The textures ship with scikit-image, which is not installed; run make setup."
        ) from None
    return data.brick(), data.grass(), data.gravel()


def places(*, unseen: bool) -> tuple[UInt8[np.ndarray, "H W"], ...]:
    """The part of each photo that pictures are cut from."""
    cut = round(PARTED * photos()[0].shape[1])
    return tuple(photo[:, cut:] if unseen else photo[:, :cut] for photo in photos())


def draw(
    number: int, seed: int, *, unseen: bool, side: int = SIDE
) -> tuple[UInt8[np.ndarray, "H W"], Int[np.ndarray, "H W"]]:
    """A grey picture, and the class of each pixel.

    Args:
        number: of the picture.
        seed: of all pictures.
        unseen: from which part of the photos.
        side: of the picture, in pixels.
    """
    generator = np.random.default_rng((seed, number, unseen))
    count = int(generator.integers(*REGIONS))
    centres = generator.uniform(0, side, (count, 2))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    bend = generator.uniform(4, 12)
    moved = np.stack([y + bend * _cloud(generator, side), x + bend * _cloud(generator, side)], -1)
    region = np.square(moved[:, :, None] - centres).sum(-1).argmin(-1)
    sorts = generator.permutation(np.arange(count) % len(CLASSES))
    picture = np.zeros((side, side), np.float32)
    for i, sort in enumerate(sorts):
        inside = region == i
        picture[inside] = _patch(places(unseen=unseen)[sort], generator, side)[inside]
    grain = generator.normal(0, generator.uniform(0, 0.04), picture.shape)
    return np.round(255 * np.clip(picture + grain, 0, 1)).astype(np.uint8), sorts[region].astype(np.int32)


def _patch(photo: NDArray[np.uint8], generator: np.random.Generator, side: int) -> Float[np.ndarray, "H W"]:
    """A place of a photo: turned, scaled and slightly bent, with brightness and contrast drawn at random."""
    angle, scale = generator.uniform(0, 2 * math.pi), generator.uniform(0.75, 1.3)
    height, width = photo.shape
    centre = generator.uniform([width * 0.25, height * 0.25], [width * 0.75, height * 0.75])
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    bend = generator.uniform(0, 4)
    y, x = y + bend * _cloud(generator, side), x + bend * _cloud(generator, side)
    across = (centre[0] + (math.cos(angle) * x - math.sin(angle) * y) / scale).astype(np.float32)
    down = (centre[1] + (math.sin(angle) * x + math.cos(angle) * y) / scale).astype(np.float32)
    values = cv2.remap(photo, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101).astype(
        np.float32
    )
    even = (values - values.mean()) / max(float(values.std()), 1e-6)
    return generator.uniform(0.35, 0.65) + generator.uniform(0.08, 0.2) * even


def _cloud(generator: np.random.Generator, side: int) -> Float[np.ndarray, "H W"]:
    """Smooth noise of standard deviation 1."""
    found = cv2.GaussianBlur(generator.standard_normal((side, side)), (0, 0), side / 8)
    return found / max(float(found.std()), 1e-9)
