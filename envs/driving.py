"""Drive a winding road of three lanes through slower traffic, quickly and in one piece.

The car is the kinematic bicycle model (Rajamani 2012, "Vehicle Dynamics and Control", 2.2; here of the
middle of the rear axle, wheelbase L = 2.7 m) in coordinates of the road, s along its middle and d to its
left:

    ds/dt = v cos(psi) / (1 - d k)    dd/dt = v sin(psi)    dpsi/dt = v tan(delta) / L - k ds/dt

with psi the heading from the road's direction and k the road's curvature. Where v² tan(delta) / L is more
than `grip`, the tyres slide and the car turns no more than grip allows: sharp bends want brakes. The road
is laid from the seed as one drives, straights and curves to either side that begin and end gently, three
lanes of 3.6 m, all in one direction. The other cars drive 0.65 to 1.2 times `traffic_speed`, slower ones
rather to the right; they keep a distance and change lanes when somebody is in their way.

A step is 0.1 s. The action has two numbers in [-1, 1], larger ones are clipped: the steering wheel (1 is
0.4 rad to the left, and it turns at most 0.8 rad/s) and the pedals (1 is 4 m/s² of throttle, -1 is 8 m/s²
of brakes). The reward is 0.1 for each metre along the road and -`hurry` for each step. Touching another
car, leaving the road with a side of the car, or facing backwards ends the episode with reward -`crash`. It
also ends at the end of the road, after `length`, and is cut off after 1200 steps. It begins at 15 m/s in
any lane.

The observation has 49 numbers. 24 lidar rays at 15 degrees from straight ahead counterclockwise: the
distance of the nearest car, divided by 60 m, 1 for none within `lidar_range`. Then d over half the road's
width, psi in rad, the speed divided by 40 m/s, the steering angle divided by 0.4 rad, and the offset from
the middle of the lane over half its width. Then the middle of the road at 8, 16, 28, 44 and 64 m along it,
as metres ahead and to the left of the car, divided by 64. Then what radar says about the next car ahead in
the own lane, ahead to the left and to the right, and behind to the left and to the right: the gap between
bumpers divided by 100 m (1 for none, 0 where there is no lane) and how fast it gets smaller divided by 20
m/s.

`info` has `progress` (m), `speed` (m/s), `collisions`, `off_road`, `lane_offset` (m) and `finished`.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint
from envs.engine.rays import RAYS, cast_box
from envs.scenes import driving as scene
from envs.scenes import road, traffic
from envs.scenes.road import (
    HALF_WIDTH,
    LANE,
    LANES,
    START,
    begin_road,
    bend_at,
    lane_at,
    lane_middle,
    lay_road,
    place,
)
from envs.scenes.traffic import DT, LENGTH, MAX_CARS, WIDTH, begin_traffic, drive_traffic

STATE = np.dtype(
    [
        ("s", "f8"),  # of the rear axle
        ("d", "f8"),
        ("psi", "f8"),
        ("turn_cos", "f8"),  # of psi
        ("turn_sin", "f8"),
        ("speed", "f8"),
        ("steering", "f8"),  # rad, positive to the left
        ("pedals", "f8"),  # of the last action, for the picture
        ("progress", "f8"),
        ("lane_offset", "f8"),
        ("collisions", "i8"),
        ("off_road", "i8"),
        ("finished", "i8"),
        *road.FIELDS,
        *traffic.FIELDS,
    ]
)

PARAMS = {
    "traffic": Param(6, low=0, high=MAX_CARS, unit="cars", help="around the car, from the next episode on"),
    "traffic_speed": Param(16.0, low=0.0, high=35.0, unit="m/s", help="of the others, on average"),
    "overtaking": Param(True, help="the others change lanes when somebody is in their way"),
    "bends": Param(0.012, low=0.0, high=0.03, unit="1/m", help="curvature of the sharpest bends to come"),
    "length": Param(1000.0, low=100.0, high=5000.0, unit="m", help="of the road"),
    "top_speed": Param(30.0, low=5.0, high=40.0, unit="m/s", help="of the car"),
    "grip": Param(7.0, low=1.0, high=20.0, unit="m/s²", help="sideways acceleration that the tyres can hold"),
    "lidar_range": Param(50.0, low=5.0, high=60.0, unit="m", help="how far the rays reach"),
    "hurry": Param(0.1, low=0.0, high=1.0, help="what a step costs"),
    "crash": Param(20.0, low=0.0, high=200.0, help="what an accident costs"),
}

WHEELBASE = 2.7
CENTER = 0.5 * WHEELBASE  # from the rear axle to the middle of the car
MAX_STEERING, STEERING_RATE = 0.4, 0.8
THROTTLE, BRAKES = 4.0, 8.0
LIDAR_SCALE = 60.0
WAYPOINTS = np.array([8.0, 16.0, 28.0, 44.0, 64.0])


def reset(state, params):
    """Write the first state of an episode."""
    state.s = START
    state.d = lane_middle(randint(state, 0, LANES))
    state.turn_cos = 1.0
    state.speed = min(15.0, params.top_speed)
    begin_road(state, params)
    begin_traffic(state, params)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    before = state.s
    move(state, action, params)
    lay_road(state, params)
    s, d = state.s + CENTER * state.turn_cos, state.d + CENTER * state.turn_sin
    drive_traffic(state, params, s, d)
    state.progress = state.s - START
    state.lane_offset = state.d - lane_middle(lane_at(state.d))
    reward = 0.1 * (state.s - before) - params.hurry
    # Half the length and width of the car along and across the road.
    sine, cosine = abs(state.turn_sin), abs(state.turn_cos)
    half_length = 0.5 * (LENGTH * cosine + WIDTH * sine)
    half_width = 0.5 * (LENGTH * sine + WIDTH * cosine)
    for i in range(state.cars):
        near = abs(state.car_s[i] - s) < half_length + 0.5 * LENGTH
        if near and abs(state.car_d[i] - d) < half_width + 0.5 * WIDTH:
            state.collisions = 1
    if abs(d) > HALF_WIDTH - 0.5 * WIDTH + 0.4 or abs(state.psi) > 0.5 * math.pi:
        state.off_road = 1
    if state.collisions > 0 or state.off_road > 0:
        return reward - params.crash, True
    if state.progress >= params.length:
        state.finished = 1
        return reward, True
    return reward, False


def move(state, action, params):
    """Move the car for a step."""
    wheel = MAX_STEERING * min(max(float(action[0]), -1.0), 1.0)
    pedals = min(max(float(action[1]), -1.0), 1.0)
    turn = STEERING_RATE * DT
    state.steering += min(max(wheel - state.steering, -turn), turn)
    state.pedals = pedals
    push = THROTTLE * pedals if pedals > 0.0 else BRAKES * pedals
    state.speed = min(max(state.speed + push * DT, 0.0), params.top_speed)
    speed = state.speed
    most = params.grip / max(speed * speed, 1.0)
    curvature = min(max(math.tan(state.steering) / WHEELBASE, -most), most)
    # Halfway first, then the whole step with the heading of there (the midpoint method).
    bend = bend_at(state, state.s)
    psi = state.psi + 0.5 * DT * speed * (curvature - bend)
    along = DT * speed * math.cos(psi) / (1.0 - state.d * bend)
    state.d += DT * speed * math.sin(psi)
    state.psi += DT * speed * curvature - bend_at(state, state.s + 0.5 * along) * along
    state.s += along
    state.turn_cos = math.cos(state.psi)
    state.turn_sin = math.sin(state.psi)


def observe(state, params, obs):
    """Write the observation."""
    turn_cos, turn_sin = state.turn_cos, state.turn_sin
    x, y, cosine, sine = place(state, state.s, state.d)
    ahead_x, ahead_y = cosine * turn_cos - sine * turn_sin, sine * turn_cos + cosine * turn_sin
    x, y = x + CENTER * ahead_x, y + CENTER * ahead_y
    lane = lane_at(state.d)
    obs[24] = min(max(state.d / HALF_WIDTH, -1.5), 1.5)
    obs[25] = min(max(state.psi, -2.0), 2.0)
    obs[26] = state.speed / 40.0
    obs[27] = state.steering / MAX_STEERING
    obs[28] = min(max((state.d - lane_middle(lane)) / (0.5 * LANE), -2.0), 2.0)
    for k in range(5):
        there_x, there_y, _, _ = place(state, state.s + WAYPOINTS[k], 0.0)
        there_x, there_y = there_x - x, there_y - y
        obs[29 + 2 * k] = (there_x * ahead_x + there_y * ahead_y) / 64.0
        obs[30 + 2 * k] = (there_y * ahead_x - there_x * ahead_y) / 64.0
    sense_cars(state, params, obs, lane, x, y, ahead_x, ahead_y)


def sense_cars(state, params, obs, lane, x, y, ahead_x, ahead_y):
    """Write what lidar and radar see from `x, y`."""
    for k in range(RAYS):
        obs[k] = 1.0
    for k in range(5):
        side = lane if k == 0 else lane + 1 if k % 2 == 1 else lane - 1
        obs[39 + 2 * k] = 1.0 if 0 <= side < LANES else 0.0
    for i in range(state.cars):
        ahead = state.car_s[i] - state.s - CENTER
        if abs(ahead) > 110.0:
            continue
        beside = lane_at(state.car_d[i]) - lane
        if abs(beside) <= 1 and (beside != 0 or ahead > 0.0):
            # 0 ahead, then ahead to the left and right, then behind to the left and right.
            k = 39 + 2 * (abs(beside) * (1 if beside > 0 else 2) + (2 if ahead < 0.0 else 0))
            gap = np.float32(max(0.0, abs(ahead) - LENGTH) / 100.0)
            if gap < obs[k]:
                obs[k] = gap
                closing = (state.speed - state.car_speed[i]) / 20.0
                obs[k + 1] = min(max(closing if ahead > 0.0 else -closing, -2.0), 2.0)
        if abs(ahead) < params.lidar_range + LENGTH:
            there_x, there_y, cosine, sine = place(state, state.car_s[i], state.car_d[i])
            there_x, there_y = there_x - x, there_y - y
            cast_box(obs, there_x * ahead_x + there_y * ahead_y, there_y * ahead_x - there_x * ahead_y,
                     cosine * ahead_x + sine * ahead_y, sine * ahead_x - cosine * ahead_y,
                     0.5 * LENGTH, 0.5 * WIDTH, LIDAR_SCALE)  # fmt: skip
    reach = np.float32(params.lidar_range / LIDAR_SCALE)
    for k in range(RAYS):
        if obs[k] > reach:
            obs[k] = 1.0


CLASSES = scene.CLASSES


def draw(state, params, canvas):
    """Draw the road from behind the car, the rays from above, and the books."""
    obs = np.zeros(len(LOW), np.float32)
    observe(state, params, obs)
    scene.draw(state, params, canvas, obs[:RAYS] * LIDAR_SCALE)


def camera(state, params, canvas):
    """Draw what a camera behind the windscreen sees."""
    scene.draw_view(state, canvas, scene.windscreen(state))


def labels(state, params):
    """Road, cars and trees, with the metres from the camera to the nearest point of each."""
    return scene.labels(state)


def pure_pursuit(obs, space):
    """Steer for a point of the own lane (Coulter 1992); slow down for bends and for the car ahead.

    The curvature that leads to a point `side` metres to the left of the rear axle and `distance` metres away
    is 2 side / distance² (R. C. Coulter, "Implementation of the Pure Pursuit Path Tracking Algorithm",
    CMU-RI-TR-92-01). It keeps 1.5 s and 3 m behind others, 4 m/s² to the side in bends, and its lane.
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
    pedals = (allowed - speed) / (THROTTLE if allowed > speed else BRAKES)
    return np.array([min(max(wheel, -1.0), 1.0), min(max(pedals, -1.0), 1.0)], np.float32)


def lane_ahead(seen, middle):
    """Points of a lane, whose middle is that far left of the road's, as seen from the rear axle."""
    path = []
    turn, was_x, was_y = -seen[25], 0.0, 0.0
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


LOW = np.array((0,) * RAYS + (-1.5, -2, 0, -1, -2) + (-1.5, -1.5) * 5 + (0, -2) * 5, np.float32)
HIGH = np.array((1,) * RAYS + (1.5, 2, 1, 1, 2) + (1.5, 1.5) * 5 + (1, 2) * 5, np.float32)

ENV = Environment(
    id="sandbox/Driving-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Box(-1.0, 1.0, (2,), np.float32),
    max_episode_steps=1200,
    keys={
        "up": (0.0, 1.0),
        "down": (0.0, -1.0),
        "left": (0.15, 0.0),
        "right": (-0.15, 0.0),
    },
    idle_action=(0.0, 0.0),
    size=(720, 480),
    fps=10,
    info=("progress", "speed", "collisions", "off_road", "lane_offset", "finished"),
    baseline=pure_pursuit,
)
