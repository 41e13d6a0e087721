"""The road of `envs.driving`: laid as it is driven, and where things on it are; compiled with the rules.

Places on it are `s`, metres along its middle, and `d`, metres to the left of it. A ring of points `GAP`
metres apart holds the stretch around the car as a curve in the plane, so that a place can be looked up
without a search.
"""

import math

from envs.engine.random import HALF, draw, randint, uniform

POINTS, GAP = 48, 5.0
PER_METRE = 1.0 / GAP
START = 60.0  # where the car begins: there is road behind it too
AHEAD = 165.0  # metres of road laid in front of the car
LANES, LANE = 3, 3.6
HALF_WIDTH = 0.5 * LANES * LANE
EASE = 0.0015  # how much the curvature (1/m) may change from point to point: curves begin and end gently

FIELDS = [
    # Small numbers side by side: looking up places would otherwise wait for memory.
    ("road", "f4", (POINTS, 4)),  # x, y, cosine and sine of the direction
    ("bend", "f4", (POINTS,)),  # curvature, 1/m, positive to the left
    ("road_rng", "u8"),  # its own generator: it is the same however one drives
    ("laid", "i8"),  # points so far; point j is in place j % POINTS
    ("bend_goal", "f8"),
    ("bend_points", "i8"),  # until another bend is chosen
]


def begin_road(state, params):
    """Lay the first stretch."""
    state.road_rng = (draw(state) << HALF) | draw(state)
    state.bend_points = 24  # it begins straight
    state.road[0, 2] = 1.0
    state.laid = 1
    lay_road(state, params)


def lay_road(state, params):
    """Lay the road as far ahead of the car as is needed."""
    if state.laid * GAP >= state.s + AHEAD:
        return
    last = (state.laid - 1) % POINTS
    x, y = float(state.road[last, 0]), float(state.road[last, 1])
    cosine, sine, bend = float(state.road[last, 2]), float(state.road[last, 3]), float(state.bend[last])
    while state.laid * GAP < state.s + AHEAD:
        if state.bend_points <= 0:
            choose_bend(state, params)
        state.bend_points -= 1
        bend += min(max(state.bend_goal - bend, -EASE), EASE)
        # Turned by a small angle; the series is exact to 1e-7 a point.
        angle = bend * GAP
        turn_cos, turn_sin = 1.0 - 0.5 * angle * angle, angle - angle * angle * angle / 6.0
        was_cos, was_sin = cosine, sine
        cosine, sine = was_cos * turn_cos - was_sin * turn_sin, was_sin * turn_cos + was_cos * turn_sin
        x += 0.5 * GAP * (was_cos + cosine)
        y += 0.5 * GAP * (was_sin + sine)
        new = state.laid % POINTS
        state.road[new, 0] = x
        state.road[new, 1] = y
        state.road[new, 2] = cosine
        state.road[new, 3] = sine
        state.bend[new] = bend
        state.laid += 1


def choose_bend(state, params):
    """Decide how the road goes on: straight or in a curve, for how long."""
    own = state.rng
    state.rng = state.road_rng
    state.bend_points = randint(state, 6, 24)
    state.bend_goal = 0.0
    if uniform(state, 0.0, 1.0) < 0.7:
        sharp = params.bends * uniform(state, 0.3, 1.0)
        state.bend_goal = sharp if uniform(state, 0.0, 1.0) < 0.5 else -sharp
    state.road_rng = state.rng
    state.rng = own


def place(state, s, d):
    """Where `s, d` is in the plane, and the direction of the road there: x, y, cosine, sine."""
    j = int(s * PER_METRE)
    share = s * PER_METRE - j
    a = j % POINTS
    b = a + 1 if a + 1 < POINTS else 0
    keep = 1.0 - share
    cosine = keep * float(state.road[a, 2]) + share * float(state.road[b, 2])
    sine = keep * float(state.road[a, 3]) + share * float(state.road[b, 3])
    x = keep * float(state.road[a, 0]) + share * float(state.road[b, 0]) - d * sine
    y = keep * float(state.road[a, 1]) + share * float(state.road[b, 1]) + d * cosine
    return x, y, cosine, sine


def bend_at(state, s):
    """The curvature at `s`."""
    j = int(s * PER_METRE)
    share = s * PER_METRE - j
    return (1.0 - share) * float(state.bend[j % POINTS]) + share * float(state.bend[(j + 1) % POINTS])


def lane_at(d):
    """The lane that `d` is in, 0 to the right, or the nearest."""
    return min(max(math.floor((d + HALF_WIDTH) / LANE), 0), LANES - 1)


def lane_middle(lane):
    """The `d` of a lane's middle."""
    return (lane + 0.5) * LANE - HALF_WIDTH
