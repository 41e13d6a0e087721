"""CIFAR's binary form: records of a byte for the class and 3 x 32 x 32 bytes of red, green and blue."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from sandbox.errors import UserError, because
from sandbox.files import path_text

RECORD = 1 + 3 * 32 * 32
MOST = 100_000
"""Records of one file."""
CLASSES = 10


def read(files: Sequence[Path]) -> tuple[Float[Tensor, "N 3 32 32"], Int64[Tensor, " N"]]:
    """The pictures of several files, in [0, 1], and the numbers of their classes.

    Raises:
        UserError: a file is missing, or holds something else; names it.
    """
    parts = [_records(file) for file in files]
    records = np.concatenate(parts)
    pictures = torch.from_numpy(records[:, 1:].astype(np.float32) / 255.0).reshape(-1, 3, 32, 32)
    return pictures, torch.from_numpy(records[:, 0].astype(np.int64))


def _records(file: Path) -> np.ndarray:
    try:
        size = file.stat().st_size
        if size == 0 or size % RECORD or size > MOST * RECORD:
            raise UserError(f"{path_text(file)} holds no records of CIFAR-10: it has {size:,} bytes.")
        records = np.fromfile(file, np.uint8).reshape(-1, RECORD)
    except OSError as error:
        raise UserError(f"{path_text(file)} cannot be read because {because(error)}.") from error
    if records[:, 0].max() >= CLASSES:
        raise UserError(f"{path_text(file)} names class {records[:, 0].max()}; CIFAR-10 has {CLASSES}.")
    return records
