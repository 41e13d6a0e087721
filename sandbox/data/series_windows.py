"""Series cut into windows: what is read, and what follows; split by time, so that nobody looks ahead.

    learned from        kept aside        unseen
    |-------------------|-----------------|----------------|
            [ read ][follows]

A window belongs to the part in which all that follows lies. What it reads may begin in the part before: when
a forecast is made, that is known.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from sandbox.errors import UserError
from sandbox.tasks.split import Examples

ASIDE, UNSEEN = 0.6, 0.8
"""Where the part that is kept aside and the unseen part begin."""
LEAST_WINDOWS = 8
"""In the part that is learned from."""
MOST_TESTED = 3_000
"""Unseen windows, evenly spread."""


class Parts(NamedTuple):
    """Windows of the three parts of a series, inputs (N, T, V) and what follows (N, H, V)."""

    train: Examples[Tensor, Tensor]
    aside: Examples[Tensor, Tensor]
    test: Examples[Tensor, Tensor]


def cuts(count: int) -> tuple[int, int, int]:
    """Where the part kept aside begins, where the unseen part begins, and where it ends."""
    return round(ASIDE * count), round(UNSEEN * count), count


def windows(
    values: Float[Tensor, "N V"], length: int, horizon: int, places: tuple[int, int, int], name: str
) -> Parts:
    """All windows of a series.

    Args:
        values: the series side by side.
        length: time steps that are read, T.
        horizon: time steps that follow, H.
        places: see `cuts`.
        name: of the data, for messages.

    Raises:
        UserError: it is too short for windows of this size.
    """
    aside, unseen, end = places
    if aside < length + horizon + LEAST_WINDOWS or min(unseen - aside, end - unseen) < horizon:
        raise UserError(
            f"{name} has {end:,} time steps, too few to read {length} and forecast {horizon} of them; lower "
            "length or horizon."
        )
    parts = [
        _cut(values[:aside], length, horizon),
        _cut(values[aside - length : unseen], length, horizon),
        _cut(values[unseen - length : end], length, horizon),
    ]
    test = parts[2]
    some = torch.linspace(0, len(test) - 1, min(MOST_TESTED, len(test))).long().unique()
    if len(some) < len(test):
        parts[2] = Examples(test.inputs[some], test.targets[some])
    return Parts(*parts)


def _cut(values: Tensor, length: int, horizon: int) -> Examples[Tensor, Tensor]:
    every = values.unfold(0, length + horizon, 1).transpose(1, 2)  # a view: no number is copied
    return Examples(every[:, :length], every[:, length:])


def period(values: Float[Tensor, "N V"], most: int) -> int:
    """After how many steps the series repeat themselves best; 1 if they do not. By their autocorrelation.

    Args:
        values: of the training part.
        most: the longest period that is looked for.
    """
    most = min(most, len(values) // 3)
    found = np.mean([_autocorrelation(one, most) for one in values.double().numpy().T], 0)
    below = np.flatnonzero(found < 0.5 * (1 + found.min()))
    if not len(below):
        return 1
    begin = int(below[0])  # beyond the values that are alike because they are neighbours
    peaks = [
        lag
        for lag in range(max(2, begin), len(found) - 1)
        if found[lag] >= found[lag - 1] and found[lag] >= found[lag + 1]
    ]
    best = max(peaks, key=lambda lag: found[lag], default=1)
    if best == 1 or found[best] < 0.2:
        return 1
    return next(lag for lag in peaks if found[lag] >= 0.9 * found[best])  # not two periods for one


def _autocorrelation(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Of a series without its straight trend, at lags 0 to `most`."""
    steps = np.arange(len(values))
    rest = values - np.polyval(np.polyfit(steps, values, 1), steps)
    total = float(rest @ rest) or 1.0
    return np.array([rest[lag:] @ rest[: len(rest) - lag] / total for lag in range(most + 1)])
