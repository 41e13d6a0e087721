"""A folder with one folder of pictures for each class: PNG, JPEG or WEBP."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
FORMATS = ("PNG", "JPEG", "WEBP")
MILLIONS = 16
MAX_PIXELS = MILLIONS * 10**6
"""Of one picture: a small file may unpack to gigabytes."""
MAX_PICTURES = 20_000
HELD_OUT = 1 / 3


def load(folder: Path, size: int = 32, split_seed: int = 0) -> LabelledImages:
    """Read every picture, scaled to `size` x `size`; a seeded third of each class is held out.

    Pictures that are exactly the same are kept once, so that none is on both sides of the split. All become
    grey if all are grey, else RGB.

    Raises:
        UserError: nothing there, a single class, too few pictures, or one that cannot be read; names it.
    """
    classes = class_folders(folder)
    pictures: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    seen: set[bytes] = set()
    repeated = 0
    for label, path in enumerate(classes):
        for file in _picture_files(path):
            if len(pictures) == MAX_PICTURES:
                raise UserError(f"{folder} holds more than {MAX_PICTURES:,} pictures; use a part of them.")
            picture = read(file, size)
            if (content := picture.tobytes()) in seen:
                repeated += 1
                continue
            seen.add(content)
            pictures.append(picture)
            labels.append(label)
        if (count := labels.count(label)) < 2:
            raise UserError(
                f"The class {path.name} in {folder} has {count} different pictures; it needs at least 2."
            )
    array = np.stack(pictures)
    if (array == array[..., :1]).all():
        array = array[..., :1]
    images = torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)).astype(np.float32) / 255.0)
    train, test = split_by_class(labels, HELD_OUT, split_seed)
    numbers = torch.tensor(labels)
    return LabelledImages(
        name=folder.resolve().name,
        classes=tuple(path.name for path in classes),
        train_images=images[train],
        train_labels=numbers[train],
        test_images=images[test],
        test_labels=numbers[test],
        source=str(folder),
        notes=(f"{repeated} pictures are exact copies of others and were left out.",) if repeated else (),
    )


def class_folders(folder: Path) -> list[Path]:
    """The folders in `folder` that hold pictures, by name.

    Raises:
        UserError: there are fewer than two.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    found = [path for path in sorted(folder.iterdir()) if path.is_dir() and any(_picture_files(path))]
    if not found:
        raise UserError(
            f"{folder} holds no pictures by class: "
            "it needs one folder of PNG, JPEG or WEBP files for each class."
        )
    if len(found) == 1:
        raise UserError(f"{folder} has the single class {found[0].name}; there is nothing to tell apart.")
    return found


def read(path: Path, size: int | None = None) -> NDArray[np.uint8]:
    """One picture as RGB bytes `(H, W, 3)`, turned upright; squeezed to a square if `size` is given.

    Raises:
        UserError: it cannot be read, is of another format, or has more than 16 million pixels; names it.
    """
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UserError(
                    f"{path} has {picture.width} x {picture.height} pixels; "
                    f"at most {MILLIONS} million are read."
                )
            if size is not None:
                picture.draft("RGB", (2 * size, 2 * size))  # lets JPEG skip the detail that would be lost
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            if size is not None:
                upright = upright.resize((size, size), Image.Resampling.BOX, reducing_gap=2.0)
            return np.asarray(upright)
    except UnidentifiedImageError:
        raise UserError(f"{path} is not a PNG, JPEG or WEBP picture.") from None
    except Image.DecompressionBombError:
        raise UserError(
            f"{path} has far too many pixels; at most {MAX_PIXELS // 10**6} million are read."
        ) from None
    except (OSError, ValueError, SyntaxError) as error:  # Pillow raises SyntaxError for damaged PNG chunks
        raise UserError(f"{path} cannot be read: {error}.") from error


def _picture_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path
