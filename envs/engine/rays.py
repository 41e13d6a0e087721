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


def cast_box(distances, x, y, along_x, along_y, half_length, half_width, reach, share):
    """Shorten the rays that meet a rectangle, seen from the scanner.

    Args:
        distances: the first `RAYS` numbers are lengths of rays times `share`; written.
        x: of the rectangle's middle, ahead of the scanner.
        y: of its middle, to the left.
        along_x: direction of its length, a unit vector.
        along_y: see `along_x`.
        half_length: half its length.
        half_width: half its width.
        reach: a ray that is longer meets nothing.
        share: of a metre, in `distances`.
    """
    # Which ray points to its middle, to a 60th, and how many rays the circle around it covers at most to
    # either side: without the arc functions, which would take longer than the rays themselves.
    wide, high = abs(x), abs(y)
    per_large = 1.0 / (wide if wide > high else high)
    ratio = (high if wide > high else wide) * per_large
    sine = (
        math.sqrt(half_length * half_length + half_width * half_width)
        * per_large
        * (1.0 - 0.2928 * ratio * ratio)
    )
    first, last = RAYS, 2 * RAYS - 1
    if sine < 1.0:
        towards = ratio * (0.25 * math.pi + 0.273 * (1.0 - ratio)) * (1.0 / WIDTH)
        towards = towards if wide > high else RAYS / 4 - towards
        towards = towards if x > 0.0 else RAYS / 2 - towards
        towards = RAYS + (towards if y > 0.0 else -towards)
        half = 1.05 * (sine + (sine - 0.5 if sine > 0.5 else 0.0)) * (1.0 / WIDTH) + 0.02
        first, last = int(towards - half) + 1, int(towards + half)
    # The scanner as seen from the rectangle.
    from_x, from_y = -(x * along_x + y * along_y), x * along_y - y * along_x
    for k in range(first, last + 1):
        index = k % RAYS
        cosine, sine = COSINES[index], SINES[index]
        # Where the ray enters and leaves the stripes that the rectangle is made of (the slab method).
        # No ray is exactly along a side, which would be a division by zero.
        per_x = 1.0 / (cosine * along_x + sine * along_y + 1e-9)
        per_y = 1.0 / (sine * along_x - cosine * along_y + 1e-9)
        middle_x, wide_x = -from_x * per_x, half_length * abs(per_x)
        middle_y, wide_y = -from_y * per_y, half_width * abs(per_y)
        enters_x, leaves_x = middle_x - wide_x, middle_x + wide_x
        enters_y, leaves_y = middle_y - wide_y, middle_y + wide_y
        leaves = leaves_x if leaves_x < leaves_y else leaves_y
        enters = enters_x if enters_x > enters_y else enters_y
        enters = enters if enters > 0.0 else 0.0  # the scanner may be inside
        if enters <= leaves and enters <= reach and enters * share < distances[index]:
            distances[index] = enters * share
