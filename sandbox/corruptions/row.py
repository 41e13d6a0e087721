"""Ways to spoil rows of a table: values that are missing, and numbers that are not exact."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sandbox.corruptions.corruption import Corruption
from sandbox.tasks.inputs.row import Row


def corruptions(input: Row) -> Mapping[str, Corruption]:
    """By name: `missing` and `noise`; noise only where there are numbers."""
    numbers = np.array([column.kind == "number" for column in input.columns])
    sizes = np.array([column.deviation for column in input.columns]) * numbers

    def missing(rows: Any, amount: float, seed: int) -> Any:
        values = np.array(rows, np.float32)
        # The same draws for every amount: what is missing stays missing as the amount grows.
        values[np.random.default_rng(seed).uniform(size=values.shape) < amount] = np.nan
        return values

    def noise(rows: Any, amount: float, seed: int) -> Any:
        values = np.array(rows, np.float32)
        drawn = np.random.default_rng(seed).standard_normal(values.shape)
        return np.where(numbers, values + amount * sizes * drawn, values).astype(np.float32)

    found = {
        "missing": Corruption(
            "Missing values",
            missing,
            "share of the values",
            1.0,
            "What is missing counts as the mean, so the network must do with the other columns.",
        )
    }
    if numbers.any():
        found["noise"] = Corruption(
            "Noise",
            noise,
            "standard deviations of each column",
            2.0,
            "Rows near the border between two classes get to its other side first.",
        )
    return found
