"""Points in the plane: generated, painted, or read from a CSV file. Never imports torch.

Generated sets are synthetic. All points lie in units of the plane, about -1 to 1 along both axes.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.errors import UserError, did_you_mean

LETTERS = ("A", "B", "C", "D")
"""Names of painted classes."""
MOST_CLASSES = len(LETTERS)
FIRST = "moons"
"""The set that is learned if nobody says which."""
UNSEEN = 1 / 3
FEWEST_POINTS, MOST_POINTS = 8, 20_000
"""How many can be made."""
EDGE = 1.1
"""The plane is shown from -EDGE to EDGE."""

PLANE = ("plane_x", "plane_y")
"""Columns of a file whose numbers are in units of the plane already."""

Drawn = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Points:
    """Points with a class or a value each, split once and for all."""

    name: str
    """What the set is called on a page."""
    x: NDArray[np.float32]
    """(N, 2), in units of the plane."""
    y: NDArray[np.float32]
    """(N,): numbers of classes; values in about [-1, 1] if there are no classes."""
    classes: tuple[str, ...]
    """Names of the classes, in the order of their numbers; empty if each point has a value."""
    split_seed: int = 0
    """Decides which points are unseen."""
    synthetic: bool = False
    axes: tuple[str, str] = PLANE
    shift: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    """A number of the user's is `shift + scale * x`."""
    value: tuple[float, float] = (0.0, 1.0)
    """Shift and scale of the values."""
    notes: tuple[str, ...] = field(default_factory=tuple)
    """What was left out when the file was read, one sentence each."""

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """(N,): which points are unseen, about a third of each class.

        Each point's own coordinates decide, so that points painted later change nothing for those already
        there, and equal points are on one side.
        """
        chance = _chance(self.x, self.split_seed)
        unseen = np.zeros(len(self.x), bool)
        groups = self.y if self.classes else np.zeros(len(self.y))
        for group in np.unique(groups):
            members = np.flatnonzero(groups == group)
            chances = chance[members]
            chosen = chances < UNSEEN
            if len(np.unique(chances)) > 1:  # at least one on either side
                if not chosen.any():
                    chosen = chances == chances.min()
                elif chosen.all():
                    chosen = chances < chances.max()
            else:
                chosen[:] = False
            unseen[members] = chosen
        return unseen

    @property
    def fingerprint(self) -> str:
        """The same for the same points, classes and split."""
        content = self.x.tobytes() + self.y.tobytes() + repr((self.classes, self.split_seed)).encode()
        return hashlib.sha256(content).hexdigest()

    def check(self) -> None:
        """Refuse points from which nothing can be learned.

        Raises:
            UserError: too few points or classes, or all points the same; says what is missing.
        """
        if not self.classes:
            if len(self.x) < 4:
                raise UserError(f"There are only {len(self.x)} points; at least 4 are needed.")
            return
        counts = [int((self.y == number).sum()) for number in range(len(self.classes))]
        there = [name for name, count in zip(self.classes, counts, strict=True) if count]
        if len(there) < 2:
            if not there:
                raise UserError("No points yet: paint two classes, at least two points of each.")
            raise UserError(
                f"All points are of class {there[0]}: a second class is needed, with at least two points."
            )
        unseen = self.unseen
        for number, (name, count) in enumerate(zip(self.classes, counts, strict=True)):
            mine = self.y == number
            if count < 2 or not (mine & unseen).any():
                raise UserError(
                    f"Class {name} has {count} {'point' if count == 1 else 'points'}: at least two different "
                    "ones are needed, because one is kept for the test."
                )

    def to_csv(self) -> str:
        """The points as a CSV file that `labelled_points.load` reads again, in the user's own units."""
        lines = [f"{self.axes[0]},{self.axes[1]},label"]
        for point, target in zip(self.x, self.y, strict=True):
            first, second = (
                float(shift + scale * number)
                for shift, scale, number in zip(self.shift, self.scale, point, strict=True)
            )
            label = (
                self.classes[int(target)] if self.classes else f"{self.value[0] + self.value[1] * target:.6g}"
            )
            lines.append(f"{first:.9g},{second:.9g},{label}")
        return "\n".join(lines) + "\n"


