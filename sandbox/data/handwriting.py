"""From a drawing of any size to the small picture that a network for handwriting was trained on."""

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data.labelled_images import LabelledImages

SCALE = 8
"""Work happens at this many times the final size, so that stroke widths can be set finely."""
FAINT = 0.05
"""Less ink than this at the darkest place counts as an empty sheet."""


@dataclass(frozen=True)
class Style:
    """How the pictures of a set of handwriting were made, as far as a sketch has to imitate it."""

    side: int
    """Rows and columns of a picture."""
    box: int
    """The rows and columns in it that the ink fills."""
    aspect: float
    """Widest that the ink may be, as a share of `box`; wider sketches are squeezed."""
    ink: float
    """Mean of all pixels, in [0, 1]; the stroke is thickened or thinned until it is reached."""
    centre: str
    """`box`: the middle of the ink's frame lies in the middle; `mass`: its centre of mass does."""

    def to_json(self) -> dict[str, Any]:
        """Values for a checkpoint's meta data."""
        return asdict(self)


DIGITS = Style(side=8, box=8, aspect=0.8, ink=0.305, centre="box")
"""Measured on scikit-learn's 1,797 digits: every one touches the first and the last row, 88 % leave the last
column empty, and the mean ink is 0.305 with hardly any spread over the classes."""
MNIST = Style(side=28, box=20, aspect=1.0, ink=0.131, centre="mass")
"""As LeCun's page describes it; the mean ink over the 60,000 training digits is 0.131."""


def style_of(data: LabelledImages) -> Style | None:
    """How a drawing has to look to be like these pictures; None if they are no drawings."""
    if data.name == "digits" and data.in_shape == (1, 8, 8):
        return DIGITS
    edge = (MNIST.side - MNIST.box) // 2
    if data.in_shape == (1, MNIST.side, MNIST.side):
        middle = data.train_images[:, :, edge:-edge, edge:-edge]
        if middle.sum() > 0.98 * data.train_images.sum():
            return MNIST
    return None


def ink(picture: NDArray[np.floating]) -> NDArray[np.floating]:
    """A scan or photo of handwriting as ink: 1 is ink, 0 is paper, whatever their colours are.

    Args:
        picture: `(H, W)` or `(H, W, 3)` in [0, 1]; its edge is mostly paper.

    Returns:
        `(H, W)` in [0, 1].
    """
    grey = picture if picture.ndim == 2 else picture.mean(2)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 1 - grey if np.median(edge) > 0.5 else grey


def prepare(sketch: NDArray[np.floating], style: Style) -> NDArray[np.float32]:
    """Make a picture of `style` from a drawing.

    The ink's frame is cut out, scaled to fill the style's box, and given the stroke width at which the mean
    ink is the style's: with the signed distance to the stroke's edge, thickening and thinning are one
    threshold. A picture that has the final size already and touches the frame like the originals is returned
    as it is.

    Args:
        sketch: `(H, W)` in [0, 1], 0 is paper and 1 is ink.
        style: of the set that the network was trained on.

    Returns:
        `(side, side)` in [0, 1]; all zero for an empty sheet.

    Raises:
        ValueError: the array is not two-dimensional or holds values that are not finite.
    """
    if sketch.ndim != 2 or min(sketch.shape) < 1:
        raise ValueError(f"a sketch is (H, W), not {sketch.shape}")
    if not np.isfinite(sketch).all():
        raise ValueError("the sketch holds values that are not finite")
    ink = np.clip(sketch, 0.0, 1.0).astype(np.float32)
    if float(ink.max()) < FAINT:
        return np.zeros((style.side, style.side), np.float32)
    if ink.shape == (style.side, style.side):
        return ink
    ink /= ink.max()
    box = style.box * SCALE
    wanted = round(style.ink * style.side**2 * SCALE**2)
    # A thicker stroke fills more than the box it was scaled to, so the frame is cut and scaled again.
    for _ in range(3):
        ink = _stroke(_fit(ink, box, style.aspect), wanted)
    frame = _fit(ink, box, style.aspect)
    sheet = np.zeros((style.side * SCALE, style.side * SCALE), np.float32)
    top, left = _place(frame, sheet.shape[0], style.centre)
    sheet[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return _resize(sheet, style.side, style.side)


def _fit(ink: NDArray[np.float32], box: int, aspect: float) -> NDArray[np.float32]:
    """The ink's frame, scaled to touch the box above and below (or at the sides, where that comes first)."""
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    columns = np.flatnonzero((ink > 0.5).any(axis=0))
    frame = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = frame.shape
    scale = box / max(height, width)
    return _resize(
        frame, max(1, round(height * scale)), max(1, min(round(width * scale), round(box * aspect)))
    )


def _resize(ink: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    shrinks = height < ink.shape[0]
    resized = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)


def _stroke(ink: NDArray[np.float32], wanted: int) -> NDArray[np.float32]:
    """The same drawing with a stroke width at which `wanted` pixels are ink."""
    around = max(ink.shape) // 2
    solid = (np.pad(ink, around) > 0.5).astype(np.uint8)
    outside = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    distance = outside - inside
    edge = np.partition(distance.ravel(), wanted)[wanted]
    return (distance <= edge).astype(np.float32)


def _place(frame: NDArray[np.float32], side: int, centre: str) -> tuple[int, int]:
    height, width = frame.shape
    if centre == "mass":
        row = float((frame.sum(axis=1) * np.arange(height)).sum() / frame.sum()) + 0.5
        column = float((frame.sum(axis=0) * np.arange(width)).sum() / frame.sum()) + 0.5
    else:
        row, column = height / 2, width / 2
    top, left = round(side / 2 - row), round(side / 2 - column)
    return min(max(top, 0), side - height), min(max(left, 0), side - width)
