"""Ways to spoil points of a plane, whose examples fill about -1 to 1."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sandbox.corruptions.corruption import Corruption


def _moved(points: Any, amount: float, seed: int) -> Any:
    noise = np.random.default_rng(seed).standard_normal(np.shape(points))
    return (np.asarray(points) + amount * noise).astype(np.float32)


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        _moved,
        "standard deviation",
        0.6,
        "Points that are moved across the boundary get the answer of the other side.",
    ),
}
"""By name."""
