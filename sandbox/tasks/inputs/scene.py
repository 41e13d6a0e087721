"""Pictures of any size and shape in which something is to be found; scaled as a whole, grey around them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sandbox.data.formats import images
from sandbox.data.letterbox import Letterbox
from sandbox.tasks.inputs.image import Image


class Framed(np.ndarray):
    """A picture as a network takes it that remembers what it was made of, so that places can be told there.

    Attributes:
        whole: the picture (H, W, 3) in [0, 1] it was made of; None if nobody knows.
        sides: height and width of its file, which may be larger.
    """

    whole: NDArray[np.float32] | None
    sides: tuple[int, int] | None

    def __array_finalize__(self, other: Any) -> None:
        """Parts and batches remember, too."""
        self.whole, self.sides = getattr(other, "whole", None), getattr(other, "sides", None)


def framed(values: NDArray[Any], whole: NDArray[Any] | None, sides: tuple[int, int]) -> Framed:
    """The array with what it was made of."""
    found = np.asarray(values, np.float32).view(Framed)
    found.whole, found.sides = whole, sides
    return found


@dataclass(frozen=True)
class Scene(Image):
    """A picture is an array (3, H, W) in [0, 1] of the network's size; a `Framed` one if it was encoded."""

    kind: ClassVar[str] = "scene"

    def read(self, file: Path) -> Framed:
        """The picture in a file as numbers in [0, 1], (H, W, 3), upright, with the size of the file.

        Raises:
            PictureError: it cannot be read; names it.
        """
        values = _colours(images.values(file))
        with PillowImage.open(file, formats=images.FORMATS) as opened:
            short, long = sorted(opened.size)  # as the file lies, which may be on its side
        tall = values.shape[0] > values.shape[1]
        return framed(values, values, (long, short) if tall else (short, long))

    def encode(self, raw: Any) -> Framed:
        """The picture as the network sees it, from a file's bytes, an opened picture or an array.

        Raises:
            PictureError: it is no picture, or has numbers that are out of range.
        """
        values = _colours(images.values(raw))
        height, width = values.shape[:2]
        _, high, wide = self.shape
        seen = Letterbox.of((height, width), (high, wide)).picture(values).clip(0, 1).transpose(2, 0, 1)
        return framed(np.ascontiguousarray(seen), values, getattr(raw, "sides", None) or (height, width))


def _colours(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)
