"""Noise: what a generator makes something of. It is drawn, and never in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError
from sandbox.tasks.outputs.codes import numbered


@dataclass(frozen=True)
class Noise:
    """An input is an array (Z,) of normal noise.

    Attributes:
        size: numbers in it, Z.
    """

    size: int
    kind: ClassVar[str] = "noise"
    files: ClassVar[str] = ""

    def draw(self, count: int, seed: int = 0) -> NDArray[np.float32]:
        """Noise for so many examples, (count, Z); the same seed draws the same."""
        import torch

        return torch.randn(count, self.size, generator=torch.Generator().manual_seed(seed)).numpy()

    def read(self, file: Path) -> Any:
        """Refuse: a generator reads no file.

        Raises:
            UserError: always.
        """
        raise UserError(f"{file} cannot be used: a generator makes examples from noise and reads no file.")

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """Noise as the generator takes it.

        Raises:
            UserError: there are not as many numbers as it takes.
        """
        values = np.asarray(raw, np.float32).ravel()
        if len(values) != self.size or not np.isfinite(values).all():
            raise UserError(f"The generator takes {self.size} finite numbers of noise, not {len(values)}.")
        return values

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write the numbers into a CSV file."""
        return numbered(self.size, "noise").save(value, folder, stem)
