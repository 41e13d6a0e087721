"""A line of handwriting as a network reads it: ink on paper, as high as the picture or as wide."""

import cv2
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data.handwriting import FAINT

MARGIN = 2
"""Pixels of paper around a line."""
FRAME = 0.35
"""Share of the darkest ink from which a pixel belongs to the line's frame."""


def fit(ink: Float[np.ndarray, "H W"], height: int, width: int, *, share: float = 0.5) -> NDArray[np.float32]:
    """Cut out the line, and scale it until it is as high or as wide as the picture.

    Args:
        ink: 1 is ink, 0 is paper. A picture of the final size is returned as it is.
        height: of the result, in pixels.
        width: of the result.
        share: of the room that is left over which lies before the line.

    Returns:
        (height, width) in [0, 1]; all zero for an empty sheet.
    """
    ink = np.clip(ink, 0.0, 1.0).astype(np.float32)
    if ink.shape == (height, width):
        return ink
    sheet = np.zeros((height, width), np.float32)
    if float(ink.max()) < FAINT:
        return sheet
    ink = ink / ink.max()
    (top, bottom), (left, right) = _ends(ink, 1), _ends(ink, 0)
    line = ink[top:bottom, left:right]
    scale = min((height - 2 * MARGIN) / line.shape[0], (width - 2 * MARGIN) / line.shape[1])
    high, wide = (max(1, round(side * scale)) for side in line.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    up = (height - high) // 2
    before = MARGIN + int(share * (width - 2 * MARGIN - wide))
    sheet[up : up + high, before : before + wide] = cv2.resize(line, (wide, high), interpolation=way)
    return sheet


def on_paper(grey: Float[np.ndarray, "H W"]) -> NDArray[np.float32]:
    """Ink without the shade of its paper, which need not be the same everywhere.

    Args:
        grey: more is more ink.
    """
    ink = np.asarray(grey, np.float32)
    around = max(3, ink.shape[0] // 2 * 2 + 1)
    paper = cv2.blur(np.minimum(ink, np.median(ink)), (around, around))
    return np.clip(ink - paper, 0.0, 1.0)


def _ends(ink: NDArray[np.float32], axis: int) -> tuple[int, int]:
    """Where ink begins and ends."""
    found = np.flatnonzero(ink.max(axis) > FRAME)
    return int(found[0]), int(found[-1]) + 1
