"""Masks drawn over pictures: coloured outlines of objects, tinted regions of classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

COLOURS: Sequence[tuple[int, int, int]] = (
    *((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66)),
    *((0, 114, 178), (213, 94, 0), (204, 121, 167)),
)
"""Of classes and neighbouring objects, for colour-blind eyes, too. Okabe & Ito 2008."""
TINT = 0.45
"""How strongly a region takes the colour of its class."""


def photo_of(picture: Float[np.ndarray, "C H W"]) -> Float[np.ndarray, "H W 3"]:
    """A picture as red, green and blue in [0, 1]; a dark one is made as bright as a screen can show."""
    values = np.asarray(picture, np.float32).transpose(1, 2, 0)
    if values.mean() < 0.2:
        values = values / max(0.05, float(np.percentile(values, 99.8)))
    return np.broadcast_to(np.clip(values, 0, 1), (*values.shape[:2], 3)).copy()


def outlines(mask: NDArray[Any], width: int = 1) -> Bool[np.ndarray, "H W"]:
    """The pixels of each object that lie at its edge, so many pixels wide."""
    from skimage.segmentation import find_boundaries

    edge: Any = find_boundaries(mask, mode="inner")
    if width > 1:
        from scipy import ndimage

        wide: Any = ndimage.binary_dilation(edge, iterations=width - 1)
        edge = wide & (np.asarray(mask) > 0)
    return edge


def outlined(
    photo: Float[np.ndarray, "H W 3"], mask: NDArray[Any], colour: tuple[int, int, int] | None = None
) -> Float[np.ndarray, "H W 3"]:
    """A photo with the outline of each object: all in one colour, or each in its own."""
    drawn = photo.copy()
    edge = outlines(mask, max(1, round(max(mask.shape) / 400)))
    drawn[edge] = _of(mask[edge]) if colour is None else np.array(colour) / 255
    return drawn


def tinted(photo: Float[np.ndarray, "H W 3"], mask: NDArray[Any]) -> Float[np.ndarray, "H W 3"]:
    """A photo whose pixels take the colour of their class."""
    return (1 - TINT) * photo + TINT * _of(np.asarray(mask) + 1)


def _of(numbers: NDArray[Any]) -> NDArray[np.float64]:
    return np.array(COLOURS)[(np.asarray(numbers) - 1) % len(COLOURS)] / 255
