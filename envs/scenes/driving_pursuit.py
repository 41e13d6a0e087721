"""The hand-written driver of `envs.driving`, who follows the lane by pure pursuit, and the car's measures."""

import math

import numpy as np

from envs.scenes.driving_road import HALF_WIDTH, LANE

WHEELBASE = 2.7
CENTER = 0.5 * WHEELBASE  # from the rear axle to the middle of the car
MAX_STEERING = 0.4  # rad
THROTTLE, BRAKES = 4.0, 8.0  # m/s²


def pure_pursuit(obs, space):
    """Steer for a point of the own lane; slow down for bends and for the car ahead: see `aims`."""
    wheel, wanted = aims(obs)
    return drive_at(wheel, wanted, 40.0 * float(obs[26]))


def drive_at(wheel, wanted, speed):
    """The action that turns the wheel so far (-1 to 1) and comes to a speed (m/s) in about a second."""
    pedals = (wanted - speed) / (THROTTLE if wanted > speed else BRAKES)
    return np.array([min(max(wheel, -1.0), 1.0), min(max(pedals, -1.0), 1.0)], np.float32)


def aims(obs):
    """Where the driver wants the steering wheel (-1 to 1, not clipped) and how fast to be, in m/s.

    The curvature that leads to a point `side` metres to the left of the rear axle and `distance` metres away
    is 2 side / distance² (after R. C. Coulter 1992, "Implementation of the Pure Pursuit Path Tracking
    Algorithm", Carnegie Mellon University). It keeps 1.5 s and 3 m behind others, 4 m/s² to the side in
    bends, and its lane.
    """
    seen = obs.tolist()
    speed = 40.0 * seen[26]
    offset = 0.5 * LANE * seen[28]
    path = lane_ahead(seen, HALF_WIDTH * seen[24] - offset)
    look = 4.0 + 0.5 * speed
    x, y = path[-1]
    before_x, before_y = 0.0, -offset
    for there_x, there_y in path:
        far = math.hypot(there_x, there_y)
        if far >= look:
            near = min(math.hypot(before_x, before_y), look)
            share = (look - near) / (far - near + 1e-9)
            x, y = before_x + share * (there_x - before_x), before_y + share * (there_y - before_y)
            break
        before_x, before_y = there_x, there_y
    wheel = math.atan(WHEELBASE * 2.0 * y / (x * x + y * y)) / MAX_STEERING

    allowed = 40.0
    for k in range(3):
        # Slow enough for each bend by the time the car is there, braking at 4 m/s².
        in_bend = 4.0 / (bend_through(path[k], path[k + 1], path[k + 2]) + 1e-4)
        allowed = min(allowed, math.sqrt(in_bend + 2.0 * 4.0 * max(0.0, path[k][0] - 8.0)))
    if seen[39] < 1.0:
        gap, closing = 100.0 * seen[39], 20.0 * seen[40]
        allowed = min(allowed, speed - closing + 0.5 * (gap - 3.0 - 1.5 * speed))
    return wheel, allowed


def lane_ahead(seen, middle):
    """Points of a lane, whose middle is that far left of the road's, as seen from the rear axle."""
    path = []
    turn, was_x, was_y = -math.asin(seen[25]), 0.0, 0.0
    for k in range(5):
        x, y = 64.0 * seen[29 + 2 * k] + CENTER, 64.0 * seen[30 + 2 * k]
        if k > 0:
            turn = math.atan2(y - was_y, x - was_x)
        was_x, was_y = x, y
        path.append((x - middle * math.sin(turn), y + middle * math.cos(turn)))
    return path


def bend_through(a, b, c):
    """The curvature of the circle through three points."""
    one, two, both = math.dist(a, b), math.dist(b, c), math.dist(a, c)
    cross = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
    return 2.0 * abs(cross) / (one * two * both + 1e-9)
