"""Keep a robot at work while people walk through its space: fast when they are far, slow or still when not.

Speed and separation monitoring, as ISO/TS 15066:2016 names it, as a game. A robot without a fence takes
parts from a conveyor (left) to another (right), on an arc through the floor in front of it. People come and
go between doors and stations, two of them inside the robot's space, at up to `walking_speed` (ISO
13855:2010 reckons with 1.6 m/s), and pause there. Most walk around the marked zone, wait at its edge until
the hand is away, and stand still when it is near; a share, `carelessness`, takes the straight way and looks
at a phone.

A step is 0.1 s. The action is how fast the hand may move along its arc: 0 stop, 1 at 0.25 m/s, 2 a third,
3 two thirds and 4 all of `robot_speed`. It speeds up at 3 m/s² and brakes at `braking`; it slows down for
the ends of the arc, where the gripper needs 0.5 s. A hand of at most 0.25 m/s (the reduced speed of ISO
10218-1) pushes a person aside without harm. A faster one that touches somebody injures: reward -`harm`, and
the episode ends. Coming closer than 0.3 m to a person at more than 0.25 m/s is a near miss, -`fright` each.
Work pays: a cycle there and back is worth 1, in proportion to the arc travelled. The shift is cut off after
600 steps (60 s). It begins at the left with the people under way. `layout` says which of 32 halls it is: they
differ in doors, furniture and floor.

The observation has 57 numbers. A laser scanner at the robot's foot looks over 180 degrees in 24 sectors of
7.5 degrees, from the left of the picture to its right: for each the distance of the nearest person within
`lidar_range`, divided by 10 m (1 if nobody is there), and then for each how fast that person comes nearer
to the scanner, divided by 2.5 m/s, as a Doppler lidar measures it. Then the cosine and sine of the place on
the arc (-1 is the left end), 1 on the way there and -1 on the way back, the hand's speed and `robot_speed`,
both divided by 4 m/s, `braking` divided by 10 m/s², and the share of the gripper's time that is left. Last
what a safety controller works out from these: the gap between the hand and the nearest person within
`lidar_range`, divided by 10 m (1 for nobody), and how fast that person walks towards the hand, divided by 2.5
m/s.

`info` has `injuries`, `near_misses`, `cycles`, `cycle_time` (mean seconds a cycle, 0 before the first) and
`separation` (metres between the hand and the nearest person, 99 for nobody).
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform
from envs.scenes import work_cell as hall
from envs.scenes.work_cell import (
    ARC_X,
    ARC_Y,
    BASE_X,
    BASE_Y,
    BODY,
    DT,
    HAND,
    MAX_PEOPLE,
    SAFE_SPEED,
    SECTOR,
    SECTORS,
    hand_x,
    hand_y,
)
from envs.scenes.work_cell_layouts import INSIDE, LAYOUTS, STATIONS_X, STATIONS_Y
from envs.scenes.work_cell_people import choose_goal, keep_apart, walk

STATE = np.dtype(
    [
        ("x", "f8", (MAX_PEOPLE,)),  # of people, in metres, as all lengths
        ("y", "f8", (MAX_PEOPLE,)),
        ("vx", "f8", (MAX_PEOPLE,)),
        ("vy", "f8", (MAX_PEOPLE,)),
        ("facing", "f8", (MAX_PEOPLE, 2)),
        ("pace", "f8", (MAX_PEOPLE,)),  # share of walking_speed
        ("pause", "f8", (MAX_PEOPLE,)),  # seconds still to stand
        ("patience", "f8", (MAX_PEOPLE,)),  # seconds that somebody still waits at the edge of the zone
        ("goal", "i4", (MAX_PEOPLE,)),
        ("careless", "u1", (MAX_PEOPLE,)),
        ("close", "u1", (MAX_PEOPLE,)),  # has been counted as a near miss
        ("people", "i4"),
        ("phase", "f8"),  # of the hand on its arc: 0 at the conveyor, pi at the machine
        ("way", "i4"),  # 1 there, -1 back
        ("speed", "f8"),
        ("grip", "f8"),  # seconds that the gripper still needs
        ("level", "i4"),  # the last action, for the picture
        ("separation", "f8"),
        ("injuries", "i4"),
        ("near_misses", "i4"),
        ("cycles", "i4"),
        ("cycle_time", "f8"),
    ]
)

PARAMS = {
    "people": Param(4, low=0, high=MAX_PEOPLE, help="in the hall, from the next episode on"),
    "walking_speed": Param(1.6, low=0.2, high=4.0, unit="m/s", help="of the fastest walkers"),
    "carelessness": Param(0.25, low=0.0, high=1.0, help="share of walks straight through, without looking"),
    "robot_speed": Param(2.0, low=0.3, high=4.0, unit="m/s", help="of the hand at the highest level"),
    "braking": Param(5.0, low=1.0, high=10.0, unit="m/s²", help="how quickly the hand stops"),
    "lidar_range": Param(6.0, low=1.0, high=10.0, unit="m", help="how far the scanner sees people"),
    "harm": Param(20.0, low=0.0, high=100.0, help="what an injury costs, in cycles"),
    "layout": Param(0, low=0, high=LAYOUTS - 1, help="which doors, furniture and floor the hall has"),
    "fright": Param(0.5, low=0.0, high=10.0, help="what a near miss costs, in cycles"),
}

NEAR_MISS = 0.3
SPEED_UP = 3.0
GRIP_TIME = 0.5
LEVELS = np.array([0.0, 0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0])


def level_speed(level, robot_speed):
    """The speed that an action allows."""
    return min(SAFE_SPEED, robot_speed) if level == 1 else LEVELS[level] * robot_speed


def reset(state, params):
    """Write the first state of an episode."""
    state.people = params.people
    state.way = 1
    for i in range(state.people):
        start = randint(state, 0, INSIDE)
        state.goal[i] = start
        choose_goal(state, params, i)
        # Somewhere on the way, but not yet in front of the robot.
        share = uniform(state, 0.0, 0.4)
        goal, layout = state.goal[i], params.layout
        from_x, from_y = STATIONS_X[layout, start], STATIONS_Y[layout, start]
        state.x[i] = from_x + share * (STATIONS_X[layout, goal] - from_x)
        state.y[i] = from_y + share * (STATIONS_Y[layout, goal] - from_y)
    measure_separation(state)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.level = action
    moved = move_hand(state, level_speed(action, params.robot_speed), params)
    reward = moved / (2.0 * math.pi)
    x, y = hand_x(state.phase), hand_y(state.phase)
    for i in range(state.people):
        walk(state, params, i, x, y)
        gap = keep_apart(state, i, x, y)
        if gap < NEAR_MISS and state.speed > SAFE_SPEED:
            if not state.close[i]:
                state.close[i] = True
                state.near_misses += 1
                reward -= params.fright
        elif gap > 2.0 * NEAR_MISS:
            state.close[i] = False
        if gap < 0.0 and state.speed > SAFE_SPEED:
            state.injuries += 1
    measure_separation(state)
    if state.injuries > 0:
        return reward - params.harm, True
    return reward, False


def move_hand(state, allowed, params):
    """Move the hand along its arc; returns how far it came, as an angle."""
    if state.grip > 0.0:
        state.grip = max(0.0, state.grip - DT)
        state.speed = 0.0
        return 0.0
    left = math.pi - state.phase if state.way > 0 else state.phase
    # No faster than the hand can still brake before the end, with some reserve for the length of a step.
    slow_end = math.sqrt(1.4 * params.braking * left * ARC_X) + 0.05
    target = min(allowed, slow_end)
    if target < state.speed:
        state.speed = max(target, state.speed - params.braking * DT)
    else:
        state.speed = min(target, state.speed + SPEED_UP * DT)
    sine, cosine = math.sin(state.phase), math.cos(state.phase)
    per_angle = math.sqrt(ARC_X * ARC_X * sine * sine + ARC_Y * ARC_Y * cosine * cosine)
    moved = min(state.speed * DT / per_angle, left)
    state.phase += state.way * moved
    if left - moved < 1e-6:
        state.grip = GRIP_TIME
        state.speed = 0.0
        state.way = -state.way
        if state.way > 0:
            state.cycles += 1
            state.cycle_time = (state.steps + 1) * DT / state.cycles
    return moved


def measure_separation(state):
    """Write down how near the nearest person is to the hand."""
    nearest = 1e4
    x, y = hand_x(state.phase), hand_y(state.phase)
    for i in range(state.people):
        away_x, away_y = state.x[i] - x, state.y[i] - y
        nearest = min(nearest, away_x * away_x + away_y * away_y)
    state.separation = min(99.0, math.sqrt(nearest) - HAND - BODY)


def observe(state, params, obs):
    """Write the observation."""
    for k in range(SECTORS):
        obs[k] = 1.0
    reach = params.lidar_range + BODY
    hand_from_x, hand_from_y = hand_x(state.phase), hand_y(state.phase)
    nearest, who = 1e4, -1
    for i in range(state.people):
        x, y = BASE_X - state.x[i], state.y[i] - BASE_Y
        squared = x * x + y * y
        if squared > reach * reach:
            continue
        away_x, away_y = hand_from_x - state.x[i], hand_from_y - state.y[i]
        gap = away_x * away_x + away_y * away_y
        if gap < nearest:
            nearest, who = gap, i
        distance = math.sqrt(squared)
        angle, half = math.atan2(y, x), BODY / distance
        near = np.float32(max(0.0, 0.1 * (distance - BODY)))
        closing = 0.4 * (state.vx[i] * x - state.vy[i] * y) / distance
        first = int(max((angle - half) / SECTOR, 0.0))
        last = int(min((angle + half) / SECTOR, SECTORS - 1.0))
        for k in range(first, last + 1):
            if near < obs[k]:
                obs[k] = near
                obs[SECTORS + k] = min(max(closing, -1.0), 1.0)
    obs[48] = -math.cos(state.phase)
    obs[49] = math.sin(state.phase)
    obs[50] = state.way
    obs[51] = state.speed / 4.0
    obs[52] = params.robot_speed / 4.0
    obs[53] = params.braking / 10.0
    obs[54] = state.grip / GRIP_TIME
    obs[55] = 1.0
    if who >= 0:
        distance = math.sqrt(nearest)
        obs[55] = min(max(0.1 * (distance - HAND - BODY), 0.0), 1.0)
        away_x, away_y = hand_from_x - state.x[who], hand_from_y - state.y[who]
        closing = 0.4 * (state.vx[who] * away_x + state.vy[who] * away_y) / (distance + 1e-9)
        obs[56] = min(max(closing, -1.0), 1.0)


CLASSES = hall.CLASSES


def draw(state, params, canvas):
    """Draw the hall from above, what the scanner sees, and the books."""
    scan = np.zeros(len(LOW), np.float32)
    observe(state, params, scan)
    hall.draw(state, params, canvas, scan)


def camera(state, params, canvas):
    """Draw what a camera at the ceiling sees."""
    hall.draw_empty(canvas, int(params.layout))
    hall.draw_moving(state, canvas)


def labels(state, params):
    """People, with the metres between each and the robot's hand; the robot; and its gripper."""
    return hall.labels(state)


