"""Numbers on their way to a component's script, as base64; `pixels.js` reads them."""

import base64

import numpy as np
from numpy.typing import NDArray


def floats(values: NDArray[np.floating]) -> str:
    """Numbers as 32-bit floats."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()


def thousandths(points: NDArray[np.floating]) -> str:
    """Points of a small plane as thousandths in 16 bits."""
    return base64.b64encode(np.round(1000 * points).clip(-32000, 32000).astype("<i2").tobytes()).decode()


def shares(values: NDArray[np.floating]) -> str:
    """Shares in [0, 1] as bytes."""
    return whole(np.round(255 * values.clip(0, 1)))


def whole(values: NDArray[np.generic]) -> str:
    """Whole numbers from 0 to 255 as bytes."""
    return base64.b64encode(np.asarray(values).astype(np.uint8).tobytes()).decode()


def photo(values: NDArray[np.floating], most_width: int) -> str:
    """A photo (H, W, 3) in [0, 1] as an address that holds a PNG file; made smaller if it is wider.

    Args:
        values: red, green and blue.
        most_width: of the file, in pixels.
    """
    import cv2

    height, width = values.shape[:2]
    pixels = np.ascontiguousarray(np.round(255 * np.nan_to_num(values).clip(0, 1))[..., ::-1], np.uint8)
    if width > most_width:
        size = (most_width, max(1, round(height * most_width / width)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    _, file = cv2.imencode(".png", pixels)
    return "data:image/png;base64," + base64.b64encode(file.tobytes()).decode()
