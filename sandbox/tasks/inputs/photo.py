"""Photos: pictures of any size, which a network looks at as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.tasks.outputs.image import Image as Output


@dataclass(frozen=True)
class Photo:
    """A photo is an array (C, H, W) in [0, 1]; every photo has its own height and width.

    Attributes:
        channels: colours, 3, or 1 for grey.
    """

    channels: int = 3
    kind: ClassVar[str] = "photo"
    files: ClassVar[str] = f"a {images.KINDS} picture"
    drawable: ClassVar[bool] = False

    def read(self, file: Path) -> NDArray[np.float32]:
        """The picture in a file as numbers in [0, 1]: (H, W) or (H, W, 3), upright, 1,024 pixels at most.

        Raises:
            PictureError: it cannot be read; names it.
        """
        return images.values(file)

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The picture as the network sees it, from a file's bytes, an opened picture or an array.

        Raises:
            PictureError: it is no picture, or has numbers that are out of range.
        """
        values = np.atleast_3d(images.values(raw))
        if values.shape[2] != self.channels:
            if self.channels != 1:
                values = values.repeat(self.channels, axis=2)
            else:  # three times the same grey is that grey, to the last bit
                same = (values == values[..., :1]).all()
                values = values[..., :1] if same else values.mean(2, keepdims=True)
        return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)

    def encoded(self, photos: Any) -> Sequence[NDArray[np.float32]]:
        """Photos (C, H, W) one by one, which must be as `encode` makes them.

        Raises:
            PictureError: one has another shape, or numbers that are not finite.
        """
        found = [np.asarray(one, np.float32) for one in photos]
        for one in found:
            if one.ndim != 3 or one.shape[0] != self.channels or 0 in one.shape or not np.isfinite(one).all():
                raise images.PictureError(
                    f"The network takes photos ({self.channels}, H, W) of finite numbers, not {one.shape}; "
                    "input.encode(picture) makes one of a photo, a file's bytes or an array."
                )
        return found

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a photo (C, H, W) as a PNG file."""
        return Output().save(value, folder, stem)
