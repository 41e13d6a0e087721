"""Gravitational lenses, simulated: a galaxy whose mass bends the light of another one behind it.

A singular isothermal sphere with Einstein radius t bends light that passes at x, seen from its centre, by t
towards it: what is seen at x lies at

    y = x - t x / |x|

A source right behind the lens is seen as a ring of radius t; beside it, as two arcs. Schneider, Ehlers &
Falco 1992. The source has an exponential profile with elliptical outlines; a Gaussian blur and normal noise
follow.
The mass within the ring is c^2 t^2 D_l D_s / (4 G D_ls), with distances of a flat universe (H0 = 70 km/s/Mpc,
a third of it matter).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

SIDE, PIXEL = 48, 0.1
"""Pixels of a picture, and arcseconds of a pixel."""
BLUR = 1.0
"""Standard deviation of the blur, in pixels."""
BLACK, RANGE = -0.4, 2.0
"""What is black in a picture, and from black to white, in units of the brightest pixel without noise."""
RADII = (0.6, 1.6)
"""Arcseconds of the Einstein radius."""
LENS, SOURCE = 0.5, 2.0
"""Redshifts of the lens and the source that a mass is told for."""
MATTER = 1 / 3
HUBBLE_LENGTH = 1.3215e26
"""Metres: c / H0."""
LIGHT, GRAVITY, SUN, ARCSECOND = 2.99792458e8, 6.6743e-11, 1.98841e30, np.pi / 648_000


@dataclass(frozen=True)
class Lenses:
    """What N lenses are like.

    Attributes:
        radius: Einstein radius, in arcseconds.
        place: of the source, (N, 2), in arcseconds from the lens.
        size: scale length of the source, in arcseconds.
        ratio: of its axes, at most 1.
        angle: of its long axis, in radians.
        noise: standard deviation, in units of the brightest pixel.
    """

    radius: Float[np.ndarray, " N"]
    place: Float[np.ndarray, "N 2"]
    size: Float[np.ndarray, " N"]
    ratio: Float[np.ndarray, " N"]
    angle: Float[np.ndarray, " N"]
    noise: Float[np.ndarray, " N"]


def draw(count: int, generator: np.random.Generator, noise: float) -> Lenses:
    """Lenses at random; their noise goes from half of `noise` to one and a half times it."""
    radius = generator.uniform(*RADII, count)
    away, where = radius * generator.uniform(0, 0.6, count), generator.uniform(0, 2 * np.pi, count)
    return Lenses(
        radius=radius,
        place=np.stack([away * np.cos(where), away * np.sin(where)], 1),
        size=generator.uniform(0.06, 0.2, count),
        ratio=generator.uniform(0.5, 1, count),
        angle=generator.uniform(0, np.pi, count),
        noise=noise * generator.uniform(0.5, 1.5, count),
    )


def light(lenses: Lenses) -> Float[np.ndarray, "N 48 48"]:
    """Pictures without noise, the brightest pixel of each 1."""
    from scipy.ndimage import gaussian_filter1d

    one = (np.arange(SIDE) - (SIDE - 1) / 2) * PIXEL
    x, y = np.meshgrid(one, one)
    far = np.maximum(np.hypot(x, y), 1e-6)
    bent = 1 - lenses.radius[:, None, None] / far
    u = bent * x - lenses.place[:, 0, None, None]
    v = bent * y - lenses.place[:, 1, None, None]
    cosine, sine = (wave(lenses.angle)[:, None, None] for wave in (np.cos, np.sin))
    ratio = lenses.ratio[:, None, None]
    along, across = (u * cosine + v * sine) * np.sqrt(ratio), (v * cosine - u * sine) / np.sqrt(ratio)
    flux = np.exp(-np.hypot(along, across) / lenses.size[:, None, None])
    flux = gaussian_filter1d(gaussian_filter1d(flux, BLUR, axis=1), BLUR, axis=2)
    return flux / flux.max((1, 2), keepdims=True)


def pictures(lenses: Lenses, generator: np.random.Generator) -> NDArray[np.float32]:
    """Pictures (N, 1, 48, 48) in [0, 1]."""
    flux = light(lenses)
    seen = flux + lenses.noise[:, None, None] * generator.standard_normal(flux.shape)
    return np.clip((seen - BLACK) / RANGE, 0, 1).astype(np.float32)[:, None]


def mass(radius: float, lens: float = LENS, source: float = SOURCE) -> float:
    """Suns within the Einstein radius.

    Args:
        radius: in arcseconds.
        lens: redshift of the lens.
        source: redshift of the source, larger.
    """
    to_lens, to_source = _comoving(lens), _comoving(source)
    between = (to_source - to_lens) / (1 + source)
    distance = to_lens / (1 + lens) * to_source / (1 + source) / between
    return float(LIGHT**2 * (radius * ARCSECOND) ** 2 * distance / (4 * GRAVITY) / SUN)


def _comoving(redshift: float) -> float:
    """Metres to a redshift, as if the universe did not grow."""
    z = np.linspace(0, redshift, 2_001)
    return float(np.trapezoid(1 / np.sqrt(MATTER * (1 + z) ** 3 + 1 - MATTER), z) * HUBBLE_LENGTH)
