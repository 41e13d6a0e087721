"""Photos of any size that want repair: files as they are, with what is transparent taken for missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from sandbox.data.damages import Damage
from sandbox.data.formats import fits, images
from sandbox.errors import UserError
from sandbox.files import open_to_read, path_text

LEAST, MOST_ANSWER = 12, 2048
"""Pixels of the shorter side of a photo, and of the longer side of an answer."""
OUTSIDE = 1.0
"""By which noise may leave [0, 1]."""
ARRAY = ".npy"
MOST_BYTES = 2**26
"""Of a file with an array."""


@dataclass(frozen=True)
class DamagedPhoto:
    """A photo is an array (C, H, W), 1 is white; NaN where it is missing. C is 1 for a grey one, else 3.

    Attributes:
        damage: that the network has learned to repair.
        colours: 3 if the network takes three colours at once and nothing else.
    """

    damage: Damage
    colours: int = 1
    kind: ClassVar[str] = "damaged_photo"
    files: ClassVar[str] = f"a {images.KINDS} photo, its holes transparent, or an array of numbers (.npy)"

    def read(self, file: Path) -> NDArray[np.float32]:
        """The photo in a file, (H, W, 3), or (C, H, W) from an array; NaN where it is transparent.

        Raises:
            UserError: it cannot be read; names it.
        """
        if file.suffix.lower() == ARRAY:
            return _array(file)
        if file.suffix.lower() in fits.ENDINGS:
            return fits.read(file)[None]
        values = images.values(file)
        if self.damage.missing:
            with Image.open(file, formats=images.FORMATS) as picture:
                values[self.transparent(picture, values.shape[:2])] = np.nan
        return values

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """A photo (C, H, W) as the network takes it, from a file's bytes, an opened picture or an array.

        Raises:
            UserError: it is no photo, too small or too large, or nothing in it is missing that should be.
        """
        values = _checked(raw)
        if self.colours == 1 and (np.nan_to_num(values) == np.nan_to_num(values[:1])).all():
            values = values[:1]
        elif values.shape[0] == 1 and self.colours == 3:
            values = np.repeat(values, 3, 0)
        shorter, longer = sorted(values.shape[1:])
        most = MOST_ANSWER // self.damage.factor
        if shorter < LEAST or longer > most:
            raise UserError(
                f"A photo of {values.shape[2]} x {values.shape[1]} pixels cannot be repaired here: its sides "
                f"must have {LEAST} to {most}."
            )
        missing = bool(np.isnan(values).any())
        if missing and not self.damage.missing:
            raise UserError(
                "Pixels of this photo are missing (NaN), and the network has not learned to fill in."
            )
        if self.damage.missing and not missing:
            raise UserError(
                "Nothing is missing in this photo: make what is to be filled in transparent, "
                "and save it as PNG or WEBP."
            )
        return np.ascontiguousarray(values, np.float32)

    @staticmethod
    def transparent(picture: Image.Image, shape: Sequence[int]) -> NDArray[np.bool_]:
        """Where an opened picture, which could be read, is transparent: (H, W), scaled and turned like it."""
        if not picture.has_transparency_data:
            return np.zeros(tuple(shape), bool)
        alpha = ImageOps.exif_transpose(picture).convert("RGBA").getchannel("A")
        small = cv2.resize(np.asarray(alpha), (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
        return np.asarray(small) < 255

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a photo as a PNG file; as an array if its numbers leave [0, 1], as those of noise do."""
        values = np.asarray(value, np.float32)
        missing = np.isnan(values).any(0)
        if np.nanmin(values) < 0 or np.nanmax(values) > 1:
            path = folder / f"{stem}{ARRAY}"
            np.save(path, values, allow_pickle=False)
            return path
        path = folder / f"{stem}.png"
        pixels = np.round(255 * np.nan_to_num(values)).astype(np.uint8).transpose(1, 2, 0)
        pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
        if missing.any():
            pixels = np.dstack([pixels, np.where(missing, 0, 255).astype(np.uint8)])
        Image.fromarray(pixels).save(path)
        return path


def _checked(raw: Any) -> NDArray[np.float32]:
    """A photo (1, H, W) or (3, H, W) from anything that can be one."""
    if not (isinstance(raw, np.ndarray) and raw.dtype.kind == "f"):
        raw = images.values(raw)
    if raw.ndim == 2:
        raw = raw[None]
    elif raw.ndim == 3 and raw.shape[2] == 3 and raw.shape[0] not in (1, 3):
        raw = raw.transpose(2, 0, 1)
    known = raw[~np.isnan(raw)]
    if raw.ndim != 3 or raw.shape[0] not in (1, 3) or not known.size:
        raise UserError(f"An array {raw.shape} is no photo: a photo is (H, W), (H, W, 3) or (C, H, W).")
    if not -OUTSIDE <= known.min() <= known.max() <= 1 + OUTSIDE:
        raise UserError("The numbers of a photo go from 0, black, to 1, white; noise may leave that by 1.")
    return np.asarray(raw, np.float32)


def _array(file: Path) -> NDArray[np.float32]:
    said = path_text(file)
    try:
        with open_to_read(file) as stream:
            if file.stat().st_size > MOST_BYTES:
                raise UserError(f"{said} is larger than {MOST_BYTES // 2**20} MB.")
            found = np.load(stream, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise UserError(f"{said} cannot be read as an array of numbers.") from error
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiu" or found.nbytes > MOST_BYTES:
        raise UserError(f"{said} holds no array of numbers of a photo.")
    scale = 255 if found.dtype == np.uint8 else 1
    return np.asarray(found, np.float32) / np.float32(scale)
