"""From a picture anybody has to the small one that a network was trained on: one way in for all tasks."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.data.handwriting import Style, ink, prepare


def as_input(image: Any, in_shape: tuple[int, int, int], style: Style | None) -> NDArray[np.float32]:
    """The picture as a network sees it, the same from a file, an opened picture and an array.

    Args:
        image: what `sandbox.data.formats.images.values` takes, of any size. Handwriting may be dark ink on
            light paper or light ink on dark paper.
        in_shape: `(C, H, W)` that the network takes.
        style: of handwriting, as the network learned it; None for photos.

    Returns:
        `(C, H, W)` in [0, 1].

    Raises:
        PictureError: it cannot be read, or its numbers are out of range.
    """
    channels, height, width = in_shape
    values = images.values(image)
    if style is not None:
        return prepare(ink(values), style)[None]
    values = np.atleast_3d(values)
    if values.shape[2] != channels:
        values = values.mean(2, keepdims=True) if channels == 1 else values.repeat(channels, axis=2)
    resized = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.float32).reshape(height, width, channels).transpose(2, 0, 1).copy()
