"""Minibatches of pictures with boxes, changed at random so that the boxes go along.

Mosaic puts parts of four pictures together (Bochkovskiy et al. 2020, arXiv:2004.10934): more objects, more
sizes and more surroundings in every picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.data.letterbox import GREY

VISIBLE = 0.4
"""Share of a box that must be left in the picture, so that it still counts as an object."""
LEAST_SIDE = 3
"""Pixels of the shortest side of a box that is learned."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How far pictures are changed; 0 or False is not at all.

    Attributes:
        mosaic: share of the pictures that are put together from four.
        zoom: largest share by which a picture grows or shrinks.
        mirror: mirror half of them left to right.
        flip: turn half of them upside down.
        colour: how far brightness, contrast and each colour change.
    """

    mosaic: float = 0.0
    zoom: float = 0.0
    mirror: bool = False
    flip: bool = False
    colour: float = 0.0


class BoxedBatches:
    """`batches(step)`, a function of the step and the seed alone: pictures (B, 3, H, W) and boxes (B, M, 5).

    Args:
        pictures: (N, H, W, 3) bytes.
        boxes: (N, M, 5), see `BoxedImages`.
        batch_size: pictures in a batch.
        seed: of order and changes.
        changes: see `Changes`.
        device: of the tensors.
    """

    def __init__(
        self,
        pictures: NDArray[np.uint8],
        boxes: NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
        changes: Changes,
        device: torch.device | str = "cpu",
    ) -> None:
        self.pictures, self.boxes = pictures, boxes
        self.batch_size, self.seed, self.changes, self.device = batch_size, seed, changes, device

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of one step."""
        made = [self._example(step * self.batch_size + i) for i in range(self.batch_size)]
        table = np.full((len(made), max(1, *(len(boxes) for _, boxes in made)), 5), -1, np.float32)
        for row, (_, boxes) in zip(table, made, strict=True):
            row[: len(boxes)] = boxes
        pixels = torch.from_numpy(np.stack([picture for picture, _ in made]).transpose(0, 3, 1, 2))
        return pixels.to(self.device).float().div_(255), torch.from_numpy(table).to(self.device)

    def _example(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """One changed picture: each is taken once in each round over all, in an order drawn anew."""
        epoch, place = divmod(number, len(self.pictures))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.pictures))
        draw = np.random.default_rng((self.seed, 1, number))
        height, width = self.pictures.shape[1:3]
        whole = np.full((height, width, 3), round(255 * GREY), np.uint8)
        chosen = [int(order[place])]
        tiles = [(0, 0, width, height)]
        if draw.random() < self.changes.mosaic:
            chosen += draw.integers(0, len(self.pictures), 3).tolist()
            x, y = int(width * draw.uniform(0.3, 0.7)), int(height * draw.uniform(0.3, 0.7))
            tiles = [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
        found = [self._tile(whole, row, tile, draw) for row, tile in zip(chosen, tiles, strict=True)]
        return recoloured(whole, self.changes.colour, draw), np.concatenate(found)

    def _tile(
        self, whole: NDArray[np.uint8], row: int, tile: tuple[int, int, int, int], draw: np.random.Generator
    ) -> NDArray[np.float32]:
        """Draw a part of a picture into a tile of another; returns the boxes in it."""
        left, top, right, bottom = tile
        picture, boxes = self.pictures[row], self.boxes[row]
        height, width = picture.shape[:2]
        zoom = self.changes.zoom
        scale = np.exp(draw.uniform(-1, 1) * np.log1p(zoom))
        wide, high = (scale * np.exp(draw.uniform(-0.3, 0.3) * np.log1p(zoom)) for _ in range(2))
        # The part of the picture that is seen lies anywhere in it; a smaller picture anywhere in the tile.
        x = left - draw.uniform() * (width * wide - (right - left))
        y = top - draw.uniform() * (height * high - (bottom - top))
        if self.changes.mirror and draw.random() < 0.5:
            wide, x = -wide, x + width * wide
        if self.changes.flip and draw.random() < 0.5:
            high, y = -high, y + height * high
        matrix = np.array([[wide, 0, x - left + (wide - 1) / 2], [0, high, y - top + (high - 1) / 2]])
        grey = (round(255 * GREY),) * 3
        whole[top:bottom, left:right] = cv2.warpAffine(
            picture, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR, borderValue=grey
        )
        return moved(boxes, (wide, x), (high, y), tile)


def moved(
    boxes: NDArray[np.float32],
    across: tuple[float, float],
    down: tuple[float, float],
    tile: tuple[int, int, int, int],
) -> NDArray[np.float32]:
    """Boxes (M, 5) scaled and shifted, cut off at a tile; those of which too little is left are gone.

    Args:
        boxes: -1 in the class where there is none.
        across: factor and shift of x.
        down: factor and shift of y.
        tile: left, top, right, bottom.
    """
    kept = boxes[boxes[:, 4] >= 0]
    sides = []
    for (factor, shift), axis, low, high in ((across, 0, tile[0], tile[2]), (down, 1, tile[1], tile[3])):
        ends = np.sort(factor * kept[:, [axis, axis + 2]] + shift, axis=1)
        sides.append((ends, ends.clip(low, high)))
    (x, seen_x), (y, seen_y) = sides
    visible = np.diff(seen_x)[:, 0] * np.diff(seen_y)[:, 0] / (np.diff(x) * np.diff(y))[:, 0].clip(1e-6)
    large = np.minimum(np.diff(seen_x), np.diff(seen_y))[:, 0] >= LEAST_SIDE
    found = np.column_stack([seen_x[:, 0], seen_y[:, 0], seen_x[:, 1], seen_y[:, 1], kept[:, 4]])
    return found[(visible >= VISIBLE) & large].astype(np.float32)


def recoloured(picture: NDArray[np.uint8], amount: float, draw: np.random.Generator) -> NDArray[np.uint8]:
    """Other brightness, contrast and colours, by up to `amount`."""
    if amount <= 0:
        return picture
    factor = np.exp(draw.uniform(-amount, amount)) * np.exp(draw.uniform(-amount / 2, amount / 2, 3))
    shift = 255 * draw.uniform(-amount, amount) / 4
    table = np.arange(256)[:, None] * factor + (1 - factor) * 128 + shift
    return np.asarray(cv2.LUT(picture, table.clip(0, 255).astype(np.uint8)[None]), np.uint8)