def _chance(x: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) for each point from its coordinates alone (SplitMix64, Steele et al. 2014)."""
    # Rounded, as points of a file are scaled to the plane: their last digit may differ.
    cells = np.round(x.astype(np.float64) * 1e4).astype(np.int64).astype(np.uint64)
    with np.errstate(over="ignore"):
        z = cells[:, 0] * np.uint64(0x9E3779B97F4A7C15) + cells[:, 1] * np.uint64(0xD1B54A32D192ED03)
        z += np.uint64((seed * 0x2545F4914F6CDD1D) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53


def _two_moons(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    y = np.arange(count) % 2
    angle = math.pi * generator.random(count)
    x = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1)
    x[y == 1] *= -1
    return 0.62 * x, y


def _circles(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    y = np.arange(count) % 2
    angle = 2 * math.pi * generator.random(count)
    radius = np.where(y == 1, 0.3 * np.sqrt(generator.random(count)), 0.65 + 0.2 * generator.random(count))
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y


def _spirals(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    y = np.arange(count) % 2
    along = np.sqrt(generator.random(count))  # evenly along the arm, which grows with the radius
    angle = 2 * math.pi * turns * along + math.pi * y
    return 0.95 * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y


def _xor(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    x = generator.uniform(0.06, 0.95, (count, 2)) * generator.choice([-1.0, 1.0], (count, 2))
    return x, (x[:, 0] * x[:, 1] < 0).astype(float)


def _blobs(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    y = np.arange(count) % 3
    angle = 2 * math.pi * y / 3 + math.pi / 2
    x = 0.5 * np.stack([np.cos(angle), np.sin(angle)], 1)
    return x + 0.14 * generator.standard_normal((count, 2)), y


def _waves(count: int, turns: float, generator: np.random.Generator) -> Drawn:
    x = generator.uniform(-1, 1, (count, 2))
    return x, np.sin(math.pi * turns * x[:, 0]) * np.cos(math.pi * x[:, 1] / 2)


@dataclass(frozen=True)
class Set:
    """A set that can be made."""

    title: str
    make: Callable[[int, float, np.random.Generator], Drawn]
    """Count, turns and generator to (N, 2) points and (N,) classes or values, without noise."""
    classes: int
    """0 if each point has a value."""
    turns: bool = False
    """Whether the number of turns matters."""


SETS = {
    "moons": Set("two moons", _two_moons, 2),
    "circles": Set("circle in a ring", _circles, 2),
    "spirals": Set("two spirals", _spirals, 2, turns=True),
    "xor": Set("xor: four squares", _xor, 2),
    "blobs": Set("three blobs", _blobs, 3),
    "waves": Set("waves: a value for each point", _waves, 0, turns=True),
}


def generate(
    name: str,
    *,
    count: int = 300,
    noise: float = 0.1,
    turns: float = 1.0,
    seed: int = 0,
    split_seed: int = 0,
) -> Points:
    """Make one of `SETS`.

    Args:
        name: its key.
        count: points in all.
        noise: standard deviation by which points are moved, or values if there are no classes.
        turns: of a spiral's arm around the middle, or waves across the plane.
        seed: of the draws.
        split_seed: decides which points are unseen.

    Raises:
        UserError: there is no such set, or a number makes no sense.
    """
    if name not in SETS:
        raise UserError(
            f"There is no set of points {name!r}; there are {', '.join(SETS)}.{did_you_mean(name, SETS)}"
        )
    if not FEWEST_POINTS <= count <= MOST_POINTS:
        raise UserError(f"points must be from {FEWEST_POINTS} to {MOST_POINTS:,}, not {count}.")
    if not (0 <= noise < 10 and 0 < turns < 100):
        raise UserError(f"noise must be from 0 to 10 and turns above 0, not {noise} and {turns}.")
    made, generator = SETS[name], np.random.default_rng(seed)
    x, y = made.make(count, turns, generator)
    if made.classes:
        x = x + noise * generator.standard_normal(x.shape)
    else:
        y = y + noise * generator.standard_normal(y.shape)
    return Points(
        name=made.title.split(":")[0],
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        classes=LETTERS[: made.classes],
        split_seed=split_seed,
        synthetic=True,
    )


def painted(points: list[tuple[float, float, int]], split_seed: int = 0) -> Points:
    """Points that a person painted: x, y and the number of the class; classes nobody painted are left out."""
    used = sorted({number for _, _, number in points}) or [0, 1]  # classes even if there are no points yet
    rows = np.array([(x, y) for x, y, _ in points], np.float32).reshape(-1, 2)
    return Points(
        name="painted points",
        x=rows,
        y=np.array([used.index(number) for _, _, number in points], np.float32),
        classes=tuple(LETTERS[number] for number in used),
        split_seed=split_seed,
    )
