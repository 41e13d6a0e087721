"""Pictures: files, drawings and photos, made to fit a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data import image_folder
from sandbox.data.sketch import Style, prepare
from sandbox.errors import UserError
from sandbox.tasks.outputs.image import Image as Output


@dataclass(frozen=True)
class Image:
    """A picture is an array (C, H, W) in [0, 1] of the network's size.

    Attributes:
        shape: `(C, H, W)`.
        style: how a drawing is made to look like the training pictures; None for photos.
    """

    shape: Sequence[int]
    style: Style | None = None
    kind: ClassVar[str] = "image"
    files: ClassVar[str] = "a picture"

    def read(self, file: Path) -> NDArray[np.uint8]:
        """The picture in a file as RGB bytes (H, W, 3), turned upright.

        Raises:
            UserError: it cannot be read; names it.
        """
        return image_folder.read(file)

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The picture as the network sees it.

        Args:
            raw: (H, W) or (H, W, 3) of any size: bytes, or numbers in [0, 1]. A drawing may be dark on light
                or light on dark: what most of its edge shows is taken for paper.

        Raises:
            UserError: another shape, or numbers outside [0, 1].
        """
        values: NDArray[Any] = np.asarray(raw)
        if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (1, 3)):
            raise UserError(f"A picture has the shape (H, W) or (H, W, 3), not {values.shape}.")
        values = values.astype(np.float32) / (255 if values.dtype == np.uint8 else 1)
        if values.size == 0 or not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
            raise UserError("A picture's numbers are bytes, or from 0 to 1.")
        channels, height, width = self.shape
        if self.style is not None:
            return prepare(_ink(values), self.style)[None]
        values = np.atleast_3d(values)
        if values.shape[2] != channels:
            values = values.mean(2, keepdims=True) if channels == 1 else values.repeat(channels, axis=2)
        resized = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, np.float32).reshape(height, width, channels).transpose(2, 0, 1).copy()

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a picture (C, H, W) as a PNG file; a drawing as ink on white paper."""
        return Output(ink=self.style is not None).save(value, folder, stem)


def _ink(picture: NDArray[Any]) -> NDArray[Any]:
    """A scan, photo or drawing of handwriting as ink (H, W): 1 is ink and 0 is paper."""
    grey = picture if picture.ndim == 2 else picture.mean(2)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 1 - grey if np.median(edge) > 0.5 else grey
