"""What is missing in a photo, continued from its edges inwards, as OpenCV does it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.repairer import Repairer

WAYS = {"Telea": cv2.INPAINT_TELEA, "Navier-Stokes": cv2.INPAINT_NS}
RADIUS = 3
"""Pixels around a missing one that count."""


class Inpainting(Repairer):
    """Fast marching (Telea 2004), or lines of equal brightness carried on (Bertalmio et al. 2001).

    Args:
        input: which damage photos have.
        way: a key of `WAYS`.
    """

    def __init__(self, input: DamagedPhoto, way: str) -> None:
        super().__init__(input)
        self.way = way

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`; what is known is left alone."""
        missing = np.isnan(photo).any(0)
        known = np.nan_to_num(photo)
        bytes_of = np.round(255 * np.clip(known, 0, 1)).astype(np.uint8)
        mask: NDArray[np.uint8] = np.asarray(missing, np.uint8)
        filled = np.stack([cv2.inpaint(each, mask, RADIUS, WAYS[self.way]) for each in bytes_of])
        return np.where(missing, filled.astype(np.float32) / 255, known)
