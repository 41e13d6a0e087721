"""A picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image as PillowImage


@dataclass(frozen=True)
class Image:
    """An answer is an array (C, H, W) in [0, 1] with one or three channels.

    Attributes:
        ink: whether 1 is ink on white paper, as in handwriting; else 1 is white.
    """

    ink: bool = False
    kind: ClassVar[str] = "image"

    def text(self, answer: Any) -> str:
        """Its size; `--save` writes it."""
        _, height, width = np.shape(answer)
        return f"a picture of {width} x {height} pixels"

    def to_json(self, answer: Any) -> list[Any]:
        """Rows of pixels, (C, H, W)."""
        return np.asarray(answer, np.float64).round(4).tolist()

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write a PNG file."""
        path = folder / f"{stem}.png"
        values = np.clip(np.asarray(answer, np.float32), 0, 1)
        grey = values.shape[0] == 1
        pixels = np.round(255 * (1 - values if self.ink else values)).astype(np.uint8)
        PillowImage.fromarray(pixels[0] if grey else pixels.transpose(1, 2, 0)).save(path)
        return path
