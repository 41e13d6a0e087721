"""Larger photos without training: a smooth surface through the pixels there are."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from sandbox.data.damages import enlarged
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.repairer import Repairer

Way = Literal["bicubic", "lanczos", "nearest"]


class Interpolation(Repairer):
    """Bicubic interpolation (Keys 1981, a = -0.5), Lanczos's window (of 8 x 8 pixels), or the nearest pixel.

    Args:
        input: how many times larger the answers are.
        way: which.
    """

    def __init__(self, input: DamagedPhoto, way: Way) -> None:
        super().__init__(input)
        self.way: Way = way

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`."""
        times = self.input.damage.factor
        if self.way == "nearest":
            return photo.repeat(times, 1).repeat(times, 2)
        return enlarged(torch.from_numpy(photo)[None], times, self.way)[0].numpy()
