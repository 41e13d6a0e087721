"""FITS, in which observatories keep pictures: one image of a file, read by astropy if it is installed."""

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError, because
from sandbox.files import path_text

ENDINGS = (".fits", ".fit", ".fts")
BEGINS = b"SIMPLE  ="
"""What every FITS file begins with."""
MOST_BYTES, MOST_PIXELS = 2**28, 2**26
FAINT, BRIGHT = 0.1, 99.9
"""Per cent of the pixels that are darker than black, and than white."""


def read(source: Path | bytes, *, name: str = "") -> NDArray[np.float32]:
    """The first picture of a file, (H, W), north where its maker has put it: from 0, black, to 1, white.

    Args:
        source: a file, or its bytes.
        name: what it is called in a message; by default its path.

    Raises:
        UserError: astropy is not installed, or the file holds no picture; names it.
    """
    name = name or (path_text(source) if isinstance(source, Path) else "The file")
    try:
        fits: Any = importlib.import_module("astropy.io.fits")
    except ImportError:
        raise UserError("FITS files need the package astropy: pip install astropy.") from None
    content = source if isinstance(source, bytes) else _content(source, name)
    found: Any = None
    try:
        with fits.open(io.BytesIO(content), memmap=False, lazy_load_hdus=True) as parts:
            for part in parts:
                if part.is_image and len(part.shape) == 2 and np.prod(part.shape) <= MOST_PIXELS:
                    found = np.asarray(part.data, np.float64)
                    break
    except Exception as error:  # astropy tells damaged files by whatever goes wrong first
        raise UserError(f"{name} is no FITS file, or a damaged one.") from error
    if found is None or not np.isfinite(found).any():
        raise UserError(f"{name} holds no picture of two axes and at most {MOST_PIXELS:,} pixels.")
    return scaled(found)[::-1]


def scaled(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Counts of a detector in [0, 1]: the sky is black, the brightest thousandth white, gaps are sky."""
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, [FAINT, BRIGHT])
    filled = np.where(np.isfinite(values), values, low)
    return np.clip((filled - low) / max(high - low, 1e-12), 0, 1).astype(np.float32)


def _content(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{name} cannot be read because {because(error)}.") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{name} is larger than {MOST_BYTES // 2**20} MB.")
    return content
