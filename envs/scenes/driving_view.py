"""An eye on the road of `envs.driving`: where things are as it sees them, and where that is in the picture.

Points of the plane are complex numbers here: seen from the eye, the real part is ahead and the imaginary part
to the left. The ground is flat. A point is seen where it is to the side and below the eye, divided by how far
ahead it is.
"""

import math

import numpy as np

from envs.scenes.driving_pursuit import CENTER
from envs.scenes.driving_road import GAP, POINTS

WIDTH_PX, HEIGHT_PX, HORIZON, FOCAL = 720.0, 480.0, 205.0, 520.0
NEAR = 0.6  # metres ahead of the eye before which nothing is drawn


class View:
    """An eye that looks straight ahead.

    Attributes:
        height: of the eye above the road, in metres.
        s: where the eye is along the road.
        end: where the road that is laid ends.
        heading: where it looks, in radians.
    """

    def __init__(self, state, back, height):
        ahead = complex(state.ahead_x, state.ahead_y)
        at = complex(state.x, state.y) + (CENTER - back) * ahead
        x, y, cosine, sine, self._bends = np.array(state.road, np.float64).T
        self._points, self._ways = (
            (x + 1j * y - at) * ahead.conjugate(),
            (cosine + 1j * sine) * ahead.conjugate(),
        )
        self.height = height
        self.s = float(state.s) + (CENTER - back) * float(state.turn_cos)
        self.end = (int(state.laid) - 1) * GAP
        self.heading = math.atan2(ahead.imag, ahead.real)

    def where(self, s, d):
        """Where places `s, d` are as seen from the eye, and the direction of the road there."""
        j = np.floor_divide(s, GAP).astype(np.int64)
        way, i = s - j * GAP, j % POINTS
        turn, along = self._bends[i] * way, self._ways[i]
        # The arc from a point of the road to the place, as in `driving_road.follow`.
        middle = self._points[i] + along * way * (1.0 - turn * turn / 6.0 + 0.5j * turn)
        along = along * np.exp(1j * turn)
        return middle + 1j * d * along, along

    def pixels(self, points, heights=0.0):
        """Where points, that high above the road, are in the picture: x and y along a last axis."""
        share = FOCAL / np.maximum(points.real, NEAR)
        across = WIDTH_PX / 2 - share * points.imag
        return np.stack([across, HORIZON + share * (self.height - heights)], axis=-1)


def windscreen(state):
    """The eye of the camera."""
    return View(state, 0.0, 1.35)
