"""What fills in the missing part of grey pictures: a network or a baseline."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.metrics.completion import given
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.image import Image as Output

PORTION = 1_000
"""Pictures that are completed at a time."""


class Completer(ABC):
    """Completes pictures; as a predictor, their lower half.

    Args:
        input: how a picture is read; it has one channel.
        mean: the mean training picture, (V,); None where nobody knows it.
    """

    def __init__(self, input: Image, mean: Tensor | None) -> None:
        self.input, self.output, self.mean = input, Output(ink=input.style is not None), mean

    @abstractmethod
    def complete(self, pictures: Tensor, keep: Tensor) -> Tensor:
        """Pictures (N, V) of which only the pixels `keep` (V,) were looked at, the others filled in."""

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Pictures (N, 1, H, W) with their lower half filled in."""
        images = torch.as_tensor(np.asarray(inputs))
        keep = given((images.shape[2], images.shape[3]), "lower")
        parts = [self.complete(part, keep) for part in images.flatten(1).split(PORTION)]
        return torch.cat(parts).reshape(images.shape).numpy()
