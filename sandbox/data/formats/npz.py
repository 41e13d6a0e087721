"""NumPy's archives of arrays, read as data: nothing is unpickled, sizes are known before anything is read.

Sets in MedMNIST's form have six arrays, `train_images`, `train_labels`, `val_images` and so on: Yang et al.
2023, https://medmnist.com.
"""

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError, because
from sandbox.files import path_text

MOST_BYTES = 500_000_000
"""Of all arrays that are asked for, unpacked."""
PARTS = ("train", "val", "test")
MEDMNIST = tuple(f"{part}_{what}" for part in PARTS for what in ("images", "labels"))
"""Names of the arrays in MedMNIST's form."""


def shapes(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    """Shape and type of each array of an archive, by name; only their heads are read.

    Raises:
        UserError: there is no such file, or it is no archive of arrays; names it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                member.filename.removesuffix(".npy"): _head(archive, member)
                for member in archive.infolist()
                if member.filename.endswith(".npy")
            }
    except FileNotFoundError:
        raise UserError(f"There is no file {path_text(path)}.") from None
    except OSError as error:
        raise UserError(f"{path_text(path)} cannot be read because {because(error)}.") from None
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise UserError(f"{path_text(path)} is no archive of NumPy arrays (.npz), or is damaged.") from None


def read(path: Path, names: Sequence[str], most_bytes: int = MOST_BYTES) -> dict[str, NDArray[Any]]:
    """Arrays of an archive.

    Args:
        path: of the archive.
        names: of the arrays.
        most_bytes: of them together.

    Raises:
        UserError: it cannot be read, lacks one, holds objects instead of numbers, or is too large; says
        which.
    """
    there, text = shapes(path), path_text(path)
    for name in names:
        if name not in there:
            held = ", ".join(sorted(there)[:8]) or "none"
            raise UserError(f"{text} has no array {name}; it holds {held}.")
        if there[name][1].hasobject:
            raise UserError(f"{name} in {text} holds Python objects, which are not read from a file.")
    size = sum(math.prod(there[name][0]) * there[name][1].itemsize for name in names)
    if size > most_bytes:
        raise UserError(
            f"{text} unpacks to {size / 1e6:,.0f} MB; at most {most_bytes / 1e6:,.0f} MB are read."
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zipfile.error, RuntimeError) as error:
        raise UserError(f"{text} is damaged: its arrays cannot be read.") from error


def is_medmnist(path: Path) -> bool:
    """Whether a file is an archive in MedMNIST's form."""
    try:
        return path.suffix.lower() == ".npz" and set(MEDMNIST) <= set(shapes(path))
    except UserError:
        return False


def medmnist(path: Path) -> Mapping[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Pictures and labels of `train`, `val` and `test`.

    Returns:
        By part: pictures (N, H, W) or (N, H, W, 3), and labels (N,), whole numbers from 0.

    Raises:
        UserError: it cannot be read, or is not in this form; says why.
    """
    arrays, text = read(path, MEDMNIST), path_text(path)
    found = {}
    for part in PARTS:
        pictures, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
        flat = pictures.ndim == 3 or (pictures.ndim == 4 and pictures.shape[3] in (1, 3))
        if pictures.dtype != np.uint8 or not flat:
            kind = f"{pictures.dtype} {pictures.shape}"
            raise UserError(f"The {part}_images of {text} are no grey or RGB pictures in 8 bits, but {kind}.")
        if labels.ndim == 2 and labels.shape[1] > 1:
            raise UserError(
                f"{text} has {labels.shape[1]} labels for each picture; only sets with one are read."
            )
        if labels.dtype.kind not in "iu" or labels.size != len(pictures) or not labels.size:
            raise UserError(f"The {part}_labels of {text} are not one whole number for each picture.")
        if labels.min() < 0 or labels.max() > 999:
            raise UserError(
                f"The {part}_labels of {text} go from {labels.min()} to {labels.max()}, not from 0."
            )
        picture = pictures[..., 0] if pictures.ndim == 4 and pictures.shape[3] == 1 else pictures
        found[part] = (picture, labels.reshape(-1).astype(np.int64))
    if len({pictures.shape[1:] for pictures, _ in found.values()}) > 1:
        raise UserError(f"The pictures of {text} are not all of one size.")
    return found


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[tuple[int, ...], np.dtype[Any]]:
    from numpy.lib import format as npy

    with archive.open(member) as file:
        version = npy.read_magic(file)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if reader is None:
            raise ValueError(f"version {version}")
        shape, _, dtype = reader(file)
    if (
        not dtype.hasobject and math.prod(shape) * dtype.itemsize > member.file_size
    ):  # a head that promises more than there is
        raise ValueError(f"{member.filename} is cut off")
    return tuple(shape), dtype
