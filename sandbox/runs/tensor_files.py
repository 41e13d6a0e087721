"""Files of tensors: written once, straight from the tensors' memory, and checked when they are read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import UserError
from sandbox.files import read_bytes
from sandbox.runs.checksums import checksum, checksum_of_file, verify

if TYPE_CHECKING:
    from torch import Tensor

LARGEST_TENSORS = 16 * 2**30
"""Bytes of a file of tensors that is read."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Write one file from its beginning, in a folder that this process has just made.

    Args:
        path: the file.
        tensors: by name; tied ones are stored twice.

    Returns:
        The checksum of the file.

    Raises:
        OSError: it could not be written.
    """
    from safetensors import SafetensorError, TensorSpec, serialize_file

    # Not `safetensors.torch.save_file`, which looks for shared memory and takes ten times as long for a small
    # network: here tied tensors are just stored twice.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    specs = {
        name: TensorSpec(
            dtype=str(tensor.dtype).removeprefix("torch."),
            shape=tensor.shape,
            data_ptr=tensor.data_ptr(),
            data_len=tensor.nbytes,
        )
        for name, tensor in plain.items()
    }
    try:
        serialize_file(specs, path)
    except SafetensorError as error:
        if (code := re.search(r"os error (\d+)", str(error))) is None:
            raise
        raise OSError(int(code[1]), os.strerror(int(code[1])), str(path)) from error
    return checksum_of_file(path)


def read_tensors(path: Path, checksums: Mapping[str, Any]) -> dict[str, Tensor]:
    """Tensors by name, on the CPU.

    Args:
        path: the file.
        checksums: of the files of its checkpoint, by name.

    Raises:
        UserError: the file is missing or corrupt.
    """
    import safetensors.torch
    from safetensors import SafetensorError

    data = read_content(path)
    verify(path, checksum(data), checksums)
    try:
        return safetensors.torch.load(data)
    except (SafetensorError, ValueError, KeyError, RuntimeError, TypeError, OverflowError) as error:
        raise UserError(f"{path} is corrupt: {error}.") from error


def read_content(path: Path) -> bytes:
    """The whole of a checkpoint's file.

    Raises:
        UserError: it is missing or cannot be read.
    """
    try:
        return read_bytes(path, LARGEST_TENSORS)
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error


def check_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Refuse what a checkpoint without checksums should not hold.

    Raises:
        UserError: a number that is not finite.
    """
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise UserError(f"{path} is corrupt: {name} holds values that are not finite.")
