"""Crops of pictures with their maps, turned, mirrored, zoomed and with other colours, to learn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Change:
    """How far crops are changed.

    Attributes:
        zoom: largest factor by which a crop is enlarged or made smaller.
        turn: whether crops are turned by any angle, besides being mirrored; else by quarters of a turn, which
            without zoom leaves every pixel as sharp as it is.
        colour: how far brightness and each colour may go, as a share of full contrast; stains differ so.
        light: how much light, uneven over the crop, may be added or missing, as a share of full contrast.
    """

    zoom: float = 1.5
    turn: bool = True
    colour: float = 0.1
    light: float = 0.3


class MaskCrops:
    """Minibatches of square crops at random places; `batches(step)` depends on the seed and the step alone.

    Args:
        pictures: (H, W, C) each, in [0, 1].
        maps: (H, W, M) each, what is to be answered at every pixel.
        side: of a crop, in pixels.
        batch_size: crops in a batch.
        seed: of places and changes.
        change: how far crops are changed.
    """

    def __init__(
        self,
        pictures: Sequence[Float[np.ndarray, "_ _ C"]],
        maps: Sequence[Float[np.ndarray, "_ _ M"]],
        *,
        side: int,
        batch_size: int,
        seed: int,
        change: Change,
    ) -> None:
        self.pictures, self.maps = pictures, maps
        self.side, self.batch_size, self.seed, self.change = side, batch_size, seed, change

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Crops (B, C, S, S) and their maps (B, M, S, S)."""
        generator = np.random.default_rng((self.seed, step))
        rows = generator.integers(0, len(self.pictures), self.batch_size)
        pairs = [self._crop(int(row), generator) for row in rows]
        return tuple(  # pyright: ignore[reportReturnType]
            torch.from_numpy(np.stack(part).transpose(0, 3, 1, 2).copy()) for part in zip(*pairs, strict=True)
        )

    def _crop(
        self, row: int, generator: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        picture, maps, side = self.pictures[row], self.maps[row], self.side
        height, width = picture.shape[:2]
        zoom = math.exp(generator.uniform(-1, 1) * math.log(self.change.zoom))
        quarter = int(generator.integers(4)) * math.pi / 2
        angle = generator.uniform(0, 2 * math.pi) if self.change.turn else quarter
        mirror = generator.choice((-1.0, 1.0))
        centre = [
            generator.uniform(min(side, size) / 2, size - min(side, size) / 2) for size in (width, height)
        ]
        # From a pixel of the crop to a place in the picture.
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) / zoom
        turn[:, 0] *= mirror
        if not self.change.turn and self.change.zoom == 1:
            turn = np.round(turn)
            centre = [round(place - side / 2) + (side - 1) / 2 for place in centre]  # on whole pixels
        shift = np.array(centre) - turn @ np.full(2, (side - 1) / 2)
        matrix = np.column_stack([turn, shift])
        cut: list[Any] = [
            cv2.warpAffine(
                values,
                matrix,
                (side, side),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101,
            ).reshape(side, side, -1)
            for values in (picture, maps)
        ]
        return self._coloured(cut[0], generator), cut[1]

    def _coloured(self, crop: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        amount, colours = self.change.colour, crop.shape[2]
        if amount == 0:
            return crop
        gamma = math.exp(generator.uniform(-2, 2) * amount)
        gain = 1 + generator.uniform(-1, 1, colours) * amount + generator.uniform(-1, 1) * amount
        shift = generator.uniform(-1, 1, colours) * amount / 2
        changed = np.maximum(crop, 0) ** gamma * gain + shift + self._light(generator)
        return (changed + generator.normal(0, generator.uniform(0, amount / 4), crop.shape)).astype(
            np.float32
        )

    def _light(self, generator: np.random.Generator) -> NDArray[np.float32]:
        """Light that changes smoothly over a crop, (S, S, 1)."""
        corners = generator.uniform(-1, 1, (3, 3)).astype(np.float32) * generator.uniform(
            0, self.change.light
        )
        whole: Any = cv2.resize(corners, (self.side, self.side), interpolation=cv2.INTER_CUBIC)
        return whole[..., None]
