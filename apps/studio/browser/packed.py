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
