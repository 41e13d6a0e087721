"""Synthetic pictures of cell nuclei with the mask of each: fluorescence on black, and stained tissue.

Nuclei differ in size, shape and brightness, lie in clusters, touch and cover each other. Fluorescence has
haze, short exposures and ghosts that are out of focus; tissue has stain of changing colour, fibres, red cells
and specks. Light adds up in fluorescence; stain multiplies (Beer & Lambert). All of it is made up: figures on
these pictures say nothing about real ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8
from numpy.typing import NDArray

KINDS = ("fluorescence", "stained tissue")
SIDE = 128
"""Of a picture, in pixels."""
COVERED = 0.35
"""Share of a nucleus that another one may cover."""
LEAST_AREA = 20
"""Pixels of a nucleus that has a number; what is cut off by the edge to less is not asked for."""
HAEMATOXYLIN, EOSIN = np.array([0.65, 0.70, 0.29]), np.array([0.07, 0.99, 0.11])
"""How strongly the two stains of pathology take red, green and blue. Ruifrok & Johnston 2001."""


@dataclass(frozen=True)
class _Nucleus:
    """One nucleus: its pixels in a box, and how deep each lies, 0 at the edge to 1."""

    rows: slice
    columns: slice
    depth: NDArray[np.float64]


def draw(
    number: int, seed: int, side: int = SIDE
) -> tuple[UInt8[np.ndarray, "H W 3"], Int[np.ndarray, "H W"]]:
    """A picture, RGB, and the number of the nucleus at each pixel, 0 for none.

    Args:
        number: of the picture; even ones are fluorescence, odd ones stained tissue.
        seed: of all pictures.
        side: of the picture, in pixels.
    """
    generator = np.random.default_rng((seed, number))
    mask, nuclei = _placed(generator, side)
    paint = _fluorescence if number % 2 == 0 else _tissue
    values = paint(generator, side, nuclei)
    return np.round(255 * np.clip(values, 0, 1)).astype(np.uint8), mask


def _placed(generator: np.random.Generator, side: int) -> tuple[NDArray[np.int32], list[_Nucleus]]:
    radius = generator.uniform(5, 12)
    fullness, gathered = generator.uniform(0.06, 0.32), generator.uniform(0.2, 0.9)
    long = generator.uniform(1, 2)
    tilt = generator.uniform(0, math.pi)
    mask = np.zeros((side, side), np.int32)
    nuclei: list[_Nucleus] = []
    places: list[NDArray[np.float64]] = []
    for _ in range(400):
        if (mask > 0).mean() >= fullness:
            break
        place = generator.uniform(-0.3 * radius, side + 0.3 * radius, 2)
        if places and generator.random() < gathered:
            angle = generator.uniform(0, 2 * math.pi)
            near = places[generator.integers(len(places))]
            place = near + radius * generator.uniform(1.2, 2.3) * np.array([math.sin(angle), math.cos(angle)])
        nucleus = _nucleus(
            generator,
            place,
            radius * generator.uniform(0.7, 1.3),
            long,
            tilt + generator.normal(0, 0.5),
            side,
        )
        if nucleus is None:
            continue
        under = mask[nucleus.rows, nucleus.columns]
        inside = nucleus.depth > 0
        hidden = np.bincount(under[inside])[1:]
        areas = np.bincount(mask.ravel(), minlength=len(hidden) + 1)[1 : len(hidden) + 1]
        if inside.sum() < LEAST_AREA or (hidden > COVERED * np.maximum(areas, 1)).any():
            continue
        under[inside] = len(nuclei) + 1
        nuclei.append(nucleus)
        places.append(place)
    areas = np.bincount(mask.ravel(), minlength=len(nuclei) + 1)
    kept = areas >= LEAST_AREA
    kept[0] = False
    return np.where(kept, np.cumsum(kept), 0)[mask].astype(np.int32), nuclei


def _nucleus(
    generator: np.random.Generator,
    place: NDArray[np.float64],
    radius: float,
    long: float,
    tilt: float,
    side: int,
) -> _Nucleus | None:
    stretch = math.sqrt(long * generator.uniform(0.9, 1.15))
    reach = math.ceil(1.4 * radius * stretch)
    low = np.maximum(0, np.floor(place - reach).astype(int))
    high = np.minimum(side, np.ceil(place + reach).astype(int))
    if (high - low < 2).any():
        return None
    y, x = np.mgrid[low[0] : high[0], low[1] : high[1]] - place[:, None, None]
    along, across = (
        (math.cos(tilt) * x + math.sin(tilt) * y) / stretch,
        (math.cos(tilt) * y - math.sin(tilt) * x) * stretch,
    )
    angle = np.arctan2(across, along)
    edge = np.full_like(angle, radius)
    for wave in (2, 3, 4, 5):
        edge += radius * generator.normal(0, 0.12 / wave) * np.cos(wave * angle + generator.uniform(0, 6.3))
    depth = np.clip(1 - np.hypot(along, across) / edge, 0, 1)
    return _Nucleus(slice(low[0], high[0]), slice(low[1], high[1]), depth) if depth.any() else None


def _cloud(generator: np.random.Generator, side: int, width: float) -> Float[np.ndarray, "H W"]:
    """Smooth noise of mean 0 and standard deviation 1, with so many pixels across a patch."""
    from scipy.ndimage import gaussian_filter

    found = gaussian_filter(generator.standard_normal((side, side)), width, mode="wrap")
    return (found - found.mean()) / max(float(found.std()), 1e-9)


def _fluorescence(
    generator: np.random.Generator, side: int, nuclei: list[_Nucleus]
) -> Float[np.ndarray, "H W 3"]:
    from scipy.ndimage import gaussian_filter

    light = np.zeros((side, side))
    chromatin = 1 + 0.25 * _cloud(generator, side, 1.5)
    for nucleus in nuclei:
        glow = generator.uniform(0.25, 1) * np.minimum(1, 4 * nucleus.depth) ** 0.7
        light[nucleus.rows, nucleus.columns] += glow * chromatin[nucleus.rows, nucleus.columns]
    haze = gaussian_filter(light, generator.uniform(5, 14)) * generator.uniform(0.1, 0.7)
    ghosts = np.zeros((side, side))
    for _ in range(generator.integers(0, 4)):
        row, column = generator.integers(0, side, 2)
        ghosts[row, column] = generator.uniform(50, 250)
    ghosts = gaussian_filter(ghosts, generator.uniform(5, 9))
    floor = generator.uniform(0.01, 0.15) * (1 + 0.3 * _cloud(generator, side, side / 4))
    light = gaussian_filter(light + haze + 0.4 * ghosts, generator.uniform(0.6, 1.6)) + floor
    exposure = generator.uniform(0.12, 0.75)
    photons = generator.uniform(100, 900)
    seen = generator.poisson(np.maximum(0, exposure * light) * photons) / photons
    return np.repeat((seen + generator.normal(0, 0.006, seen.shape))[..., None], 3, axis=2)


def _tissue(generator: np.random.Generator, side: int, nuclei: list[_Nucleus]) -> Float[np.ndarray, "H W 3"]:
    from scipy.ndimage import gaussian_filter

    y, x = np.mgrid[:side, :side]
    purple = HAEMATOXYLIN * generator.uniform(0.8, 1.2, 3)
    pink = EOSIN * generator.uniform(0.5, 1, 3) + 0.05
    # Fibres run one way: smooth noise stretched along it.
    angle, wave = generator.uniform(0, math.pi), generator.uniform(0.15, 0.5)
    fibres = np.sin(
        wave * (math.cos(angle) * x + math.sin(angle) * y) + 2.5 * _cloud(generator, side, 9.0)
    ) + _cloud(generator, side, 4.0)
    eosin = np.maximum(0, generator.uniform(0.05, 0.5) * (1 + 0.35 * fibres))
    haze = generator.uniform(0, 0.35) * np.maximum(0, 1 + 0.5 * _cloud(generator, side, 12.0))
    density = np.zeros((side, side))
    chromatin = 1 + generator.uniform(0.1, 0.3) * _cloud(generator, side, generator.uniform(0.8, 2))
    for nucleus in nuclei:
        # Many are dark all over; some are pale with a dark rim.
        rim = generator.random() < 0.35
        strength = generator.uniform(0.35, 1.5)
        profile = np.where(nucleus.depth < 0.25, 1.1, 0.55) if rim else 1.0
        body = strength * profile * (nucleus.depth > 0)
        part = density[nucleus.rows, nucleus.columns]
        density[nucleus.rows, nucleus.columns] = np.where(nucleus.depth > 0, 0.35 * part + body, part)
    density *= chromatin
    for _ in range(generator.integers(0, 5)):  # red cells: round, pink, no nucleus
        row, column = generator.uniform(0, side, 2)
        eosin[np.hypot(y - row, x - column) < generator.uniform(3, 6)] += generator.uniform(0.3, 0.9)
    for _ in range(generator.integers(0, 8)):  # specks of stain
        row, column = generator.uniform(0, side, 2)
        density[np.hypot(y - row, x - column) < generator.uniform(0.7, 2)] += generator.uniform(0.3, 1)
    blurred = gaussian_filter(density, generator.uniform(0.6, 1.5)) + haze
    absorbed = blurred[..., None] * purple + gaussian_filter(eosin, 1)[..., None] * pink
    light = generator.uniform(0.85, 1) * np.array([1, generator.uniform(0.93, 1), 1])
    return light * np.exp(-absorbed) + generator.normal(0, generator.uniform(0.004, 0.02), (side, side, 3))
