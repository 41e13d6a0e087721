"""Forecasts without a network: the season before again, Holt-Winters, a straight map by least squares.

All read windows (N, T, V) and give (N, H, V), every series by itself; `WithBand` adds quantiles.
"""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.forecast import LEVELS, Forecast
from sandbox.tasks.split import Examples

Way = Callable[[NDArray[Any]], NDArray[Any]]
MOST_LEARNED = 2_000
"""Windows that a straight map is fitted to."""
TRIED = 100
"""Windows on which the constants of Holt-Winters are chosen."""
DAMPING = 0.97
"""What is left of a trend after each step. Gardner & McKenzie 1985."""


class WithBand:
    """Point forecasts with a band: quantiles of their errors on windows that were kept aside.

    Args:
        way: makes the forecasts.
        kept: windows that nothing was learned from.
        input: how a window is read.
        output: what is forecast.
    """

    def __init__(self, way: Way, kept: Examples[Any, Any], input: Input, output: Forecast) -> None:
        self.way, self.input, self.output = way, input, output
        errors = np.asarray(kept.targets) - way(np.asarray(kept.inputs))
        self.band = np.moveaxis(np.quantile(errors, LEVELS, 0), 0, -1)
        self.band -= self.band[..., 1:2]  # the middle stays the forecast

    def predict(self, inputs: Any) -> Float[np.ndarray, "N H V Q"]:
        """Quantiles for windows (N, T, V)."""
        return (self.way(np.asarray(inputs, np.float32))[..., None] + self.band).astype(np.float32)


def seasonal(inputs: NDArray[Any], *, horizon: int, period: int) -> NDArray[Any]:
    """The values one period before, again and again; with a period of 1 the last value."""
    places = inputs.shape[1] - period + np.arange(horizon) % period
    return inputs[:, places]


def straight(inputs: NDArray[Any], targets: NDArray[Any], penalty: float = 1e-3) -> Way:
    """The linear map from a window to what follows, both less the last value, by least squares.

    Args:
        inputs: (N, T, V) to learn from; all series share the map.
        targets: (N, H, V).
        penalty: on the squared weights, as a share of the windows.
    """
    last = inputs[:, -1:]
    x, y = (np.moveaxis(part - last, 1, 2).reshape(-1, part.shape[1]) for part in (inputs, targets))
    x, y = x.astype(np.float64), y.astype(np.float64)
    weights = np.linalg.solve(x.T @ x + penalty * len(x) * np.eye(x.shape[1]), x.T @ y).astype(np.float32)

    def forecast(windows: NDArray[Any]) -> NDArray[Any]:
        return np.einsum("ntv,th->nhv", windows - windows[:, -1:], weights) + windows[:, -1:]

    return forecast


def holt_winters(inputs: NDArray[Any], targets: NDArray[Any], period: int) -> Way:
    """Level, damped trend and additive season, smoothed over each window. Holt 1957; Winters 1960.

    Args:
        inputs: (N, T, V); the constants that forecast these best are taken.
        targets: (N, H, V).
        period: of the season; without one if a window has not two of it.
    """
    some = slice(None, None, -(-len(inputs) // TRIED))
    inputs, targets = inputs[some], targets[some]
    season = (0.05, 0.2, 0.5) if 1 < period <= inputs.shape[1] // 2 else (0.0,)
    ways = [
        partial(smoothed, horizon=targets.shape[1], period=period, constants=constants)
        for constants in product((0.05, 0.2, 0.5, 0.9), (0.0, 0.05, 0.2), season)
    ]
    return min(ways, key=lambda way: float(np.square(way(inputs) - targets).mean()))


def smoothed(
    inputs: NDArray[Any], *, horizon: int, period: int, constants: tuple[float, float, float]
) -> NDArray[Any]:
    """Forecasts of Holt-Winters with given constants of level, trend and season, each from 0 to 1."""
    alpha, beta, gamma = constants
    begin = period if gamma else 1
    level = inputs[:, :begin].mean(1)
    trend = (inputs[:, begin : 2 * begin].mean(1) - level) / begin if gamma else np.zeros_like(level)
    seasons = inputs[:, :begin] - level[:, None] if gamma else np.zeros_like(inputs[:, :1])
    for t in range(begin, inputs.shape[1]):
        now, before = seasons[:, t % begin].copy(), level
        level = alpha * (inputs[:, t] - now) + (1 - alpha) * (level + DAMPING * trend)
        trend = beta * (level - before) + (1 - beta) * DAMPING * trend
        if gamma:
            seasons[:, t % begin] = gamma * (inputs[:, t] - level) + (1 - gamma) * now
    ahead = np.arange(1, horizon + 1)
    grown = np.cumsum(DAMPING**ahead)[None, :, None] * trend[:, None]
    return level[:, None] + grown + seasons[:, (inputs.shape[1] + ahead - 1) % begin]
