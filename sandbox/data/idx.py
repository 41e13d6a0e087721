"""Folders in MNIST's format: four IDX files, gzipped or not. LeCun, Cortes & Burges 1998.

An IDX file is two zero bytes, the type of its numbers, the number of dimensions, the dimensions as big-endian
32-bit integers, then the numbers. MNIST, Fashion-MNIST, KMNIST and EMNIST come this way.
"""

import gzip
import math
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError
from sandbox.files import path_text

MAX_BYTES = 2**30
"""Of one unpacked file: more is taken for a mistake or an attack."""
FILE = re.compile(
    r"(?P<set>.*?)-?(?P<half>train|test|t10k)-(?P<kind>images|labels)[-.]idx(?P<dimensions>[13])-ubyte(\.gz)?"
)
"""Names of MNIST and its relatives, such as `train-images-idx3-ubyte.gz`, `t10k-labels.idx1-ubyte` and
`emnist-letters-test-images-idx3-ubyte`."""
DEEPER = ("", "raw", "gzip", "*/raw", "*/gzip")
"""Where the files lie below a folder: torchvision keeps them in `MNIST/raw`, EMNIST's archive in `gzip`."""
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
"""What a missing file is called in a message."""


def is_idx_folder(folder: Path) -> bool:
    """Whether any of the four files lies there, or where torchvision would have put it."""
    return bool(_nearest(folder))


def load(folder: Path) -> LabelledImages:
    """The training and test files of a folder, as they were split by their makers.

    Raises:
        UserError: a file is missing, unreadable, or does not fit the others; names it. Or there are the files
            of several sets.
    """
    prefix, found = _one_set(folder)
    arrays = {part: _read_part(folder, prefix, found, part) for part in NAMES}
    for half in ("train", "test"):
        images, labels = arrays[f"{half}_images"], arrays[f"{half}_labels"]
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or len(labels) == 0:
            raise UserError(
                f"The {half} files in {path_text(folder)} do not fit each other: "
                f"images {images.shape}, labels {labels.shape}."
            )
    if arrays["train_images"].shape[1:] != arrays["test_images"].shape[1:]:
        raise UserError(f"The training and test images in {path_text(folder)} are not of one size.")
    numbers = np.union1d(arrays["train_labels"], arrays["test_labels"])
    if len(numbers) < 2:
        raise UserError(f"{path_text(folder)} has a single class; there is nothing to tell apart.")
    turned = prefix.startswith("emnist")
    return LabelledImages(
        name=path_text(prefix or folder.resolve().name),
        # Not every number up to the largest: EMNIST's letters count from 1.
        classes=tuple(str(number) for number in numbers.tolist()),
        train_images=_images(arrays["train_images"], turned),
        train_labels=_places_of(arrays["train_labels"], numbers),
        test_images=_images(arrays["test_images"], turned),
        test_labels=_places_of(arrays["test_labels"], numbers),
        source=path_text(folder),
        notes=("EMNIST stores its pictures lying on their side; they were put upright.",) if turned else (),
    )


def read(path: Path) -> NDArray[np.uint8]:
    """One IDX file of unsigned bytes.

    Raises:
        UserError: it is not one, or is cut short; names it.
    """
    try:
        opener = gzip.open if path.suffix == ".gz" else Path.open
        with opener(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path_text(path)} cannot be read: {error}.") from error
    if len(data) > MAX_BYTES:
        raise UserError(f"{path_text(path)} holds more than {MAX_BYTES // 2**20:,} MB; that is refused.")
    if len(data) < 4 or data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise UserError(f"{path_text(path)} is not an IDX file of bytes.")
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4).tolist()
    begin = 4 + 4 * data[3]
    if len(data) - begin != math.prod(shape):
        raise UserError(
            f"{path_text(path)} is damaged: "
            f"it says {math.prod(shape):,} bytes and holds {len(data) - begin:,}."
        )
    return np.frombuffer(data, np.uint8, offset=begin).reshape(shape)


def _sets(folder: Path) -> dict[str, dict[str, Path]]:
    """The files of a folder by what their names begin with, then by part; unpacked ones come first."""
    found: dict[str, dict[str, Path]] = {}
    try:
        files = sorted(path for path in folder.iterdir() if FILE.fullmatch(path.name) and path.is_file())
    except OSError:
        return {}
    for path in files:
        said = FILE.fullmatch(path.name)
        assert said is not None
        half = "train" if said["half"] == "train" else "test"
        found.setdefault(said["set"], {}).setdefault(f"{half}_{said['kind']}", path)
    return found


def _nearest(folder: Path) -> list[tuple[str, dict[str, Path]]]:
    """The sets in a folder or, if there are none, in the nearest ones below: see `_sets`."""
    for deeper in DEEPER:
        places = sorted(path for path in folder.glob(deeper) if path.is_dir()) if deeper else [folder]
        if found := [each for path in places for each in sorted(_sets(path).items())]:
            return found
    return []


def _one_set(folder: Path) -> tuple[str, dict[str, Path]]:
    """What the names of the set in a folder begin with, and its files."""
    found = _nearest(folder)
    if not found:
        raise UserError(f"{path_text(folder)} holds no files in MNIST's format.")
    if len(found) > 1:
        names = ", ".join(prefix or path_text(next(iter(files.values())).parent) for prefix, files in found)
        raise UserError(
            f"{path_text(folder)} holds several sets: {names}; give the folder of one, "
            "or move its four files into a folder of their own."
        )
    return found[0]


def _read_part(folder: Path, prefix: str, found: Mapping[str, Path], part: str) -> NDArray[np.uint8]:
    if part not in found:
        name = f"{prefix}-{NAMES[part].replace('t10k', 'test')}" if prefix else NAMES[part]
        raise UserError(f"{path_text(folder)} lacks the file {path_text(name)} (or {path_text(name)}.gz).")
    return read(found[part])


def _places_of(labels: NDArray[np.uint8], numbers: NDArray[np.uint8]) -> torch.Tensor:
    """The place of each label among the numbers that occur."""
    return torch.from_numpy(np.searchsorted(numbers, labels).astype(np.int64))


def _images(array: NDArray[np.uint8], turned: bool) -> torch.Tensor:
    upright = np.ascontiguousarray(array.transpose(0, 2, 1)) if turned else array
    return torch.from_numpy(upright.astype(np.float32) / 255.0).unsqueeze(1)
