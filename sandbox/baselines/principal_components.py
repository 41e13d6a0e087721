"""The linear way to a code: the directions of largest variance. Pearson 1901."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.kind import Output


class PrincipalComponents:
    """Rebuilds each input from its `count` largest components.

    Args:
        examples: (N, ...), numbers in [0, 1] if they are bounded.
        count: components, K.
        input: how an input is read.
        output: what a rebuilt one is.
        bounded: whether what is rebuilt is brought back to [0, 1].

    Attributes:
        mean: (D,).
        directions: (D, K), orthonormal, the largest variance first.
    """

    def __init__(
        self, examples: Tensor, count: int, input: Input, output: Output, *, bounded: bool = True
    ) -> None:
        rows = examples.flatten(1)
        self.input, self.output, self.mean, self.bounded = input, output, rows.mean(0), bounded
        # The covariance is D x D however many rows there are.
        _, vectors = torch.linalg.eigh((rows - self.mean).double().T.cov())
        self.directions = vectors[:, -count:].flip(1).float()

    def encode(self, inputs: Any) -> Tensor:
        """The code of each input, (N, K)."""
        return (torch.as_tensor(inputs).flatten(1) - self.mean) @ self.directions

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Each input (N, ...) rebuilt from its code."""
        rebuilt = self.mean + self.encode(inputs) @ self.directions.T
        return (rebuilt.clamp(0, 1) if self.bounded else rebuilt).view(np.shape(inputs)).numpy()
