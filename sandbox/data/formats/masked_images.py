"""Pictures with masks: which pixels are an object, or which class each pixel has.

Three layouts, as people and public sets have them; folders may lie deeper, and several of them side by side:

- a folder `images` beside a folder `masks` (or `labels`), with files of the same name without their endings;
- `name.png` beside `name_mask.png` (or `_masks`, `_label`, `_labels`);
- `images` with one picture beside `masks` with one file for each of its objects, as the Data Science Bowl
  2018 has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Int, UInt8
from numpy.typing import NDArray
from PIL import Image

from sandbox.data.formats import images
from sandbox.data.formats.folders import files_in
from sandbox.data.objects import components
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text

IMAGES, MASKS = ("images", "image", "imgs"), ("masks", "mask", "labels", "label")
SUFFIXES = ("_masks", "_mask", "_labels", "_label")
"""Behind the name of a mask that lies beside its picture."""
MOST_PIXELS = 200 * 10**6
"""Of all pictures together: a gigabyte with their masks."""
MOST_NOTES = 20
"""Files of which it is told what is wrong with them; the others are counted."""
FEW = 2
"""Values in a mask that says only whether there is an object."""
BETWEEN = 0.05
"""Share of pixels that may be neither the lowest nor the highest value where such a mask was smoothed."""


@dataclass(frozen=True)
class MaskedImages:
    """Pictures with their masks.

    Attributes:
        names: of the pictures, without the folder that holds all.
        pictures: RGB bytes, each of its own size.
        masks: numbers of objects, 0 for none; or whatever numbers are in the files.
        reading: what was left out and why.
    """

    names: Sequence[str]
    pictures: Sequence[UInt8[np.ndarray, "_ _ 3"]]
    masks: Sequence[Int[np.ndarray, "_ _"]]
    reading: ReadReport


def load(folder: Path, *, numbered: bool = True) -> MaskedImages:
    """Read every picture that has a mask; what cannot be read, or does not fit, is named and left out.

    Pictures that are exactly the same are kept once. Larger ones are made smaller, see `images.read`, and so
    are their masks.

    Args:
        folder: that holds all.
        numbered: masks are of objects, see `read_mask`.

    Raises:
        UserError: there is no such folder, or nothing in it fits; says what it must look like.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {path_text(folder)}.")
    reading = ReadReport()
    names: list[str] = []
    pictures: list[NDArray[np.uint8]] = []
    masks: list[NDArray[np.int32]] = []
    seen: set[bytes] = set()
    pixels = 0
    for file, parts in pairs(folder, reading).items():
        name = path_text(file.relative_to(folder))
        try:
            picture = images.read(file)
            mask = _merged([read_mask(part, picture.shape[:2], numbered=numbered) for part in parts])
        except UserError as error:
            reading.skip("it or its mask cannot be used", name)
            if len(reading.notes) < MOST_NOTES:
                reading.notes.append(f"{name} was left out: {_shortened(error, folder)}.")
            continue
        content = picture.tobytes()
        if content in seen:
            reading.skip("an exact copy of another picture", name)
            continue
        pixels += mask.size
        if pixels > MOST_PIXELS:
            raise UserError(
                f"{path_text(folder)} has more than {MOST_PIXELS // 10**6} million pixels; use a part of it."
            )
        seen.add(content)
        reading.read += 1
        names.append(name)
        pictures.append(picture)
        masks.append(mask)
    if not names:
        why = " ".join(reading.sentences())
        raise UserError(
            f"{path_text(folder)} holds no picture with a mask: it needs a folder images and a folder masks "
            f"with files of the same names, or name.png beside name_mask.png.{' ' + why if why else ''}"
        )
    return MaskedImages(names, pictures, masks, reading)


