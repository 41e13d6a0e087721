"""Windows of one series rebuilt from a few numbers: what cannot be rebuilt is unusual."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.baselines.principal_components import PrincipalComponents
from sandbox.blocks.autoencoder import Autoencoder
from sandbox.tasks.inputs.series import Series
from sandbox.tasks.outputs.rebuilt_series import RebuiltSeries
from sandbox.tasks.predictor import batched

FLAT = 1e-4
"""Least variance of a window, so that nothing is divided by nothing."""


class Rebuilder(nn.Module):
    """An autoencoder over windows that were shifted and scaled by themselves, and its threshold.

    Attributes:
        network: the autoencoder.
        threshold: an alarm is raised from this score on; gradients do not learn it.
    """

    threshold: Tensor

    def __init__(self, length: int, code: int, hidden: Sequence[int], noise: float = 0.0) -> None:
        super().__init__()
        self.network = Autoencoder(
            length,
            code,
            hidden=hidden,
            activation="gelu",
            noise=noise,
            corruption="gaussian",
        )
        self.register_buffer("threshold", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Scaled windows (B, T) rebuilt."""
        return self.network(x)


class SeriesReader:
    """Answers with how strange a window is, whatever rebuilds it.

    Attributes:
        model: rebuilds scaled windows, and has a `threshold`.
        input: how a window of one series is read.
    """

    def __init__(self, model: Any, input: Series) -> None:
        self.model, self.input = model, input

    @property
    def output(self) -> RebuiltSeries:
        """With the threshold as it is now."""
        return RebuiltSeries(self.input, float(self.model.threshold))

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """Scores and rebuilt windows (N, 1 + T) of windows (N, T, 1)."""
        scaled, mean, deviation = standardised(inputs)
        rebuilt = self.rebuild(scaled)
        score = (rebuilt - scaled).square().mean(1, keepdim=True)
        return torch.cat([score, rebuilt * deviation + mean], 1).numpy()

    def rebuild(self, scaled: Tensor) -> Tensor:
        """Scaled windows (N, T) as the network rebuilds them."""
        return batched(self.model, scaled)


class Components(SeriesReader):
    """Rebuilds a window from its largest principal components.

    Args:
        learned: scaled windows (N, T) of normal examples.
        count: components.
        input: how a window is read.
    """

    def __init__(self, learned: Tensor, count: int, input: Series) -> None:
        super().__init__(self, input)
        self.threshold = 0.0
        self.components = PrincipalComponents(learned, count, input, RebuiltSeries(input, 0.0), bounded=False)

    def rebuild(self, scaled: Tensor) -> Tensor:
        """Scaled windows (N, T) from as many components."""
        return torch.from_numpy(self.components.predict(scaled))


class MeanSeries(SeriesReader):
    """Compares every window with the mean one.

    Args:
        learned: scaled windows (N, T) of normal examples.
        input: how a window is read.
    """

    def __init__(self, learned: Tensor, input: Series) -> None:
        super().__init__(self, input)
        self.threshold, self.mean = 0.0, learned.mean(0)

    def rebuild(self, scaled: Tensor) -> Tensor:
        """The mean normal window, for each."""
        return self.mean.expand_as(scaled)


def standardised(inputs: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Windows (N, T) without their mean and divided by their deviation, and both, (N, 1)."""
    rows = torch.as_tensor(np.asarray(inputs, np.float32))[..., 0]
    mean, deviation = rows.mean(1, keepdim=True), (rows.var(1, keepdim=True) + FLAT).sqrt()
    return (rows - mean) / deviation, mean, deviation
