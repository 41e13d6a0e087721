"""Drive a winding road of three lanes through slower traffic, quickly and in one piece.

The car is the kinematic bicycle model (after R. Rajamani, "Vehicle Dynamics and Control", here of the middle
of the rear axle, with a wheelbase L of 2.7 m):

    dx/dt = v cos(theta)    dy/dt = v sin(theta)    dtheta/dt = v tan(delta) / L

Where v² tan(delta) / L is more than `grip`, the tyres slide and the car turns no more than grip allows: sharp
bends want brakes. On the road it is told where it is by s, metres along the middle, d, metres to the left of
it, and psi, its heading from the road's direction. The road is laid from the seed as one drives, straights
and curves to either side that begin and end gently, three lanes of 3.6 m, all in one direction. The other
cars drive 0.65 to 1.2 times `traffic_speed`, slower ones rather to the right; they keep a distance, look
around in turns, each at least every 0.8 s, and change lanes when somebody is in their way.

A step is 0.1 s. The action has two numbers in [-1, 1], larger ones are clipped: the steering wheel (1 is
0.4 rad to the left, and it turns at most 0.8 rad/s) and the pedals (1 is 4 m/s² of throttle, -1 is 8 m/s²
of brakes). The reward is 0.1 for each metre along the road and -`hurry` for each step. Touching another
car, leaving the road with a side of the car, or facing backwards ends the episode with reward -`crash`. It
also ends at the end of the road, after `length`, and is cut off after 1200 steps. It begins at 15 m/s in
any lane.

The observation has 49 numbers. 24 lidar rays at 15 degrees from straight ahead counterclockwise: the
distance of the nearest car, divided by 60 m, 1 for none within `lidar_range`. Then d over half the road's
width, the sine of psi, the speed divided by 40 m/s, the steering angle divided by 0.4 rad, and the offset
from the middle of the lane over half its width. Then the middle of the road at 8, 16, 28, 44 and 64 m along
it, as metres ahead and to the left of the car, divided by 64. Then what radar says about the next car ahead
in the own lane, ahead to the left and to the right, and behind to the left and to the right: the gap between
bumpers divided by 100 m (1 for none, 0 where there is no lane) and how fast it gets smaller divided by 20
m/s.

`info` has `progress` (m), `speed` (m/s), `collisions`, `off_road`, `lane_offset` (m) and `finished`.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import uniform
from envs.engine.rays import RAYS, cast_box
from envs.scenes import driving as scene
from envs.scenes import driving_road, driving_traffic
from envs.scenes.driving_pursuit import BRAKES, CENTER, MAX_STEERING, THROTTLE, WHEELBASE, pure_pursuit
from envs.scenes.driving_road import (
    HALF_WIDTH,
    LANE,
    LANES,
    START,
    begin_road,
    clip,
    follow,
    lane_at,
    lane_middle,
    lay_road,
    place,
)
from envs.scenes.driving_traffic import DT, LENGTH, MAX_CARS, WIDTH, begin_traffic, drive_traffic

STATE = np.dtype(
    [
        ("x", "f8"),  # of the rear axle, in the plane
        ("y", "f8"),
        ("ahead_x", "f8"),  # where the car points, a unit vector
        ("ahead_y", "f8"),
        ("s", "f8"),  # of the rear axle, along the road
        ("d", "f8"),
        ("turn_cos", "f8"),  # of the heading from the direction of the road
        ("turn_sin", "f8"),
        ("speed", "f8"),
        ("steering", "f8"),  # rad, positive to the left
        ("pedals", "f8"),  # of the last action, for the picture
        ("progress", "f8"),
        ("lane_offset", "f8"),
        ("collisions", "i8"),
        ("off_road", "i8"),
        ("finished", "i8"),
        *driving_traffic.FIELDS,
        *driving_road.FIELDS,
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

STEERING_RATE = 0.8  # rad/s
LIDAR_SCALE = 60.0
WAYPOINTS = np.array([8.0, 16.0, 28.0, 44.0, 64.0])
# Where the radar writes of a car two lanes to the right, one, none, one and two to the left; ahead, behind.
RADAR = np.array([[0, 0], [43, 47], [39, 0], [41, 45], [0, 0]])


def reset(state, params):
    """Write the first state of an episode."""
    state.x = state.s = START
    state.y = state.d = lane_middle(int(LANES * uniform(state, 0.0, 1.0)))
    state.ahead_x = state.turn_cos = 1.0
    state.speed = 15.0 if params.top_speed > 15.0 else params.top_speed
    begin_road(state, params)
    begin_traffic(state, params)
    tell_others(state)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    before = state.s
    move(state, action, params)
    lay_road(state, params)
    tell_others(state)
    # Half the length and width of the car along and across the road.
    sine, cosine = abs(state.turn_sin), abs(state.turn_cos)
    half_length = 0.5 * (LENGTH * cosine + WIDTH * sine)
    half_width = 0.5 * (LENGTH * sine + WIDTH * cosine)
    state.collisions = drive_traffic(state, params, half_length + 0.5 * LENGTH, half_width + 0.5 * WIDTH)
    state.off_road = abs(state.car_d[0]) > HALF_WIDTH - 0.5 * WIDTH + 0.4 or state.turn_cos < 0.0
    state.progress = state.s - START
    state.lane_offset = state.d - lane_middle(lane_at(state.d))
    reward = 0.1 * (state.s - before) - params.hurry
    if state.collisions > 0 or state.off_road > 0:
        return reward - params.crash, True
    state.finished = state.progress >= params.length
    return reward, state.finished > 0


def move(state, action, params):
    """Move the car for a step, on an arc, and find where on the road it is then."""
    wheel = MAX_STEERING * clip(np.float64(action[0]), -1.0, 1.0)
    state.steering += clip(wheel - state.steering, -STEERING_RATE * DT, STEERING_RATE * DT)
    pedals = clip(np.float64(action[1]), -1.0, 1.0)
    push = THROTTLE if pedals > 0.0 else BRAKES
    state.pedals = pedals
    speed = clip(state.speed + push * pedals * DT, 0.0, params.top_speed)
    state.speed = speed
    most = params.grip / (speed * speed if speed > 1.0 else 1.0)
    bend = clip(math.tan(state.steering) * (1.0 / WHEELBASE), -most, most)
    x, y, ahead_x, ahead_y = follow(state.x, state.y, state.ahead_x, state.ahead_y, bend, speed * DT)
    state.x, state.y = x, y
    state.ahead_x, state.ahead_y = ahead_x, ahead_y
    # The foot of the perpendicular on the road, from a place near it: off by millimetres that do not add up.
    near = state.s + speed * DT * state.turn_cos
    road_x, road_y, cosine, sine = place(state, near, 0.0)
    state.s = near + (x - road_x) * cosine + (y - road_y) * sine
    state.d = (y - road_y) * cosine - (x - road_x) * sine
    state.turn_cos = ahead_x * cosine + ahead_y * sine
    state.turn_sin = ahead_y * cosine - ahead_x * sine


def tell_others(state):
    """Let the other cars know where this one is: its middle."""
    state.car_s[0] = state.s + CENTER * state.turn_cos
    state.car_d[0] = state.car_goal[0] = state.d + CENTER * state.turn_sin
    state.car_speed[0] = state.speed


def observe(state, params, obs):
    """Write the observation."""
    ahead_x, ahead_y = state.ahead_x, state.ahead_y
    x, y = state.x + CENTER * ahead_x, state.y + CENTER * ahead_y
    lane = lane_at(state.d)
    obs[24] = clip(state.d * (1.0 / HALF_WIDTH), -1.5, 1.5)
    obs[25] = clip(state.turn_sin, -1.0, 1.0)
    obs[26] = 0.025 * state.speed
    obs[27] = (1.0 / MAX_STEERING) * state.steering
    obs[28] = clip((state.d - lane_middle(lane)) * (2.0 / LANE), -2.0, 2.0)
    for k in range(5):
        there_x, there_y, _, _ = place(state, state.s + WAYPOINTS[k], 0.0)
        there_x, there_y = there_x - x, there_y - y
        obs[29 + 2 * k] = (there_x * ahead_x + there_y * ahead_y) / 64.0
        obs[30 + 2 * k] = (there_y * ahead_x - there_x * ahead_y) / 64.0
    for k in range(RAYS):
        obs[k] = 1.0
    obs[39] = 1.0
    obs[41] = obs[45] = 1.0 if lane < LANES - 1 else 0.0
    obs[43] = obs[47] = 1.0 if lane > 0 else 0.0
    for i in range(1, state.cars):
        s, d = state.car_s[i], state.car_d[i]
        ahead = s - state.car_s[0]
        k = RADAR[lane_at(d) - lane + 2, 1 if ahead < 0.0 else 0]
        gap = 0.01 * (abs(ahead) - LENGTH)
        if (k > 0) & (gap < obs[k]):
            obs[k] = gap if gap > 0.0 else 0.0
            closing = 0.05 * (state.speed - state.car_speed[i])
            obs[k + 1] = clip(closing if ahead > 0.0 else -closing, -2.0, 2.0)
        if abs(ahead) < params.lidar_range + LENGTH:
            there_x, there_y, cosine, sine = place(state, s, d)
            there_x, there_y = there_x - x, there_y - y
            cast_box(obs, there_x * ahead_x + there_y * ahead_y, there_y * ahead_x - there_x * ahead_y,
                     cosine * ahead_x + sine * ahead_y, sine * ahead_x - cosine * ahead_y,
                     0.5 * LENGTH, 0.5 * WIDTH, params.lidar_range, 1.0 / LIDAR_SCALE)  # fmt: skip


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
    """Road, own lane, cars and trees, with the metres from the camera to the nearest point of each thing."""
    return scene.labels(state)


LOW = np.array((0,) * RAYS + (-1.5, -1, 0, -1, -2) + (-1.5, -1.5) * 5 + (0, -2) * 5, np.float32)
HIGH = np.array((1,) * RAYS + (1.5, 1, 1, 1, 2) + (1.5, 1.5) * 5 + (1, 2) * 5, np.float32)
NAMES = (
    *(f"lidar {360 * k // RAYS}°" for k in range(RAYS)),
    "offset on the road", "sine of the heading", "speed", "steering angle", "offset in the lane",
    *(f"road in {metres:g} m, {way}" for metres in WAYPOINTS for way in ("ahead", "left")),
    *(f"{which}, {what}" for which in ("ahead", "ahead left", "ahead right", "behind left", "behind right")
      for what in ("gap", "closing in")),
)  # fmt: skip

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
    obs_names=NAMES,
    keys={
        "up": (0.0, 1.0),
        "down": (0.0, -1.0),
        "left": (0.15, 0.0),
        "right": (-0.15, 0.0),
    },
    key_words={"up": "faster", "down": "slower", "left": "steer left", "right": "steer right"},
    idle_action=(0.0, 0.0),
    size=(720, 480),
    fps=10,
    info=("progress", "speed", "collisions", "off_road", "lane_offset", "finished"),
    baseline=pure_pursuit,
)
