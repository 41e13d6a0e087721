"""A folder with one folder of pictures for each class; pictures may lie deeper in it."""

import itertools
from collections.abc import Iterator, Sequence
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
TRAIN, TEST = ("train", "training"), ("test", "testing", "eval")
VALIDATION = ("val", "valid", "validation", "dev")
PARTS = (*TRAIN, *VALIDATION, *TEST)
"""Names of the folders into which others have split a data set already."""


def load(folder: Path, size: int = 32, split_seed: int = 0, *, most: int = MAX_PICTURES) -> LabelledImages:
    """Read every picture, scaled to `size` x `size`; a seeded third of each class is held out.

    A folder that others have split already, into `train` and `test` or `val`, is held to their split: `test`
    is held out if there is one, else `val`. Pictures that are exactly the same are kept once, so that none is
    on both sides of the split. All become grey if all are grey, else RGB. Files and folders of helper
    programs are passed over; what else is not read is counted in `LabelledImages.reading`.

    Args:
        folder: with a folder of pictures for each class, or with one of those for each part.
        size: side in pixels.
        split_seed: decides which third is held out.
        most: pictures that there may be.

    Raises:
        UserError: nothing there, a single class, too few pictures, or one that cannot be read; names it.
    """
    parts = _parts(folder)
    reading = _Reading(folder, size, most)
    if parts is None:
        classes = class_folders(folder)
        names = [path.name for path in classes]
        pictures, labels = reading.classes(classes, names)
        _look_beside(folder, classes, reading.report)
        train, test = (rows.numpy() for rows in split_by_class(labels, HELD_OUT, split_seed))
        repeated = "are exact copies of others"
    else:
        held_out, learned = class_folders(parts[1]), class_folders(parts[0])
        names = [path.name for path in learned]
        if unknown := sorted({path.name for path in held_out} - set(names)):
            raise UserError(
                f"{path_text(parts[1])} has the class {path_text(unknown[0])}, "
                f"which {path_text(parts[0])} lacks."
            )
        # What is held out is read first, so that a copy of it is not learned from.
        unseen, unseen_labels = reading.classes(held_out, names)
        pictures, labels = reading.classes(learned, names)
        pictures, labels = unseen + pictures, unseen_labels + labels
        test, train = np.arange(len(unseen)), np.arange(len(unseen), len(pictures))
        _look_beside(folder, list(parts), reading.report)
        repeated = "are exact copies of others, or of unseen ones,"
    if reading.repeated:
        reading.report.notes.append(f"{reading.repeated} pictures {repeated} and were left out.")
    array = np.stack(pictures)
    if (array == array[..., :1]).all():
        array = array[..., :1]
    images = torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)).astype(np.float32) / 255.0)
    numbers = torch.tensor(labels)
    return LabelledImages(
        name=path_text(folder.resolve().name),
        classes=tuple(path_text(name) for name in names),
        train_images=images[train],
        train_labels=numbers[train],
        test_images=images[test],
        test_labels=numbers[test],
        source=path_text(folder),
        notes=reading.report.sentences(),
        reading=reading.report,
    )


class _Reading:
    """Pictures as they are read, each content once.

    Attributes:
        report: what was read and what was left out.
        repeated: exact copies that were left out.
    """

    def __init__(self, folder: Path, size: int, most: int) -> None:
        self.report, self.repeated = ReadReport(), 0
        self._folder, self._size, self._most = folder, size, most
        self._seen: set[bytes] = set()

    def classes(
        self, folders: Sequence[Path], names: Sequence[str]
    ) -> tuple[list[NDArray[np.uint8]], list[int]]:
        """The pictures of class folders, and the places of their classes among the names."""
        pictures: list[NDArray[np.uint8]] = []
        labels: list[int] = []
        for path in folders:
            before = len(pictures)
            for file in _picture_files(path, self.report):
                if self.report.read == self._most:
                    raise UserError(
                        f"{path_text(self._folder)} holds more than {self._most:,} pictures; "
                        "use a part of them."
                    )
                picture = read(file, self._size)
                self.report.read += 1
                if (content := picture.tobytes()) in self._seen:
                    self.repeated += 1
                    continue
                self._seen.add(content)
                pictures.append(picture)
                labels.append(names.index(path.name))
            if len(pictures) - before < 2:
                raise UserError(
                    f"The class {path_text(path.name)} in {path_text(path.parent)} has "
                    f"{len(pictures) - before} different pictures; it needs at least 2."
                )
        return pictures, labels


def _parts(folder: Path) -> tuple[Path, Path] | None:
    """The folders to learn from and to hold out, of a set that others have split; None if they have not."""
    if not folder.is_dir():
        return None
    found = {path.name.lower(): path for path in _subfolders(folder)}
    train = next((found[name] for name in TRAIN if name in found), None)
    test = next((found[name] for name in (*TEST, *VALIDATION) if name in found), None)
    if train is None or test is None or not set(found) <= set(PARTS):
        return None
    return (train, test) if _holds_folders(train, 2) and _holds_folders(test, 1) else None


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
