"""NumPy's archives of arrays, read as data: nothing is unpickled, and sizes are known beforehand.

Sets in MedMNIST's form have six arrays, `train_images`, `train_labels`, `val_images` and so on: Yang et al.
2023, https://medmnist.com.
"""

import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError, because
from sandbox.files import path_text

MOST_BYTES = 500_000_000
"""Of all arrays that are asked for, unpacked."""


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


def read(
    path: Path, names: Sequence[str] | None = None, most_bytes: int = MOST_BYTES
) -> dict[str, NDArray[Any]]:
    """Arrays of an archive.

    Args:
        path: of the archive.
        names: of the arrays; None for all.
        most_bytes: of them together.

    Raises:
        UserError: it cannot be read, lacks one, holds Python objects, or is too large; says which.
    """
    there, text = shapes(path), path_text(path)
    if names is None:
        names = list(there)
    if not names:
        raise UserError(f"{text} holds no arrays.")
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
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise UserError(f"{text} is damaged: its arrays cannot be read.") from error


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[tuple[int, ...], np.dtype[Any]]:
    from numpy.lib import format as npy

    with archive.open(member) as file:
        version = npy.read_magic(file)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if reader is None:
            raise ValueError(f"version {version}")
        shape, _, dtype = reader(file)
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or (not dtype.hasobject and size > member.file_size):
        raise ValueError(f"{member.filename} is cut off")  # its head promises more than there is
    return tuple(shape), dtype
