"""A gravitational lens fitted: the model that made the picture, its numbers found by least squares."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from sandbox.data.lenses import BLACK, PIXEL, RADII, RANGE, SIDE, Lenses, light
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.kind import Output

CLEAR = 0.3
"""Brightness, in units of the brightest pixel, above which there is little noise."""
MOST, ENOUGH = 20, 1e-4
"""Steps of a fit, and the share by which it must still change to go on."""
SMALL = 1e-6
"""By which a number is changed to see what that changes."""
BEGINS = (-0.1, 0.1)
"""Arcseconds beside the first guess of the radius from which it begins."""
EDGES = ((RADII[0] / 2, -1.5, -1.5, 0.03, 0.3, -2 * np.pi, 0.1), (2.0, 1.5, 1.5, 0.5, 1.0, 2 * np.pi, 3.0))
"""Least and largest radius, place of the source (2), size, ratio, angle and brightness."""


@dataclass
class LensFit:
    """Fits Einstein radius and source to each picture, from several beginnings; the nearest fit counts.

    Attributes:
        input: a picture of a lens.
        output: its Einstein radius.
    """

    input: Image
    output: Output

    def predict(self, inputs: Any) -> Float[np.ndarray, "N 1"]:
        """The Einstein radius of each picture (1, 48, 48), in arcseconds."""
        return np.array([[self._radius(np.asarray(one, np.float64)[0])] for one in inputs])

    def _radius(self, picture: Float[np.ndarray, "48 48"]) -> float:
        from scipy.optimize import least_squares

        seen = picture * RANGE + BLACK
        middle, *side = moments(picture)

        def apart(numbers: Float[np.ndarray, " 7"]) -> Float[np.ndarray, " P"]:
            return (models(numbers[None])[0] - seen).ravel()

        def slopes(numbers: Float[np.ndarray, " 7"]) -> Float[np.ndarray, "P 7"]:
            near = models(np.vstack([numbers, numbers + SMALL * np.eye(len(numbers))]))
            return ((near[1:] - near[0]) / SMALL).reshape(len(numbers), -1).T

        found = []
        for beside in BEGINS:
            first = np.array([middle + beside, *(0.3 * one for one in side), 0.12, 0.8, 0.5, 1.0])
            low, high = (np.array(edge) for edge in EDGES)
            first = np.clip(first, low + 1e-3, high - 1e-3)
            found.append(
                least_squares(
                    apart,
                    first,
                    slopes,  # type: ignore[arg-type] - the stubs know names of methods only
                    bounds=EDGES,
                    max_nfev=MOST,
                    ftol=ENOUGH,
                    xtol=ENOUGH,
                )
            )
        return float(min(found, key=lambda one: one.cost).x[0])


@dataclass
class LightRadius:
    """Takes the mean distance of the light from the middle for the radius.

    Attributes:
        input: a picture of a lens.
        output: its Einstein radius.
    """

    input: Image
    output: Output

    def predict(self, inputs: Any) -> Float[np.ndarray, "N 1"]:
        """The Einstein radius of each picture (1, 48, 48), in arcseconds."""
        return np.array([[moments(np.asarray(one, np.float64)[0])[0]] for one in inputs])


def moments(picture: Float[np.ndarray, "48 48"]) -> tuple[float, float, float]:
    """How far light that is clearly no noise is from the middle, and where its own middle lies: x, y.

    The brighter arc lies on the side of the source.
    """
    one = (np.arange(SIDE) - (SIDE - 1) / 2) * PIXEL
    x, y = np.meshgrid(one, one)
    weights = np.maximum(picture * RANGE + BLACK - CLEAR, 0)
    total = max(float(weights.sum()), 1e-9)
    far, across, up = (float((values * weights).sum() / total) for values in (np.hypot(x, y), x, y))
    return far, across, up


def models(numbers: Float[np.ndarray, "N 7"]) -> Float[np.ndarray, "N 48 48"]:
    """The pictures of lenses with these numbers."""
    radius, across, up, size, ratio, angle, bright = numbers.T
    found = light(Lenses(radius, np.stack([across, up], 1), size, ratio, angle, np.zeros(len(numbers))))
    return bright[:, None, None] * found
