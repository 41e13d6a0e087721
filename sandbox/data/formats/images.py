"""The one way in for pictures: a file, its bytes, a Pillow picture or an array becomes RGB on white paper.

Files come from anywhere, so a picture is scaled while it is decoded, and one that would unfold to too many
pixels is refused before that.
"""

import io
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sandbox.errors import UserError
from sandbox.files import path_text

ENDINGS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff")
"""Of the files that are taken for pictures, in lower case."""
KINDS = "PNG, JPEG, WEBP, GIF, BMP or TIFF"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MILLIONS = 16
MAX_PIXELS = MILLIONS * 10**6
"""Of one picture as it is decoded: a small file may unfold to gigabytes."""
MAX_JPEG_PIXELS = 51 * 10**6
"""Of a JPEG that can be decoded at a fraction of its size, so that a photo of 50 megapixels can be read."""
MAX_WEBP_PIXELS = 4 * 10**6
"""Of a WEBP that only Pillow can read, which takes 15 bytes a pixel."""
MOST_SIDE = 1024
"""Longest side of what is handed on; no network here looks at more."""
BAND = 256
"""Rows that are brought to RGB at a time, so that a large picture exists only once."""
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts a picture upright, by the orientation that EXIF names."""

# Pillow only warns of pictures that are larger than we read; here it is an error, which becomes a sentence.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PictureError(UserError, ValueError):
    """What was given is no picture that can be read; the sentence says why."""


def read(
    source: Path | str | bytes | Image.Image, size: int | None = None, *, name: str = ""
) -> NDArray[np.uint8]:
    """One picture as RGB bytes `(H, W, 3)`, upright, with white paper behind what is transparent.

    Of an animation it is the first frame. Grey of 16 bits is scaled to 8. Larger pictures are scaled until
    their longer side is `MOST_SIDE`.

    Args:
        source: a file, its bytes, or an opened picture.
        size: squeeze it to a square of this side.
        name: what it is called in a message; by default its path.

    Raises:
        PictureError: it cannot be read, is of another format, or has too many pixels; names it.
    """
    name = name or (path_text(source) if isinstance(source, Path | str) else "The picture")
    try:
        if isinstance(source, Image.Image):
            return _decoded(source, size, name)
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as file:
            if file.format in ("JPEG", "MPO") and not file.info.get("progressive"):
                _refuse_more_than(MAX_JPEG_PIXELS, file, name)
                wanted = MOST_SIDE if size is None else 2 * size
                file.draft("RGB", (wanted, wanted))  # skips the detail that would be lost
            _refuse_more_than(MAX_PIXELS, file, name)
            if file.format == "WEBP":
                if (array := _webp(file, source)) is not None:
                    return _scaled(file.size, partial(_strip, array), _orientation(file), size)
                _refuse_more_than(MAX_WEBP_PIXELS, file, name, "an animated WEBP")
            return _decoded(file, size, name)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(f"{name} is not a {KINDS} picture.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"{name} has far too many pixels; at most {MILLIONS} million are read.") from None
    except OSError as error:
        raise PictureError(f"{name} cannot be read: {_reason(error)}.") from error
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        raise PictureError(f"{name} cannot be read: it is damaged ({_reason(error)}).") from error


def values(source: Any, *, name: str = "") -> NDArray[np.float32]:
    """A picture from anywhere as numbers in [0, 1]: `(H, W)` or `(H, W, 3)`.

    A file and an opened picture go through `read`. Of an array, bytes count from 0 to 255, other numbers from
    0 to 1; a fourth channel is how opaque a pixel is, and white paper lies behind it.

    Args:
        source: a path, bytes of a file, a Pillow picture, or an array `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or
            `(H, W, 4)`; torch's `(1, H, W)` and `(3, H, W)`, too.
        name: what it is called in a message.

    Raises:
        PictureError: it is none of these, or its numbers are out of range; says which.
    """
    if isinstance(source, str | os.PathLike):
        source = Path(source)
    if isinstance(source, Path | bytes | Image.Image):
        return _shares(read(source, name=name))
    try:
        array = np.asarray(source)
    except (TypeError, ValueError, RuntimeError) as error:  # lists of uneven length, tensors of a GPU
        raise PictureError(f"{name or 'The picture'} is no array of numbers: {_reason(error)}.") from None
    array = _in_range(array, name or "The picture")
    if array.ndim == 3 and array.shape[0] in (1, 3) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[..., :3] * array[..., 3:] + (1 - array[..., 3:])
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] != 3):
        raise PictureError(
            f"An array {np.shape(source)} is no picture: a picture is (H, W), (H, W, 3) or (H, W, 4)."
        )
    longer = max(array.shape[:2])
    if longer > MOST_SIDE:
        height, width = (max(1, round(side * MOST_SIDE / longer)) for side in array.shape[:2])
        array = cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(array, np.float32)


def _in_range(array: NDArray[Any], name: str) -> NDArray[np.float32]:
    """The numbers of an array as shares of white, or of ink in a drawing."""
    if array.dtype == np.uint8:
        return _shares(array)
    if array.dtype == np.uint16:
        return array.astype(np.float32) / np.float32(65535)
    if array.dtype.kind not in "bfiu" or array.size == 0:
        raise PictureError(f"{name} is no array of numbers (H, W) or (H, W, 3), but {array.dtype}.")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 1):  # NaN is neither
        raise PictureError(
            f"{name} has numbers from {low:g} to {high:g}; they must lie between 0 and 1, "
            "or be bytes (numpy.uint8) from 0 to 255."
        )
    return array.astype(np.float32)


def _shares(array: NDArray[np.uint8]) -> NDArray[np.float32]:
    return array.astype(np.float32) / np.float32(255)


def _refuse_more_than(most: int, picture: Image.Image, name: str, kind: str = "") -> None:
    if picture.width * picture.height > most:
        allowed = f"at most {min(most // 10**6, MILLIONS)} million are read{kind and f' of {kind}'}"
        raise PictureError(f"{name} has {picture.width} x {picture.height} pixels; {allowed}.")


def _decoded(picture: Image.Image, size: int | None, name: str) -> NDArray[np.uint8]:
    """RGB bytes of an opened picture; see `read`."""
    picture.load()
    # What a picture in memory is does not decide whether the same file could be read; only its size does.
    _refuse_more_than(MAX_JPEG_PIXELS, picture, name)
    depth = _depth(picture)

    def rows(top: int, bottom: int) -> Image.Image:
        return _rgb(picture.crop((0, top, picture.width, bottom)), depth)

    return _scaled(picture.size, rows, _orientation(picture), size)


def _scaled(
    shape: tuple[int, int], rows: Callable[[int, int], Image.Image], orientation: int, size: int | None
) -> NDArray[np.uint8]:
    """What `read` gives, of a picture whose rows are brought to RGB on white paper a band at a time.

    Args:
        shape: width and height.
        rows: a band of the picture as RGB, by its first row and the row behind its last.
        orientation: as `_orientation` tells it.
        size: as in `read`.
    """
    if size is None:
        every = max(1, max(shape) // MOST_SIDE)
    else:
        every = max(1, min(shape) // (2 * size))
    upright = _on_paper(shape, rows, every)
    turn = TURNS.get(orientation)
    if turn is not None:
        upright = upright.transpose(turn)
    if size is not None:
        upright = upright.resize((size, size), Image.Resampling.BOX, reducing_gap=2.0)
    elif max(upright.size) > MOST_SIDE:
        upright.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(upright)


def _on_paper(shape: tuple[int, int], rows: Callable[[int, int], Image.Image], every: int) -> Image.Image:
    """RGB on white paper, `every` pixels of each side as one; a band of rows at a time."""
    width, height = shape
    if every == 1 and height <= BAND:
        return rows(0, height)
    paper = Image.new("RGB", (-(-width // every), -(-height // every)))
    step = max(1, BAND // every) * every
    for top in range(0, height, step):
        band = rows(top, min(top + step, height))
        paper.paste(band if every == 1 else band.reduce(every), (0, top // every))
    return paper


def _webp(file: Image.Image, source: Path | str | bytes) -> NDArray[np.uint8] | None:
    """A WEBP `(H, W, 3)` or `(H, W, 4)`, blue first; None if OpenCV cannot read it, or it is animated.

    Pillow reads every WEBP as an animation, which takes 15 bytes a pixel; OpenCV takes 6 to 9.
    """
    if getattr(file, "is_animated", False):
        return None
    data = np.frombuffer(source if isinstance(source, bytes) else Path(source).read_bytes(), np.uint8)
    array: Any = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if array is None or array.dtype != np.uint8 or array.shape[:2] != (file.height, file.width):
        return None
    return array if array.ndim == 3 else None


def _strip(array: NDArray[np.uint8], top: int, bottom: int) -> Image.Image:
    """Some rows of what OpenCV has read, as `_rgb` gives them."""
    code = cv2.COLOR_BGRA2RGBA if array.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return _rgb(Image.fromarray(cv2.cvtColor(array[top:bottom], code)), None)


def _orientation(picture: Image.Image) -> int:
    """How the camera was held, as its note (EXIF) says; 1 is upright, and so is a damaged note."""
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception:  # whatever the damaged note leads the parser to
        return 1


def _depth(picture: Image.Image) -> tuple[float, float] | None:
    """Of grey deeper than 8 bits, what is black and what is white; None for all others.

    16 bits have their whole range, so that all pictures of a set are treated alike. Numbers of 32 bits say
    nothing of their range: it is the smallest usual one that holds them.
    """
    if picture.mode.startswith("I;16"):
        return 0.0, 65535.0
    if picture.mode not in ("I", "F"):
        return None
    extrema: Any = picture.getextrema()
    low, high = extrema
    if not np.isfinite([low, high]).all():
        return 0.0, 1.0
    whites = (255.0, 65535.0) if picture.mode == "I" else (1.0, 255.0, 65535.0)
    for white in whites:
        if low >= 0 and high <= white:
            return 0.0, white
    return float(low), float(high)


def _rgb(picture: Image.Image, depth: tuple[float, float] | None) -> Image.Image:
    """A part of a picture as RGB, with white paper behind what is transparent."""
    if depth is not None:
        black, white = depth
        numbers = np.nan_to_num(np.asarray(picture).astype(np.float32), nan=black, posinf=white, neginf=black)
        grey = np.clip((numbers - black) * (255 / max(white - black, 1e-30)), 0, 255)
        clear = picture.info.get("transparency")
        if isinstance(clear, int):
            grey[numbers == clear] = 255
        return Image.fromarray((grey + 0.5).astype(np.uint8)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ink = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(ink, mask=ink.getchannel("A"))
    return paper


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:100].rstrip(".") or type(error).__name__
