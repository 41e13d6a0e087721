"""What stands and drives on and beside the road of `envs.driving`: cars and firs, in perspective."""

from functools import lru_cache

import numpy as np

from envs.engine import palette
from envs.scenes.driving_road import GAP, HALF_WIDTH
from envs.scenes.driving_traffic import LENGTH
from envs.scenes.driving_view import NEAR

HAZE, ASPHALT = "#dfeaf2", "#5c636e"
PAINTS = ("#c8434f", "#e9e9ec", "#3f74c9", "#e0a83a", "#4a9a78", "#8d939c", "#7b5aa6", "#d9733f")

# A car: metres forward + 1j * to the left, and up. Each row of four is the corners of its body, below and
# above, of its cabin, below and above, of its shadow, of two wheels, two lamps and the number plate. Those of
# body and cabin begin at the rear right and go round by the rear left.
CORNERS = np.array([
    *[-2.3 - 0.9j, -2.3 + 0.9j, 2.3 + 0.9j, 2.3 - 0.9j] * 2,
    -1.95 - 0.82j, -1.95 + 0.82j, 0.9 + 0.82j, 0.9 - 0.82j,
    -1.45 - 0.66j, -1.45 + 0.66j, 0.1 + 0.66j, 0.1 - 0.66j,
    -2.45 - 1.0j, -2.45 + 1.0j, 2.4 + 1.0j, 2.4 - 1.0j,
    -2.25 - 0.81j, -2.25 - 0.55j, -2.25 - 0.55j, -2.25 - 0.81j,
    -2.25 + 0.55j, -2.25 + 0.81j, -2.25 + 0.81j, -2.25 + 0.55j,
    -2.31 - 0.5j, -2.31 - 0.85j, -2.31 - 0.85j, -2.31 - 0.5j,
    -2.31 + 0.5j, -2.31 + 0.85j, -2.31 + 0.85j, -2.31 + 0.5j,
    -2.31 - 0.26j, -2.31 + 0.26j, -2.31 + 0.26j, -2.31 - 0.26j,
])  # fmt: skip
HEIGHTS = np.array([0.28] * 4 + [0.88] * 8 + [1.42] * 4 + [0.0] * 4 + [0.0, 0.0, 0.5, 0.5] * 2
                   + [0.62, 0.62, 0.78, 0.78] * 2 + [0.46, 0.46, 0.6, 0.6])  # fmt: skip
OUTLINE = 16  # the first of them make the car's outline
SIDES = np.array([(2, 3, 7, 6), (1, 2, 6, 5), (3, 0, 4, 7), (0, 1, 5, 4)])  # front, left, right, rear
SHADOW = palette.blend(ASPHALT, "black", 0.45)
SHADES = (0.45, 0.18, 0.18, 0.0)
DETAILED = 70.0  # metres, beyond which wheels and number plate are too small to see

# A fir: trunk and two layers; 1j * to the left in shares of its width, up in shares of its height.
FIR_ACROSS = np.array([-0.13, 0.13, 0.13, -0.13, -1.0, 1.0, 0.0, -0.75, 0.75, 0.0])
FIR_UP = np.array([0.0, 0.0, 0.24, 0.24, 0.16, 0.16, 0.75, 0.45, 0.45, 1.0])
TRUNK, LOW, TOP = slice(0, 4), slice(4, 7), slice(7, 10)
TRUNK_SEEN = 80.0  # metres
FIR_GREENS = tuple(palette.blend("#3f6b4c", "#55804f", share / 3) for share in range(4))


def cars_ahead(state, view):
    """Cars ahead of an eye: distance ahead, number (1 for the first other one), place and direction."""
    numbers = np.arange(1, int(state.cars))
    s = np.array(state.car_s[1 : int(state.cars)])
    seen = (s > view.s - 20.0) & (s < view.end - GAP)
    numbers = numbers[seen]
    points, along = view.where(s[seen], state.car_d[numbers])
    return [
        (point.real, int(number), point, way)
        for number, point, way in zip(numbers, points, along, strict=True)
        if point.real - LENGTH / 2 > NEAR
    ]


