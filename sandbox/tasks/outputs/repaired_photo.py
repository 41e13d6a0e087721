"""A photo of any size."""

import base64
import io
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sandbox.tasks.outputs.image import Image


class RepairedPhoto(Image):
    """An answer is an array (C, H, W) in [0, 1], 1 is white; photos of a batch may differ in size."""

    kind: ClassVar[str] = "repaired_photo"

    def text(self, answer: Any) -> str:
        """Its size; `--save` writes it."""
        _, height, width = np.shape(answer)
        return f"a photo of {width} x {height} pixels"

    def to_json(self, answer: Any) -> Any:
        """Its size and the PNG file as text (base64)."""
        _, height, width = np.shape(answer)
        return {"width": width, "height": height, "png": base64.b64encode(png(answer)).decode()}


def bytes_of(values: Any) -> NDArray[np.uint8]:
    """A photo (C, H, W) as bytes (H, W, 3); what is missing becomes white."""
    rounded = np.round(255 * np.clip(np.nan_to_num(np.asarray(values, np.float32), nan=1.0), 0, 1))
    pixels = rounded.astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def png(values: Any) -> bytes:
    """A photo (C, H, W) as a PNG file."""
    file = io.BytesIO()
    PillowImage.fromarray(bytes_of(values)).save(file, "PNG", compress_level=3)
    return file.getvalue()
