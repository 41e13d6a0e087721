"""Examples drawn from Gaussians that were fitted to real ones. Dempster, Laird & Rubin 1977."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.kind import Output


class GaussianMixture:
    """Draws from a mixture fitted by scikit-learn; fitted when it is first asked.

    It needs no noise of others: however an input looks, it draws one example for it, always the same ones.

    Args:
        examples: (N, ...).
        components: Gaussians; None for one that draws every number by itself, without their correlations.
        input: what a generator takes.
        output: what an example is.
        limits: to which drawn numbers are cut; None for no limits.
    """

    def __init__(
        self,
        examples: Tensor,
        components: int | None,
        input: Input,
        output: Output,
        limits: tuple[float, float] | None = None,
    ) -> None:
        self._examples, self._components, self._limits = examples, components, limits
        self.input, self.output = input, output

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """As many examples as there are inputs, (N, ...)."""
        drawn = self.draw(len(inputs))
        if self._limits is not None:
            drawn = drawn.clamp(*self._limits)
        return drawn.unflatten(1, self._examples.shape[1:]).numpy()

    def draw(self, count: int) -> Tensor:
        """Rows (count, D), not cut."""
        generator = torch.Generator().manual_seed(0)
        shares, means, factors = self._fitted
        chosen = torch.multinomial(shares, count, replacement=True, generator=generator)
        noise = torch.randn(count, means.shape[1], generator=generator, dtype=torch.float64)
        return (means[chosen] + (factors[chosen] @ noise[..., None])[..., 0]).float()

    @cached_property
    def _fitted(self) -> tuple[Tensor, Tensor, Tensor]:
        rows = self._examples.flatten(1).double()
        if self._components is None:
            return torch.ones(1).double(), rows.mean(0, keepdim=True), rows.std(0).diag()[None]
        from sklearn.mixture import GaussianMixture as Fit

        model = Fit(min(self._components, len(rows)), reg_covar=1e-3, random_state=0).fit(rows.numpy())
        shares, means, spreads = (
            torch.from_numpy(values) for values in (model.weights_, model.means_, model.covariances_)
        )
        # A pixel that is always paper leaves a covariance that only rounding keeps from being positive.
        return shares, means, torch.linalg.cholesky(spreads + 1e-6 * torch.eye(means.shape[1]))
