"""Lines of real handwritten digits: put together side by side, so close that some touch or overlap.

Every digit is one that somebody wrote, turned, slanted and scaled a little. The line rises or falls; its ink,
its spacing and the noise on its paper are its own.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from sandbox.data.labelled_images import LabelledImages
from sandbox.data.line_picture import fit

HIGH = 24
"""Pixels of a digit of usual height while a line is put together."""
INK = 0.3
"""Ink from which a column belongs to a digit."""
CLOSEST = 0.3
"""Share of a digit's width by which it may reach into its neighbour's."""
ROOM = 24
"""Pixels above and below a line while it is put together."""


@dataclass(frozen=True)
class Digits:
    """Pictures of single digits.

    Attributes:
        pictures: (N, S, S) bytes, 255 is ink; the frame of the ink fills their height.
        labels: what each says.
    """

    pictures: UInt8[np.ndarray, "N S S"]
    labels: list[str]


def parts(found: LabelledImages) -> tuple[Digits, Digits]:
    """Digits for lines to learn from, and other ones for unseen lines."""
    return tuple(
        Digits(
            np.stack([_scaled(one) for one in pictures[:, 0].numpy()]),
            [found.classes[label] for label in labels.tolist()],
        )
        for pictures, labels in (
            (found.train_images, found.train_labels),
            (found.test_images, found.test_labels),
        )
    )  # pyright: ignore[reportReturnType]


@dataclass(frozen=True)
class Layout:
    """How large lines are.

    Attributes:
        height: of the picture, in pixels.
        width: of the picture.
        shortest: digits of a line, at least.
        longest: at most.
    """

    height: int
    width: int
    shortest: int = 5
    longest: int = 9


def line(digits: Digits, draw: np.random.Generator, layout: Layout) -> tuple[NDArray[np.float32], str]:
    """One line as a network sees it, (height, width) in [0, 1] in steps of 1 / 255, and what it says."""
    count = int(draw.integers(layout.shortest, layout.longest + 1))
    rows = draw.integers(0, len(digits.pictures), count)
    spacing, slope = draw.uniform(-0.15, 0.35) * HIGH, draw.uniform(-0.12, 0.12)
    high = HIGH * draw.uniform(0.8, 1.2, count)
    stretch = draw.uniform(0.85, 1.15, count)
    slant = draw.normal(0, 0.15) + draw.normal(0, 0.08, count)
    turn = draw.normal(0, 0.05) + draw.normal(0, 0.06, count)
    gaps, lifts = spacing + draw.normal(0, 2, count), draw.normal(0, 1.2, count)
    sheet = np.zeros((HIGH + 2 * ROOM + 2 * count, 2 * HIGH * (count + 1)), np.float32)
    middle, end = sheet.shape[0] / 2 - slope * HIGH * count / 2, 4.0
    for i, row in enumerate(rows):
        glyph = _drawn(digits.pictures[row], high[i], stretch[i], slant[i], turn[i])
        wide = glyph.shape[1]
        left = max(0, round(end + max(gaps[i], -CLOSEST * wide)))
        up = round(middle + slope * (left + wide / 2) + lifts[i] - glyph.shape[0] / 2)
        up = min(max(up, 0), sheet.shape[0] - glyph.shape[0])
        part = sheet[up : up + glyph.shape[0], left : left + wide]
        np.maximum(part, glyph[:, : part.shape[1]], out=part)
        end = left + wide
    picture = fit(sheet, layout.height, layout.width, share=draw.uniform())
    picture = cv2.pow(picture, draw.uniform(0.7, 1.5)) * np.float32(draw.uniform(0.7, 1.0))
    picture += draw.standard_normal(picture.shape, np.float32) * np.float32(draw.uniform(0, 0.12))
    shades = np.asarray(np.rint(picture.clip(0, 1) * 255) / 255, np.float32)
    return shades, "".join(digits.labels[row] for row in rows)


def lines(
    digits: Digits, count: int, seed: tuple[int, ...], layout: Layout
) -> tuple[NDArray[np.float32], list[str]]:
    """Lines (N, 1, height, width) that a seed decides, and what they say."""
    draw = np.random.default_rng(seed)
    found = [line(digits, draw, layout) for _ in range(count)]
    return np.stack([picture for picture, _ in found])[:, None], [text for _, text in found]


def _scaled(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A digit whose ink is as high as the picture, in the middle of a square."""
    side = HIGH + 8
    rows = np.flatnonzero((picture > INK).any(1))
    rows = np.arange(len(picture)) if not len(rows) else rows
    cut = picture[rows[0] : rows[-1] + 1]
    scale = side / len(cut)
    wide = max(1, round(cut.shape[1] * scale))
    large = cv2.resize(cut, (wide, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    columns = np.flatnonzero((large > INK).any(0))
    if len(columns):
        large = large[:, columns[0] : columns[-1] + 1]
    if large.shape[1] > side:
        large = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    found = np.zeros((side, side), np.uint8)
    left = (side - large.shape[1]) // 2
    found[:, left : left + large.shape[1]] = np.rint(large * 255)
    return found


def _drawn(
    picture: NDArray[np.uint8], high: float, stretch: float, slant: float, turn: float
) -> NDArray[np.float32]:
    """A digit of a height in pixels, stretched sideways, slanted and turned; cut out at its ink's sides."""
    side, scale = picture.shape[0], high / picture.shape[0]
    out = round(1.6 * high)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    matrix = np.array([[cos * stretch, -sin + slant * scale, 0], [sin * stretch, cos, 0]])
    matrix[:, 2] = out / 2 - matrix[:, :2] @ [side / 2, side / 2]
    found = cv2.warpAffine(picture, matrix, (out, out), flags=cv2.INTER_LINEAR)
    columns = np.flatnonzero(found.max(0) > INK * 255)
    cut = found[:, columns[0] : columns[-1] + 1] if len(columns) else found
    return cut.astype(np.float32) / np.float32(255)
