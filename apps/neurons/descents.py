"""Optimisers on a landscape over the plane: which step size suits each best, and the paths they take."""

import base64
import math
from dataclasses import dataclass
from typing import Any

import torch

from sandbox.blocks.descent import OPTIMIZERS, Surface, race

STEPS = 150
RATES = tuple(round(10 ** (k / 3), 6) for k in range(-12, 2))
"""Step sizes that are tried: three for each power of ten, from 0.0001 to about 2."""
WINDOWS = {
    "valley": (-5.0, 5.0, -3.0, 3.0),
    "rosenbrock": (-2.0, 2.0, -1.0, 2.5),
    "beale": (-4.5, 4.5, -3.5, 3.5),
    "himmelblau": (-5.5, 5.5, -5.0, 5.0),
    "saddle": (-2.5, 2.5, -2.2, 2.2),
    "rastrigin": (-3.2, 3.2, -2.6, 2.6),
}
"""Left, right, bottom and top of what is shown of each."""
ABOUT = {
    "valley": "25 times steeper across than along: plain descent zigzags or crawls.",
    "rosenbrock": "a bent valley; easy to fall into, slow to follow to its end.",
    "beale": "flat far out, steep walls near by.",
    "himmelblau": "four minima; where one begins decides which is found.",
    "saddle": "flat at the start, falling to both sides: fast optimisers leave it first.",
    "rastrigin": "a hundred local minima; momentum may roll through small ones.",
}
COLUMNS, ROWS = 160, 120


@dataclass(frozen=True)
class Descent:
    """One optimiser's way down."""

    name: str
    rate: float
    path: list[list[float] | None]
    """Positions; it ends where numbers end."""
    heights: list[float | None]
    """None where it has left the numbers."""


def descend(surface: str, name: str, rate: float, start: tuple[float, float]) -> Descent:
    """One optimiser from a start with one step size.

    Args:
        surface: a key of `Surface.KINDS`.
        name: a key of `OPTIMIZERS`.
        rate: step size.
        start: where.
    """
    landscape = Surface(surface, start)
    path, heights = race(landscape, OPTIMIZERS[name](landscape.parameters(), lr=rate), STEPS)
    fine = torch.isfinite(heights) & (path.abs().amax(1) < 1e4)
    end = len(fine) if fine.all() else int((~fine).float().argmax())
    return Descent(
        name=name,
        rate=rate,
        path=[[round(v, 4) for v in place] for place in path[: max(1, end)].tolist()],
        heights=[value if i < end else None for i, value in enumerate(heights.tolist())],
    )


def best(surface: str, name: str, start: tuple[float, float]) -> Descent:
    """An optimiser with the step size of `RATES` that ends lowest."""
    return min((descend(surface, name, rate, start) for rate in RATES), key=_end)


def _end(descent: Descent) -> float:
    last = descent.heights[-1]
    return math.inf if last is None else last


def field(surface: str) -> dict[str, Any]:
    """The landscape as base64 of ROWS x COLUMNS bytes, higher is larger, on a logarithmic scale."""
    left, right, bottom, top = WINDOWS[surface]
    x = torch.linspace(left, right, COLUMNS)
    y = torch.linspace(top, bottom, ROWS)
    height, _ = Surface.KINDS[surface]
    values = height(x[None, :].expand(ROWS, COLUMNS), y[:, None].expand(ROWS, COLUMNS))
    values = (values - values.min()).add(0.05 * float(values.std())).log()
    scaled = (values - values.min()) / (values.max() - values.min())
    packed = base64.b64encode((255 * scaled).round().to(torch.uint8).numpy().tobytes()).decode()
    return {"ground": packed, "columns": COLUMNS, "rows": ROWS, "window": list(WINDOWS[surface])}
