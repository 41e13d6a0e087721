"""The road of `envs.driving`: laid as it is driven, and where things on it are; compiled with the rules.

Places on it are `s`, metres along its middle, and `d`, metres to the left of it. A ring of points `GAP`
metres apart, each the beginning of an arc, holds the stretch around the car as a curve in the plane, so that
a place can be looked up without a search.
"""

import numpy as np

from envs.engine.random import HALF, draw, uniform

POINTS, GAP = 48, 5.0
PER_METRE = 1.0 / GAP
START = 60.0  # where the car begins: there is road behind it too
AHEAD = 165.0  # metres of road laid in front of the car
LANES, LANE = 3, 3.6
HALF_WIDTH = 0.5 * LANES * LANE
EASE = 0.0015  # how much the curvature (1/m) may change from point to point: curves begin and end gently

FIELDS = [
    # x, y, cosine and sine of the direction, curvature (1/m, positive to the left) from here to the next.
    # Small numbers side by side: looking up places would otherwise wait for memory.
    ("road", "f4", (POINTS, 5)),
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
    road = state.road
    x, y, cosine, sine, bend = point(road, (state.laid - 1) % POINTS)
    while state.laid * GAP < state.s + AHEAD:
        if state.bend_points <= 0:
            choose_bend(state, params)
        state.bend_points -= 1
        x, y, cosine, sine = follow(x, y, cosine, sine, bend, GAP)
        bend += clip(state.bend_goal - bend, -EASE, EASE)
        new = state.laid % POINTS
        road[new, 0] = x
        road[new, 1] = y
        road[new, 2] = cosine
        road[new, 3] = sine
        road[new, 4] = bend
        state.laid += 1


def choose_bend(state, params):
    """Decide how the road goes on: straight or in a curve, for how long."""
    own = state.rng
    state.rng = state.road_rng
    state.bend_points = int(uniform(state, 6.0, 24.0))
    state.bend_goal = 0.0
    if uniform(state, 0.0, 1.0) < 0.7:
        sharp = params.bends * uniform(state, 0.3, 1.0)
        state.bend_goal = sharp if uniform(state, 0.0, 1.0) < 0.5 else -sharp
    state.road_rng = state.rng
    state.rng = own


def point(road, i):
    """A point of the ring: x, y, cosine, sine and curvature."""
    x, y, cosine, sine, bend = road[i, 0], road[i, 1], road[i, 2], road[i, 3], road[i, 4]
    return np.float64(x), np.float64(y), np.float64(cosine), np.float64(sine), np.float64(bend)


def follow(x, y, cosine, sine, bend, way):
    """Where an arc leads that begins at `x, y` in a direction: x, y, cosine and sine of the direction there.

    Its turn, `bend` times `way`, is at most a few tenths of a radian: the series are good to 1e-7 up to 0.2.
    """
    turn = bend * way
    square = turn * turn
    # sin(turn) / turn and (1 - cos(turn)) / turn
    one, two = 1.0 - square * (1.0 / 6.0 - square * (1.0 / 120.0)), turn * (0.5 - square * (1.0 / 24.0))
    turn_cos, turn_sin = 1.0 - turn * two, turn * one
    along, aside = way * one, way * two
    return (
        x + along * cosine - aside * sine,
        y + along * sine + aside * cosine,
        cosine * turn_cos - sine * turn_sin,
        sine * turn_cos + cosine * turn_sin,
    )


def place(state, s, d):
    """Where `s, d` is in the plane, and the direction of the road there: x, y, cosine, sine."""
    j = int(s * PER_METRE)
    x, y, cosine, sine, bend = point(state.road, j % POINTS)
    x, y, cosine, sine = follow(x, y, cosine, sine, bend, s - j * GAP)
    return x - d * sine, y + d * cosine, cosine, sine


def lane_at(d):
    """The lane that `d` is in, 0 to the right, or the nearest."""
    lane = int((d + HALF_WIDTH) * (1.0 / LANE))
    return 0 if lane < 0 else LANES - 1 if lane >= LANES else lane


def lane_middle(lane):
    """The `d` of a lane's middle."""
    return (lane + 0.5) * LANE - HALF_WIDTH


def clip(value, low, high):
    """The number between two limits that is nearest to a value."""
    # One limit after the other: compiled without branches, which would be guessed wrongly half the time.
    value = value if value > low else low
    return value if value < high else high
