"""A folder with one folder of pictures for each class; pictures may lie deeper in it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.formats.folders import files_in, is_helper
from sandbox.data.formats.images import ENDINGS, KINDS
from sandbox.data.formats.images import read as read
from sandbox.data.labelled_images import LabelledImages, split_by_class
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text

MAX_PICTURES = 20_000
HELD_OUT = 1 / 3
PARTS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval")
"""Names of the folders into which others have split a data set already."""


def load(folder: Path, size: int = 32, split_seed: int = 0) -> LabelledImages:
    """Read every picture, scaled to `size` x `size`; a seeded third of each class is held out.

    Pictures that are exactly the same are kept once, so that none is on both sides of the split. All become
    grey if all are grey, else RGB. Files and folders of helper programs are passed over; what else is not
    read is counted in `LabelledImages.reading`.

    Raises:
        UserError: nothing there, a single class, too few pictures, or one that cannot be read; names it.
    """
    classes = class_folders(folder)
    reading = ReadReport()
    pictures: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    seen: set[bytes] = set()
    repeated = 0
    for label, path in enumerate(classes):
        count = 0
        for file in _picture_files(path, reading):
            if reading.read == MAX_PICTURES:
                raise UserError(
                    f"{path_text(folder)} holds more than {MAX_PICTURES:,} pictures; use a part of them."
                )
            picture = read(file, size)
            reading.read += 1
            if (content := picture.tobytes()) in seen:
                repeated += 1
                continue
            seen.add(content)
            pictures.append(picture)
            labels.append(label)
            count += 1
        if count < 2:
            raise UserError(
                f"The class {path_text(path.name)} in {path_text(folder)} has {count} different pictures; "
                "it needs at least 2."
            )
    _look_beside(folder, classes, reading)
    if repeated:
        reading.notes.append(f"{repeated} pictures are exact copies of others and were left out.")
    array = np.stack(pictures)
    if (array == array[..., :1]).all():
        array = array[..., :1]
    images = torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)).astype(np.float32) / 255.0)
    train, test = split_by_class(labels, HELD_OUT, split_seed)
    numbers = torch.tensor(labels)
    return LabelledImages(
        name=path_text(folder.resolve().name),
        classes=tuple(path_text(path.name) for path in classes),
        train_images=images[train],
        train_labels=numbers[train],
        test_images=images[test],
        test_labels=numbers[test],
        source=path_text(folder),
        notes=reading.sentences(),
        reading=reading,
    )


def class_folders(folder: Path) -> list[Path]:
    """The folders in `folder` that hold pictures, by name.

    Raises:
        UserError: there are fewer than two, or they are parts of a set that was split already.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {path_text(folder)}.")
    found = [path for path in _subfolders(folder) if any(_picture_files(path))]
    said = path_text(folder)
    if not found:
        beside = " Its pictures lie in no such folder." if any(_picture_files(folder)) else ""
        raise UserError(
            f"{said} holds no pictures by class: it needs one folder of {KINDS} files for each class.{beside}"
        )
    parts = [path for path in found if path.name.lower() in PARTS and _holds_folders(path, 1)]
    if len(parts) == len(found):
        learn = next((path for path in parts if path.name.lower().startswith("train")), parts[0])
        names = " and ".join(path_text(path.name) for path in parts)
        raise UserError(
            f"{said} is split into {names} already; use {path_text(learn)}, which holds the classes."
        )
    if len(found) == 1:
        only = found[0]
        deeper = (
            f" Use {path_text(only)}, which holds folders of pictures." if _holds_folders(only, 2) else ""
        )
        raise UserError(
            f"{said} has the single class {path_text(only.name)}; there is nothing to tell apart.{deeper}"
        )
    return found


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir()) if path.is_dir() and not is_helper(path.name)]
    except OSError as error:
        raise UserError(f"{path_text(folder)} cannot be read because {because(error)}.") from None


def _holds_folders(folder: Path, least: int) -> bool:
    """Whether pictures lie in at least so many folders of it, and none beside them."""
    deeper = (path for path in _subfolders(folder) if any(_picture_files(path)))
    return len(list(itertools.islice(deeper, least))) == least and not any(map(_is_picture, folder.iterdir()))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not is_helper(path.name) and path.is_file()


def _picture_files(folder: Path, reading: ReadReport | None = None) -> Iterator[Path]:
    """Pictures in a folder, however deep; all other files are counted."""

    def refused(error: OSError) -> None:
        if reading is not None:
            name = path_text(str(error.filename or folder))
            reading.notes.append(f"{name} was left out: {because(error)}.")

    for path in files_in(folder, refused):
        if _is_picture(path):
            yield path
        elif reading is not None:
            ending = path_text(path.suffix.lower()) or "no ending"
            reading.skip(f"not {KINDS} ({ending})", path_text(path.relative_to(folder.parent)))


def _look_beside(folder: Path, classes: list[Path], reading: ReadReport) -> None:
    """Count what lies beside the class folders, and name folders without pictures."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if is_helper(path.name):
                reading.notes.append(
                    f"The folder {path_text(path.name)} was left out: it is hidden or belongs to a program."
                )
            elif path not in classes:
                reading.notes.append(
                    f"The folder {path_text(path.name)} is no class: it holds no {KINDS} files."
                )
                for file in files_in(path):
                    reading.skip(
                        f"not {KINDS} ({path_text(file.suffix.lower()) or 'no ending'})",
                        path_text(file.relative_to(folder)),
                    )
        elif not is_helper(path.name):
            reason = "in no class folder" if _is_picture(path) else "beside the class folders"
            reading.skip(reason, path_text(path.name))
