"""Lidar rays for environments: plain functions, compiled with those that call them.

The `RAYS` of a scanner go out at equal angles over a full turn, the first straight ahead, then
counterclockwise (ahead, left, behind, right). What they hit is cast one thing at a time, and only the rays
that can meet it are looked at, so the cost grows with what is near and not with rays times things.
"""

import math

import numpy as np

RAYS = 24
WIDTH = 2.0 * math.pi / RAYS
COSINES, SINES = np.cos(WIDTH * np.arange(RAYS)), np.sin(WIDTH * np.arange(RAYS))


def cast_box(distances, x, y, along_x, along_y, half_length, half_width, limit):
    """Shorten the rays that meet a rectangle, seen from the scanner; all lengths are in the same unit.

    Args:
        distances: the first `RAYS` numbers are lengths of rays in shares of `limit`; written.
        x: of the rectangle's middle, ahead of the scanner.
        y: of its middle, to the left.
        along_x: direction of its length, a unit vector.
        along_y: see `along_x`.
        half_length: half its length.
        half_width: half its width.
        limit: how far the rays reach.
    """
    radius = math.sqrt(half_length * half_length + half_width * half_width)
    away = math.sqrt(x * x + y * y)
    if away > limit + radius:
        return
    # No less than the arc sine: for a ratio of at most a half that is below 1.05 times the ratio.
    half = 1.05 * radius / away if away > 2.0 * radius else math.pi
    middle = math.atan2(y, x)
    first, last = math.ceil((middle - half) / WIDTH), math.floor((middle + half) / WIDTH)
    # The scanner as seen from the rectangle.
    from_x, from_y = -(x * along_x + y * along_y), x * along_y - y * along_x
    for k in range(first, min(last, first + RAYS - 1) + 1):
        index = (k + RAYS) % RAYS
        cosine, sine = COSINES[index], SINES[index]
        ray_x, ray_y = cosine * along_x + sine * along_y, sine * along_x - cosine * along_y
        length = hit(from_x, from_y, ray_x, ray_y, half_length, half_width)
        if 0.0 <= length < distances[index] * limit:
            distances[index] = length / limit


def hit(x, y, ray_x, ray_y, half_length, half_width):
    """Where a ray from `x, y` enters a rectangle around the origin (the slab method); -1 if it misses.

    From inside the rectangle it is 0.
    """
    if abs(ray_x) < 1e-9:
        ray_x = 1e-9
    if abs(ray_y) < 1e-9:
        ray_y = 1e-9
    one, two = (-half_length - x) / ray_x, (half_length - x) / ray_x
    three, four = (-half_width - y) / ray_y, (half_width - y) / ray_y
    enters = max(min(one, two), min(three, four), 0.0)
    leaves = min(max(one, two), max(three, four))
    return enters if enters <= leaves else -1.0
