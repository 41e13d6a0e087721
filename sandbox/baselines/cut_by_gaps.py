"""Read a line as one would without a network: cut it where no ink is, and classify each piece."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.digit_lines import Digits
from sandbox.data.nearest_neighbour import nearest_labels
from sandbox.tasks.inputs.line import Line
from sandbox.tasks.outputs.transcript import Transcript

INK = 0.4
"""Share of a line's darkest ink from which a pixel belongs to a piece."""
LEAST = 0.3
"""Share of the highest piece's height below which a piece is dirt."""
SIDE = 16
"""Pixels of a piece as it is compared."""
MOST = 10_000
"""Known digits that a piece is compared with."""
WIDE, USUAL = 1.35, 0.75
"""Width of a piece, in heights, from which it is more than one character; and that of a character."""


class CutByGaps:
    """Connected pieces of ink, from left to right, each with the class of the nearest known character.

    Args:
        digits: known characters.
        input: how a line is read.
        divide: whether a piece that is wider than high is cut into parts of equal width.
    """

    def __init__(self, digits: Digits, input: Line, *, divide: bool) -> None:
        self.input, self.output, self.divide = input, Transcript(), divide
        every = -(-len(digits.pictures) // MOST)
        self.known = torch.from_numpy(
            np.stack([_piece(one) for one in digits.pictures[::every].astype(np.float32)])
        ).flatten(1)
        self.names = sorted(set(digits.labels))
        self.labels = torch.tensor([self.names.index(label) for label in digits.labels[::every]])

    def predict(self, inputs: Any) -> list[str]:
        """What each line (N, 1, H, W) says."""
        cut = [self.pieces(np.asarray(one, np.float32)[0]) for one in inputs]
        every = [piece for pieces in cut for piece in pieces]
        if not every:
            return [""] * len(cut)
        answers = iter(
            nearest_labels(self.known, self.labels, torch.from_numpy(np.stack(every)).flatten(1)).tolist()
        )
        return ["".join(self.names[next(answers)] for _ in pieces) for pieces in cut]

    def pieces(self, line: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The pieces of a line (H, W), as they are compared."""
        smooth = cv2.GaussianBlur(line, (0, 0), 0.6)
        ink = smooth > INK * max(float(smooth.max()), 1e-6)
        count, places, frames, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
        if count < 2:
            return []
        highest = float(frames[1:, cv2.CC_STAT_HEIGHT].max())
        found = []
        for number in sorted(range(1, count), key=lambda one: frames[one, 0] + frames[one, 2] / 2):
            left, top, wide, high = (int(one) for one in frames[number, :4])
            if high < LEAST * highest:
                continue
            part = slice(top, top + high), slice(left, left + wide)
            piece = np.where(places[part] == number, line[part], 0.0)
            parts = min(wide, round(wide / high / USUAL)) if self.divide and wide > WIDE * high else 1
            ends = np.linspace(0, wide, parts + 1).round().astype(int)
            found += [_piece(piece[:, a:b]) for a, b in pairwise(ends)]
        return found


def _piece(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A character's frame in the middle of a square, a little blurred, all with ink of the same strength."""
    strong = picture > 0.3 * max(float(picture.max()), 1e-6)
    rows, columns = np.flatnonzero(strong.any(1)), np.flatnonzero(strong.any(0))
    if not len(rows):
        return np.zeros((SIDE, SIDE), np.float32)
    cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = (SIDE - 2) / max(cut.shape)
    high, wide = (max(1, round(side * scale)) for side in cut.shape)
    found = np.zeros((SIDE, SIDE), np.float32)
    up, before = (SIDE - high) // 2, (SIDE - wide) // 2
    found[up : up + high, before : before + wide] = cv2.resize(
        np.ascontiguousarray(cut), (wide, high), interpolation=cv2.INTER_AREA
    )
    found = cv2.GaussianBlur(found, (0, 0), 0.7)
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-6), np.float32)