def pairs(folder: Path, reading: ReadReport) -> Mapping[Path, Sequence[Path]]:
    """Each picture with its masks: one, or several with an object each; the others are counted."""

    def refused(error: OSError) -> None:
        reading.notes.append(f"{path_text(str(error.filename or folder))} was left out: {because(error)}.")

    by_folder: dict[Path, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for file in files_in(folder, refused):
        if file.suffix.lower() in images.ENDINGS:
            by_folder[file.parent][file.stem].append(file)
        else:
            ending = path_text(file.suffix.lower()) or "no ending"
            reading.skip(f"not {images.KINDS} ({ending})", path_text(file.relative_to(folder)))
    found: dict[Path, Sequence[Path]] = {}
    used: set[Path] = set()
    for place, files in by_folder.items():
        beside = next((other for other in by_folder if _are_masks(place, other)), None)
        whole = by_folder[beside] if beside is not None else {}
        single = len(files) == 1 and beside is not None and not set(files) & set(map(_stem, whole))
        for stem, (picture, *_) in files.items():
            if _stem(stem) != stem and _stem(stem) in files:
                continue  # a mask beside its picture
            masks = [one for name, group in whole.items() if single or _stem(name) == stem for one in group]
            if not whole:
                masks = [files[stem + suffix][0] for suffix in SUFFIXES if stem + suffix in files][:1]
            if masks:
                found[picture] = masks if single else masks[:1]
                used.update((picture, *masks))
    for files in by_folder.values():
        for file in (one for group in files.values() for one in group if one not in used):
            masked = file.parent.name.lower() in MASKS
            reading.skip(
                "a mask without its picture" if masked else "it has no mask",
                path_text(file.relative_to(folder)),
            )
    return dict(sorted(found.items()))


def read_mask(file: Path, shape: tuple[int, int], *, numbered: bool = True) -> Int[np.ndarray, "H W"]:
    """The mask in a file, made to fit its picture.

    A pixel's number is its grey value, its place in the palette, or its colour.

    Args:
        file: of grey values, of 8 or 16 bits, a palette, or colours.
        shape: height and width of the picture.
        numbered: the numbers are of objects, from 1; black is none. A file with two values, or a smoothed
            one, only says where there is an object: its connected parts are numbered.

    Raises:
        UserError: it cannot be read, or has another shape than the picture; names it.
    """
    name = path_text(file)
    values = _values(file, name)
    height, width = values.shape
    if (height, width) != shape:
        scale = max(shape) / max(height, width)
        if (
            max(abs(height * scale - shape[0]), abs(width * scale - shape[1])) > 1
            or max(shape) < images.MOST_SIDE
        ):
            raise UserError(
                f"the mask {name} has {width} x {height} pixels, and its picture {shape[1]} x {shape[0]}"
            )
        values = cv2.resize(values, shape[::-1], interpolation=cv2.INTER_NEAREST)
    if not numbered:
        return values
    present, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts[0] + counts[-1] if len(present) > FEW else values.size
    wide = present[-1] >= 128 and present[0] == 0
    if len(present) <= FEW or (wide and ends >= (1 - BETWEEN) * values.size and present[-1] == 255):
        return components(values > present[-1] / 2)
    return (places.reshape(values.shape) + (present[0] != 0)).astype(np.int32)


def _values(file: Path, name: str) -> NDArray[np.int32]:
    try:
        with Image.open(file, formats=images.FORMATS) as picture:
            if picture.width * picture.height > images.MAX_PIXELS:
                raise UserError(f"the mask {name} has more than {images.MILLIONS} million pixels")
            if picture.mode in ("RGB", "RGBA", "CMYK", "YCbCr", "LA", "PA"):
                colours = np.asarray(picture.convert("RGB"), np.int32)
                whole = colours @ np.array([65536, 256, 1], np.int32)
                return colours[..., 0] if (colours == colours[..., :1]).all() else whole
            found = np.asarray(picture)
    except UserError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserError(f"the mask {name} has more than {images.MILLIONS} million pixels") from None
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        raise UserError(f"the mask {name} is damaged or no {images.KINDS} picture") from error
    if found.ndim != 2 or found.dtype.kind not in "bui":
        raise UserError(f"the mask {name} holds no whole numbers")
    return found.astype(np.int32)


def _merged(parts: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """One mask of several with an object each; where two lie over each other, the later one is on top."""
    if len(parts) == 1:
        return parts[0]
    whole = np.zeros(parts[0].shape, np.int32)
    for number, part in enumerate(parts, 1):
        whole[part > 0] = number
    return whole


def _are_masks(place: Path, other: Path) -> bool:
    return place.name.lower() in IMAGES and other.name.lower() in MASKS and other.parent == place.parent


def _stem(name: str) -> str:
    """The name of the picture that a mask belongs to."""
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def _shortened(error: UserError, folder: Path) -> str:
    text = str(error).replace(f"{path_text(folder)}/", "").rstrip(".")
    return text[:1].lower() + text[1:]
