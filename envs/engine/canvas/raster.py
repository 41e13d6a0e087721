"""Fills polygons with exact anti-aliasing: every pixel is blended by the area of it that is covered.

The signed-area method of font rasterisers: each edge adds, row by row, the area to its right; the running sum
along a row is the coverage. Edges fall anywhere between pixels, so slow movements stay smooth, and edges that
lie on pixel borders stay sharp.
"""

import numpy as np
from numba import njit

# One signature for whole pictures and for parts of them, so that it is compiled once.
SIGNATURE = "void(u1[:, :, :], f8[:, :], i8, i8, i8)"


def _compiled(function):
    """Compiles with a cache on disk where there is a place for one."""
    try:
        return njit(SIGNATURE, cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no writable folder
        return njit(SIGNATURE, nogil=True)(function)


@_compiled
def fill_polygon(pixels: np.ndarray, points: np.ndarray, red: int, green: int, blue: int) -> None:
    """Fills one closed polygon.

    Args:
        pixels: `(height, width, 3)` u8, written in place.
        points: `(n, 2)` f8, the corners `x, y` in pixels, either way round; parts outside are cut off.
        red: 0 to 255, as `green` and `blue`.
        green: see `red`.
        blue: see `red`.
    """
    height, width = pixels.shape[0], pixels.shape[1]
    count = points.shape[0]
    top, bottom = points[0, 1], points[0, 1]
    for i in range(count):
        top = min(top, points[i, 1])
        bottom = max(bottom, points[i, 1])
    area = np.zeros(width + 2)
    for row in range(max(0, int(np.floor(top))), min(height, int(np.ceil(bottom)))):
        first, last = width, 0  # pixels whose share changes in this row
        for i in range(count):
            j = i + 1 if i + 1 < count else 0
            xa, ya, xb, yb = points[i, 0], points[i, 1], points[j, 0], points[j, 1]
            if ya == yb:
                continue
            sign = 1.0
            if ya > yb:
                xa, ya, xb, yb, sign = xb, yb, xa, ya, -1.0
            if yb <= row or ya >= row + 1:
                continue
            slope = (xb - xa) / (yb - ya)
            start, stop = max(ya, float(row)), min(yb, row + 1.0)
            x0 = min(max(xa + (start - ya) * slope, 0.0), float(width))
            x1 = min(max(xa + (stop - ya) * slope, 0.0), float(width))
            if x0 > x1:
                x0, x1 = x1, x0
            share = (stop - start) * sign
            left, right = int(x0), int(x1)
            first, last = min(first, left), max(last, right + 1)
            if left == right:
                inside = share * (1.0 - 0.5 * (x0 + x1 - 2.0 * left))
                area[left] += inside
                area[left + 1] += share - inside
                continue
            per_pixel = share / (x1 - x0)
            covered = 0.5 * per_pixel * (left + 1.0 - x0) ** 2
            area[left] += covered
            total = covered
            for column in range(left + 1, right):
                now = per_pixel * (column + 0.5 - x0)
                area[column] += now - covered
                covered = now
                total = now
            inside = share - 0.5 * per_pixel * (x1 - right) ** 2
            area[right] += inside - total
            area[right + 1] += share - inside
        running = 0.0
        for column in range(first, min(last + 1, width)):
            running += area[column]
            cover = min(1.0, abs(running))
            if cover > 0.998:
                pixels[row, column, 0] = red
                pixels[row, column, 1] = green
                pixels[row, column, 2] = blue
            elif cover > 0.002:
                keep = 1.0 - cover
                pixels[row, column, 0] = int(pixels[row, column, 0] * keep + red * cover + 0.5)
                pixels[row, column, 1] = int(pixels[row, column, 1] * keep + green * cover + 0.5)
                pixels[row, column, 2] = int(pixels[row, column, 2] * keep + blue * cover + 0.5)
        area[first : min(last + 2, width + 2)] = 0.0
