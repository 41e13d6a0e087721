"""A seasonal series that is made, so synthetic; the chaotic one is in `sandbox.data.sequences`."""

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

DAY, WEEK = 24, 7
"""Steps of a day, days of a week."""


def seasonal(length: int, seed: int = 0) -> Float64[Tensor, " N"]:
    """A made demand by the hour: a day, a quieter weekend, a slow drift, and noise that remembers.

    The noise is autoregressive, n_t = 0.8 n_{t-1} + e_t, and as strong as the day's height. What is left of
    it an hour later can be known, what it becomes in a day cannot: no forecast is better than the noise.

    Args:
        length: values, N.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)
    hour = np.arange(length)
    day = np.sin(2 * np.pi * (hour - 8) / DAY) + 0.5 * np.sin(4 * np.pi * (hour - 3) / DAY)
    weekend = np.isin(hour // DAY % WEEK, (5, 6))
    level = 10 + 0.0005 * hour + np.cumsum(generator.normal(0, 0.01, length))
    height = 2.0 * (1 + 0.2 * np.sin(2 * np.pi * hour / (DAY * 90)))
    noise, drawn = np.zeros(length), generator.normal(0, 0.3, length)
    for i in range(1, length):
        noise[i] = 0.8 * noise[i - 1] + drawn[i]
    return torch.from_numpy(level + height * day * np.where(weekend, 0.5, 1.0) - weekend + noise)
