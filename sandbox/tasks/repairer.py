"""What repairs photos of any size: a network, a baseline, or nothing at all."""

from abc import ABC, abstractmethod
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.data.damages import enlarged
from sandbox.devices import device_of
from sandbox.tasks.inputs.damaged_photo import DamagedPhoto
from sandbox.tasks.outputs.repaired_photo import RepairedPhoto
from sandbox.tasks.predictor import evaluating

TILE, MARGIN = 256, 32
"""Pixels of the side of a tile that goes through a network at once, and of what goes with it on each side."""


class Repairer(ABC):
    """Repairs photos, each by itself.

    Args:
        input: which damage they have.
    """

    def __init__(self, input: DamagedPhoto) -> None:
        self.input, self.output = input, RepairedPhoto()

    @abstractmethod
    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """A photo (C, H, W), NaN where it is missing, repaired: (C, factor H, factor W)."""

    def predict(self, inputs: Any) -> Any:
        """Photos repaired, in [0, 1].

        Args:
            inputs: photos (N, C, H, W), or a list of photos (C, H, W) of any sizes.

        Returns:
            An array of the same form, or a list.
        """
        found = [np.clip(self.repair(np.asarray(photo, np.float32)), 0, 1) for photo in inputs]
        return np.stack(found) if len({photo.shape for photo in found}) == 1 else found


class Untouched(Repairer):
    """Leaves a photo as it is; what is missing becomes as bright as the rest is in the middle."""

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`."""
        return np.nan_to_num(photo, nan=float(np.nanmean(photo)))


class NetworkRepairer(Repairer):
    """A trained network.

    Args:
        model: maps (B, C, H, W), NaN where it is missing, to (B, C, factor H, factor W).
        input: which damage it has learned, and how many colours it takes at once.
        luminance: whether of a colour photo it repairs the luminance only, and colours are enlarged by
            bicubic interpolation; else each colour by itself.
    """

    def __init__(self, model: nn.Module, input: DamagedPhoto, *, luminance: bool = False) -> None:
        super().__init__(input)
        self.model, self.luminance = model, luminance

    def repair(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Repairer.repair`."""
        if self.luminance and photo.shape[0] == 3:
            parts = cv2.cvtColor(np.ascontiguousarray(photo.transpose(1, 2, 0)), cv2.COLOR_RGB2YCrCb)
            rows = torch.from_numpy(parts.transpose(2, 0, 1).copy())
            colours = enlarged(rows[None, 1:], self.input.damage.factor)[0]
            whole = torch.cat([self.mapped(rows[:1]), colours]).numpy()
            found = cv2.cvtColor(whole.transpose(1, 2, 0).copy(), cv2.COLOR_YCrCb2RGB)
            return np.asarray(found, np.float32).transpose(2, 0, 1)
        rows = torch.from_numpy(photo.copy())
        if self.input.colours == 1:
            return torch.cat([self.mapped(colour[None]) for colour in rows]).numpy()
        return self.mapped(rows).numpy()

    def mapped(self, photo: Tensor) -> Tensor:
        """What the network makes of a photo (C, H, W), tile by tile, so that memory does not grow with it."""
        device = device_of(self.model)
        times, (channels, height, width) = self.input.damage.factor, photo.shape
        found = torch.empty(channels, height * times, width * times)
        with evaluating(self.model):
            for top in range(0, height, TILE):
                for left in range(0, width, TILE):
                    first, before = max(0, top - MARGIN), max(0, left - MARGIN)
                    part = photo[:, first : top + TILE + MARGIN, before : left + TILE + MARGIN]
                    answer = self.model(part[None].to(device))[0].float().cpu()
                    down, right = min(TILE, height - top), min(TILE, width - left)
                    row, column = (top - first) * times, (left - before) * times
                    found[:, top * times : (top + down) * times, left * times : (left + right) * times] = (
                        answer[:, row : row + down * times, column : column + right * times]
                    )
        return found
