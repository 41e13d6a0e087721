"""A drawing as a distribution of points: each lies somewhere in the ink, as often as there is ink."""

import numpy as np
from jaxtyping import Float

from sandbox.data.plane_points import PLANE
from sandbox.errors import UserError

FILE = "drawn.csv"
COUNT = 4_000
"""Points that are drawn from the ink."""
LEAST_INK = 12.0
"""Cells of the pad that must be filled: a single dot is no distribution."""


def points_of(pixels: Float[np.ndarray, "S S"], seed: int = 0) -> Float[np.ndarray, "N 2"]:
    """`COUNT` points from -1 to 1 along both axes, the second one upwards; the same for the same drawing.

    Args:
        pixels: ink in [0, 1], the first row on top.
        seed: of the points.

    Raises:
        UserError: there is hardly any ink.
    """
    ink = np.clip(np.asarray(pixels, np.float64), 0, 1)
    if ink.sum() < LEAST_INK:
        raise UserError("There is hardly anything on the pad; draw a line or a few blots.")
    generator = np.random.default_rng(seed)
    cells = generator.choice(ink.size, COUNT, p=(ink / ink.sum()).ravel())
    rows, columns = np.divmod(cells, ink.shape[1])
    inside = generator.random((2, COUNT))
    x = 2 * (columns + inside[0]) / ink.shape[1] - 1
    y = 1 - 2 * (rows + inside[1]) / ink.shape[0]
    return np.stack([x, y], 1)


def to_csv(points: Float[np.ndarray, "N 2"]) -> bytes:
    """Points as a CSV file in units of the plane, so that they are not scaled."""
    return (",".join(PLANE) + "\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in points)).encode()