def firs_ahead(view):
    """Firs ahead of an eye: distance ahead, number, place and pixels of their corners."""
    j = np.arange(int(view.s / GAP), int(view.end / GAP))
    numbers = (j * 2654435761 % 2**32) >> 8  # a hash: the same firs stand at the same places
    j, numbers = j[numbers % 5 < 2], numbers[numbers % 5 < 2]
    side = np.where(numbers >> 4 & 1, 1.0, -1.0) * (HALF_WIDTH + 4.0 + (numbers >> 5 & 15) * 1.3)
    points, _ = view.where(j * GAP, side)
    seen = (points.real > 2.0) & (np.abs(points.imag) < points.real)
    points, numbers = points[seen], numbers[seen]
    wide, high = 1.3 + (numbers >> 12 & 3) * 0.2, 4.5 + (numbers >> 9 & 7) * 0.6
    corners = points[:, None] + 1j * wide[:, None] * FIR_ACROSS
    pixels = view.pixels(corners, high[:, None] * FIR_UP)
    return [
        (point.real, int(number), point, outline)
        for number, point, outline in zip(numbers, points, pixels, strict=True)
    ]


@lru_cache(maxsize=4096)
def far(color, other, share, haze):
    """A colour that is a `share` of the way to another, as it looks from afar; `haze` in hundredths."""
    return palette.blend(palette.blend(color, other, share), HAZE, haze / 100)


def draw_fir(canvas, number, point, pixels):
    """A fir, paler the farther it is."""
    haze = int(100.0 * min(0.75, point.real / 220.0))
    green = FIR_GREENS[number >> 14 & 3]
    if point.real < TRUNK_SEEN:
        canvas.polygon(pixels[TRUNK], far("#5d4a3a", HAZE, 0.0, haze))
    canvas.polygon(pixels[LOW], far(green, HAZE, 0.0, haze))
    canvas.polygon(pixels[TOP], far(green, "white", 0.12, haze))


def car_pixels(view, point, along):
    """The corners of a car in the picture."""
    return view.pixels(point + CORNERS * along, HEIGHTS)


def draw_car(canvas, view, point, along, paint, brakes):
    """A car in perspective, from behind."""
    haze = int(100.0 * min(0.6, max(0.0, point.real - 20.0) / 260.0))
    glass, dark = far("#27313f", HAZE, 0.0, haze), far("#1b2028", HAZE, 0.0, haze)
    pixels = car_pixels(view, point, along)
    near = point.real < DETAILED
    canvas.polygon(pixels[16:20], SHADOW)
    if near:
        canvas.polygon(pixels[20:24], dark)
        canvas.polygon(pixels[24:28], dark)
    body, cabin = pixels[SIDES], pixels[SIDES + 8]
    # Sides whose corners go round the other way are turned away from the eye.
    for side, shade, turn in zip(body, SHADES, turns(body), strict=True):
        if turn > 0:
            canvas.polygon(side, far(paint, "black", shade, haze))
    canvas.polygon(pixels[4:8], far(paint, "white", 0.1, haze))
    for side, turn in zip(cabin, turns(cabin), strict=True):
        if turn > 0:
            canvas.polygon(side, glass)
    canvas.polygon(pixels[12:16], far(paint, "white", 0.18, haze))
    if turns(body[3:])[0] > 0:
        lamp = far("#ff4a4a" if brakes else "#8f2430", HAZE, 0.0, haze)
        canvas.polygon(pixels[28:32], lamp)
        canvas.polygon(pixels[32:36], lamp)
        if near:
            canvas.polygon(pixels[36:40], far("white", HAZE, 0.0, haze))


def turns(shapes):
    """Twice the areas of four-sided shapes `(n, 4, 2)`; the sign is the way their corners go round."""
    one, two = shapes[:, 2] - shapes[:, 0], shapes[:, 3] - shapes[:, 1]
    return one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
