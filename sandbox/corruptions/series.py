"""Ways to spoil series: noise, gaps that are filled with what was before, and another level."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sandbox.corruptions.corruption import Corruption


def noise(inputs: Any, amount: float, seed: int) -> Tensor:
    """Add normal noise of `amount` deviations to every number of inputs (N, T, V)."""
    values = torch.as_tensor(np.asarray(inputs, np.float32))
    return values + amount * torch.randn(values.shape, generator=torch.Generator().manual_seed(seed))


def gaps(inputs: Any, amount: float, seed: int) -> Tensor:
    """Lose a share of the steps; each keeps the number of the last step that is there."""
    values = torch.as_tensor(np.asarray(inputs, np.float32))
    # The same draws for every amount: what is lost stays lost as the amount grows.
    drawn = torch.rand(values.shape[:2], generator=torch.Generator().manual_seed(seed))
    there = drawn >= amount
    there[:, 0] = True
    last = torch.where(there, torch.arange(values.shape[1]), 0).cummax(1).values
    return values.gather(1, last[..., None].expand_as(values))


def level(inputs: Any, amount: float, seed: int) -> Tensor:
    """Raise the second half of each window by `amount` deviations, as a sensor that was moved does."""
    values = torch.as_tensor(np.asarray(inputs, np.float32)).clone()
    values[:, values.shape[1] // 2 :] += amount
    return values


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        noise,
        "standard deviations",
        1.0,
        "What is learned from fine differences drowns first. What looks at many steps at once holds longer.",
    ),
    "gaps": Corruption(
        "Gaps",
        gaps,
        "share of the steps",
        0.9,
        "A gap keeps the number before it. Slow series hardly change, fast ones lose what they were read by.",
    ),
    "level": Corruption(
        "Another level",
        level,
        "standard deviations",
        3.0,
        "Nothing like this was in the training part. A method that begins at the last value goes on at "
        "the new level.",
    ),
}