HUMAN_SPEED = 1.6  # ISO 13855: what a person walks at when nobody measures it
REACTION = 0.1  # one step until an action works
UNSURE = 0.1  # C, Zd and Zr: a hand stretched out, errors of the scanner and of the robot


def separation_monitoring(obs, space):
    """The highest speed that keeps the protective separation distance of ISO/TS 15066:2016.

    S = Sh + Sr + Ss + C + Zd + Zr: how far a person walks until the robot stands, v_h (T_r + T_s); how far
    the robot goes until it begins to brake, v_r T_r; how far it goes while it brakes, v_r² / 2a; and what a
    hand stretched out and errors of measurement may add.
    """
    separation = 10.0 * float(obs[55])
    speed, full, braking = 4.0 * float(obs[51]), 4.0 * float(obs[52]), 10.0 * float(obs[53])
    for level in (4, 3, 2, 1):
        after = min(level_speed(level, full), speed + SPEED_UP * DT)
        stopping = after / braking
        need = HUMAN_SPEED * (REACTION + stopping) + after * REACTION + 0.5 * after * stopping + UNSURE
        if need <= separation:
            return level
    return 0


LOW = np.array((0,) * SECTORS + (-1,) * SECTORS + (-1, 0, -1) + (0,) * 5 + (-1,), np.float32)
HIGH = np.ones(len(LOW), np.float32)
SECTOR_NAMES = tuple(f"{word} {k + 1}" for word in ("distance", "approach") for k in range(SECTORS))

ENV = Environment(
    id="sandbox/WorkCell-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Discrete(5),
    max_episode_steps=600,
    action_names=("stop", "0.25 m/s", "a third", "two thirds", "full speed"),
    obs_names=(
        *SECTOR_NAMES, "arc, cosine", "arc, sine", "way", "speed", "robot speed", "braking", "gripper",
        "gap", "approach of the nearest",
    ),
    keys={"space": 0, "1": 1, "2": 2, "3": 3, "4": 4, "down": 0, "left": 1, "right": 3, "up": 4},
    size=(720, 480),
    fps=10,
    info=("injuries", "near_misses", "cycles", "cycle_time", "separation"),
    baseline=separation_monitoring,
)  # fmt: skip
