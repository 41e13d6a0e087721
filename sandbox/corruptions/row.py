"""Ways to spoil rows of a table: values that are missing, and numbers that are not exact."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.inputs.row import Row


def missing(rows: Any, amount: float, seed: int) -> NDArray[np.float32]:
    """Rows (N, F) without a share of their values."""
    values = np.array(rows, np.float32)
    # The same draws for every amount: what is missing stays missing as the amount grows.
    values[np.random.default_rng(seed).uniform(size=values.shape) < amount] = np.nan
    return values


def noise(sizes: NDArray[np.floating], rows: Any, amount: float, seed: int) -> NDArray[np.float32]:
    """Rows (N, F) with noise of so many `sizes` (F,); columns of size 0 stay as they are."""
    values = np.array(rows, np.float32)
    drawn = np.random.default_rng(seed).standard_normal(values.shape)
    return np.where(sizes > 0, values + amount * sizes * drawn, values).astype(np.float32)


CORRUPTIONS: Mapping[str, Corruption] = {
    "missing": Corruption(
        "Missing values",
        missing,
        "share of the values",
        1.0,
        "What is missing counts as the mean, so the network must do with the other columns.",
    )
}
"""By name: what any table can be spoilt by."""


def corruptions(input: Row) -> Mapping[str, Corruption]:
    """What such rows can be spoilt by: noise only where there are numbers."""
    sizes = np.array([column.deviation * (column.kind == "number") for column in input.columns])
    if not sizes.any():
        return CORRUPTIONS
    return {
        **CORRUPTIONS,
        "noise": Corruption(
            "Noise",
            partial(noise, sizes),
            "standard deviations of each column",
            2.0,
            "Rows near the border between two classes get to its other side first.",
        ),
    }
