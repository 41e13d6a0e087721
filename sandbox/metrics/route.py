"""Cheapest routes over a map of costs, and what a route costs beyond the cheapest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.errors import UserError
from sandbox.metrics.scores import Metric

Cell = tuple[int, int]
"""Row and column."""
DETOUR = Metric(
    "detour",
    "extra cost of the route",
    "%",
    higher_is_better=False,
    digits=1,
    help="What a route planned on the answer costs on the true map, beyond the cheapest route there is. "
    "The mean over pictures.",
)


def cheapest(costs: Float[np.ndarray, "H W"], start: Cell, goal: Cell) -> Int[np.ndarray, "N 2"]:
    """The cheapest route over a map, diagonal steps included: rows and columns, start and goal among them.

    By scikit-image's minimum-cost path (Dijkstra 1959). A step costs the mean of its two cells, times its
    length.

    Args:
        costs: of crossing each cell, above 0.
        start: row and column.
        goal: likewise.

    Raises:
        UserError: a cell lies outside of the map, or a cost is not above 0.
    """
    from skimage.graph import MCP_Geometric

    for row, column in (start, goal):
        if not (0 <= row < costs.shape[0] and 0 <= column < costs.shape[1]):
            raise UserError(f"Row {row}, column {column} lies outside of the map of {costs.shape} cells.")
    if not (np.isfinite(costs).all() and costs.min() > 0):
        raise UserError("The cost of a cell must be a finite number above 0.")
    paths = MCP_Geometric(np.asarray(costs, np.float64))
    paths.find_costs([start], [goal])
    return np.array(paths.traceback(goal))


def cost_along(costs: Float[np.ndarray, "H W"], route: Int[np.ndarray, "N 2"]) -> float:
    """What a route of neighbouring cells costs on a map, as `cheapest` counts it."""
    passed = np.asarray(costs, np.float64)[route[:, 0], route[:, 1]]
    lengths = np.linalg.norm(np.diff(route, axis=0), axis=1)
    return float((lengths * (passed[1:] + passed[:-1]) / 2).sum())


def detour(
    planned_on: NDArray[np.floating], true: NDArray[np.floating], ways: Sequence[tuple[Cell, Cell]]
) -> float:
    """By which share routes planned on one map cost more on the true one than the cheapest there.

    Args:
        planned_on: costs (H, W) that the planner knows.
        true: costs (H, W) that are paid.
        ways: start and goal of each route.
    """
    paid = sum(cost_along(true, cheapest(planned_on, *way)) for way in ways)
    least = sum(cost_along(true, cheapest(true, *way)) for way in ways)
    return paid / least - 1
