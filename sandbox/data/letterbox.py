"""A picture of any size into a fixed one: scaled as a whole, with grey where it does not reach."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

GREY = 0.5
"""What lies around a picture of another shape."""


@dataclass(frozen=True)
class Letterbox:
    """How a picture lies in the fixed one.

    Attributes:
        scale: pixels there for one pixel of the picture.
        left: pixels of grey to its left.
        top: and above it.
        shape: height and width of the fixed picture.
    """

    scale: float
    left: int
    top: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int], shape: tuple[int, int]) -> "Letterbox":
        """The largest that fits, in the middle.

        Args:
            size: height and width of the picture.
            shape: height and width of the fixed picture.
        """
        scale = min(shape[0] / size[0], shape[1] / size[1])
        height, width = (max(1, round(side * scale)) for side in size)
        return cls(scale, (shape[1] - width) // 2, (shape[0] - height) // 2, shape)

    def picture(self, values: NDArray[Any]) -> NDArray[Any]:
        """The picture (H, W, 3) in the fixed one; bytes stay bytes."""
        height, width = (max(1, round(side * self.scale)) for side in values.shape[:2])
        grey = round(255 * GREY) if values.dtype == np.uint8 else GREY
        whole = np.full((*self.shape, values.shape[2]), grey, values.dtype)
        way = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        scaled = cv2.resize(values, (width, height), interpolation=way) if self.scale != 1 else values
        whole[self.top : self.top + height, self.left : self.left + width] = scaled.reshape(height, width, -1)
        return whole

    def inwards(self, boxes: NDArray[Any]) -> NDArray[np.float32]:
        """Boxes (..., 4) of the picture in pixels of the fixed one."""
        shift = np.array([self.left, self.top, self.left, self.top], np.float32)
        return np.asarray(boxes, np.float32) * np.float32(self.scale) + shift

    def outwards(self, boxes: NDArray[Any]) -> NDArray[np.float32]:
        """Boxes (..., 4) of the fixed picture in pixels of the picture."""
        shift = np.array([self.left, self.top, self.left, self.top], np.float32)
        return (np.asarray(boxes, np.float32) - shift) / np.float32(self.scale)
