"""What an environment says about its picture, so that a network may learn to see: see `envs.engine.frames`.

An environment file whose frames are to be learned from has, beside `draw`:

- `CLASSES`, a tuple of names such as `("person", "robot")`;
- `labels(state, params)`, never compiled, which returns a list of `Label`: what is in the picture, the
  farthest first, because what comes later hides what was before it; at most 255, each of any number of
  polygons;
- if its `draw` shows more than a camera would (text, a map, lidar rays), `camera(state, params, canvas)`,
  which draws what the camera sees on a canvas of the same `size`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Outline = Sequence[Sequence[float]] | NDArray[np.float64]
"""Corners `(x, y)` of a filled polygon, in the units of `draw`; (n, 2) where it is an array."""


@dataclass(frozen=True)
class Label:
    """One thing in a picture.

    Attributes:
        kind: what it is, one of the environment's `CLASSES`.
        outlines: polygons that cover it together, in the units of `draw`; they may leave the picture.
        distance: in metres, of what the environment says; nan for what has none, such as the ground.
    """

    kind: str
    outlines: Sequence[Outline]
    distance: float = math.nan


def disc(x: float, y: float, r: float, corners: int = 20) -> list[tuple[float, float]]:
    """The outline of a circle around `x, y`."""
    turns = (2 * math.pi * i / corners for i in range(corners))
    return [(x + r * math.cos(turn), y + r * math.sin(turn)) for turn in turns]


def box(x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    """The outline of a rectangle with its top left corner at `x, y`."""
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def hull(points: Outline) -> list[tuple[float, float]]:
    """The convex outline around points (Andrew 1979, the monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    chains = []
    for sequence in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for x, y in sequence:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def rotated(points: Outline, x: float, y: float, angle: float) -> list[tuple[float, float]]:
    """Points turned by `angle` (radians, x towards y) and then moved by `x, y`."""
    turn = np.array([(math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))])
    return [(float(a), float(b)) for a, b in np.asarray(points, np.float64) @ turn + (x, y)]
