"""Pictures: files, drawings and photos, made to fit a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.as_input import as_input
from sandbox.data.formats import images
from sandbox.data.handwriting import Style
from sandbox.tasks.outputs.image import Image as Output

MARGIN = 1e-3
"""By which rounding may leave [0, 1]."""


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
    files: ClassVar[str] = f"a {images.KINDS} picture"

    @property
    def drawable(self) -> bool:
        """Whether the network reads what is drawn, ink on paper, rather than photos."""
        return self.style is not None

    def read(self, file: Path) -> NDArray[np.float32]:
        """The picture in a file as numbers in [0, 1]: (H, W) or (H, W, 3), upright.

        Raises:
            PictureError: it cannot be read; names it.
        """
        return images.values(file)

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The picture as the network sees it, from a file's bytes, an opened picture or an array.

        Raises:
            PictureError: it is no picture, or has numbers that are out of range.
        """
        channels, height, width = self.shape
        return as_input(raw, (channels, height, width), self.style)

    def encoded(self, pictures: Any) -> NDArray[Any]:
        """Pictures (N, C, H, W), which must be as `encode` makes them: a photo is no answerable question.

        Raises:
            PictureError: they are of another size, or have numbers outside [0, 1].
        """
        found = np.asarray(pictures)
        channels, height, width = self.shape
        if found.ndim != 4 or found.shape[1:] != (channels, height, width):
            raise images.PictureError(
                f"The network takes pictures (N, {channels}, {height}, {width}), not {found.shape}; "
                "input.encode(picture)[None] makes one of a photo, a file's bytes or an array."
            )
        if found.size and not (found.min() >= -MARGIN and found.max() <= 1 + MARGIN):
            raise images.PictureError(
                "The network takes numbers from 0 to 1, which input.encode(picture) makes."
            )
        return found

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a picture (C, H, W) as a PNG file; a drawing as ink on white paper."""
        return Output(ink=self.drawable).save(value, folder, stem)
