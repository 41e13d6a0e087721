"""Completes a picture from its likeliest principal components. Tipping & Bishop 1999 (probabilistic PCA)."""

import torch
from torch import Tensor

from sandbox.tasks.completer import Completer
from sandbox.tasks.inputs.image import Image

COMPONENTS = 20


class CompletedComponents(Completer):
    """Fits the coefficients of the components to what is given.

    Args:
        examples: training pictures, (N, V).
        input: how a picture is read.
        count: components.
    """

    def __init__(self, examples: Tensor, input: Image, count: int = COMPONENTS) -> None:
        mean = examples.mean(0)
        super().__init__(input, mean)
        self.centre = mean
        _, scales, axes = torch.linalg.svd(examples - mean, full_matrices=False)
        variances = (scales / len(examples) ** 0.5).square()
        # What the components leave out is noise, which keeps their coefficients modest.
        self.noise = max(1e-6, float(variances[count:].mean())) if count < len(variances) else 1e-6
        self.axes, self.variances = axes[:count], variances[:count].clamp_min(1e-6)

    def complete(self, pictures: Tensor, keep: Tensor) -> Tensor:
        """See `Completer.complete`."""
        seen = self.axes[:, keep]
        matrix = seen @ seen.T + torch.diag(self.noise / self.variances)
        coefficients = torch.linalg.solve(matrix, seen @ (pictures - self.centre)[:, keep].T).T
        return torch.where(keep, pictures, (self.centre + coefficients @ self.axes).clamp(0, 1))
