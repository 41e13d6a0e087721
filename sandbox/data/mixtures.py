"""Points in the plane for a generator to imitate: mixtures with known modes, or points of one's own."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.data.formats import tables
from sandbox.data.plane_points import PLANE
from sandbox.errors import UserError, did_you_mean
from sandbox.files import path_text, typed_path

WIDTH, NEAR = 0.05, 0.2
"""Standard deviation of a mode, and how near a point of it is, in units of the plane from -EDGE to EDGE."""
EDGE, INSIDE = 1.5, 1.2
"""The plane is from -EDGE to EDGE; points of a file are from -INSIDE to INSIDE."""
COUNT = 4_000
MOST_BYTES, MOST_ROWS, LEAST = 2_000_000, 20_000, 24
NAMES = ("ring", "grid", "two", "line")


@dataclass(frozen=True)
class Target:
    """What is to be imitated."""

    name: str
    train: Float[Tensor, "N 2"]
    """Points to learn from."""
    test: Float[Tensor, "M 2"]
    """Unseen points."""
    centres: Float[Tensor, "C 2"] | None
    """Of the modes, where they are known."""
    synthetic: bool = True


def load(data: str | None, seed: int = 0) -> Target:
    """A mixture by its name, or the first two columns of numbers of a CSV file, a third of it unseen.

    Args:
        data: `ring` (also None), `grid`, `two`, `line`, or a path.
        seed: of the points, which are drawn.

    Raises:
        UserError: there is no such mixture or file, or it cannot be used.
    """
    if data is None or data in NAMES:
        name = data or NAMES[0]
        generator = torch.Generator().manual_seed(seed)
        points = draw(name, COUNT, generator)
        cut = COUNT * 2 // 3
        return Target(name, points[:cut], points[cut:], centres(name))
    path = typed_path(data)
    if not path.is_file():
        hint = did_you_mean(data, NAMES) or f" There are {', '.join(NAMES)}, or a CSV file."
        raise UserError(f"There is no mixture or file {data!r}.{hint}")
    points = read(path)
    cut = len(points) * 2 // 3
    return Target(path.name, points[:cut], points[cut:], None, synthetic=False)


def read(path: Path) -> Tensor:
    """The first two columns of numbers of a CSV file, equal rows once, shuffled and scaled to the plane.

    Columns named as `PLANE` are in units from -1 to 1 already; a drawing keeps its shape so.

    Raises:
        UserError: it cannot be read, is too large, or has too few points; says which.
    """
    name = path_text(path)
    table = tables.parse(tables.text_of(path, MOST_BYTES), name)
    columns = table.numeric()[:2]
    if len(columns) < 2:
        raise UserError(f"{name} has {len(columns)} columns of numbers; two are needed: a point in each row.")
    found = {
        tuple(table.number(row[i]) if i < len(row) else None for i in columns)
        for row in table.rows[:MOST_ROWS]
    }
    points = sorted((x, y) for x, y in found if x is not None and y is not None)
    if len(points) < LEAST:
        raise UserError(f"{name} has {len(points)} different rows with two numbers; {LEAST} are needed.")
    x = torch.tensor(points)[torch.randperm(len(points), generator=torch.Generator().manual_seed(0))]
    if table.names is not None and tuple(table.names[i] for i in columns) == PLANE:
        return INSIDE * x
    low, high = x.amin(0), x.amax(0)
    return (x - (low + high) / 2) / ((high - low).clamp_min(1e-9) / (2 * INSIDE))


def centres(name: str) -> Tensor | None:
    """Where the modes of a mixture are; None where it has none."""
    if name == "ring":
        angle = 2 * math.pi * torch.arange(8) / 8
        return torch.stack([angle.cos(), angle.sin()], 1)
    if name == "grid":
        side = torch.tensor([-0.9, 0.0, 0.9])
        return torch.cartesian_prod(side, side)
    if name == "two":
        return torch.tensor([[-0.8, 0.0], [0.8, 0.0]])
    return None


def draw(name: str, count: int, generator: torch.Generator) -> Tensor:
    """Points of a mixture, (count, 2)."""
    places = centres(name)
    if places is None:  # the line: an S along half a wave
        t = 2 * torch.rand(count, generator=generator) - 1
        middle = torch.stack([t, 0.7 * (math.pi * t).sin()], 1)
    else:
        middle = places[torch.randint(len(places), (count,), generator=generator)]
    return middle + WIDTH * torch.randn(count, 2, generator=generator)
