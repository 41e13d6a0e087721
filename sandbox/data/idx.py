"""Folders in MNIST's format: four IDX files, gzipped or not. LeCun, Cortes & Burges 1998.

An IDX file is two zero bytes, the type of its numbers, the number of dimensions, the dimensions as big-endian
32-bit integers, then the numbers. MNIST, Fashion-MNIST, KMNIST and EMNIST come this way.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.labelled_images import LabelledImages
from sandbox.errors import UserError

MAX_BYTES = 2**30
"""Of one unpacked file: more is taken for a mistake or an attack."""
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def is_idx_folder(folder: Path) -> bool:
    """Whether any of the four files lies there."""
    return any(_find(folder, name) is not None for name in NAMES.values())


def load(folder: Path) -> LabelledImages:
    """The training and test files of a folder, as they were split by their makers.

    Raises:
        UserError: a file is missing, unreadable, or does not fit the others; names it.
    """
    arrays = {part: _read_part(folder, name) for part, name in NAMES.items()}
    for half in ("train", "test"):
        images, labels = arrays[f"{half}_images"], arrays[f"{half}_labels"]
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or len(labels) == 0:
            raise UserError(
                f"The {half} files in {folder} do not fit each other: "
                f"images {images.shape}, labels {labels.shape}."
            )
    if arrays["train_images"].shape[1:] != arrays["test_images"].shape[1:]:
        raise UserError(f"The training and test images in {folder} are not of one size.")
    numbers = np.union1d(arrays["train_labels"], arrays["test_labels"])
    if len(numbers) < 2:
        raise UserError(f"{folder} has a single class; there is nothing to tell apart.")
    count = int(numbers.max()) + 1
    return LabelledImages(
        name=folder.resolve().name,
        classes=tuple(str(number) for number in range(count)),
        train_images=_images(arrays["train_images"]),
        train_labels=torch.from_numpy(arrays["train_labels"].astype(np.int64)),
        test_images=_images(arrays["test_images"]),
        test_labels=torch.from_numpy(arrays["test_labels"].astype(np.int64)),
        source=str(folder),
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
        raise UserError(f"{path} cannot be read: {error}.") from error
    if len(data) > MAX_BYTES:
        raise UserError(f"{path} holds more than {MAX_BYTES // 2**20:,} MB; that is refused.")
    if len(data) < 4 or data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise UserError(f"{path} is not an IDX file of bytes.")
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4).tolist()
    begin = 4 + 4 * data[3]
    if len(data) - begin != math.prod(shape):
        raise UserError(
            f"{path} is damaged: it says {math.prod(shape):,} bytes and holds {len(data) - begin:,}."
        )
    return np.frombuffer(data, np.uint8, offset=begin).reshape(shape)


def _read_part(folder: Path, name: str) -> NDArray[np.uint8]:
    path = _find(folder, name)
    if path is None:
        raise UserError(f"{folder} lacks the file {name} (or {name}.gz).")
    return read(path)


def _find(folder: Path, name: str) -> Path | None:
    spellings = (name, f"{name}.gz", name.replace("-idx", ".idx"), f"{name.replace('-idx', '.idx')}.gz")
    return next((path for spelling in spellings if (path := folder / spelling).is_file()), None)


def _images(array: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32) / 255.0).unsqueeze(1)
