"""Drive across a land seen from a satellite: read the picture, keep out of fires, look beneath the clouds.

A map of 16 by 16 squares, made anew for each episode from fields of value noise (Perlin 1985, "An image
synthesizer", has the idea): height and moisture decide what covers a square, two roads cross it, grass and
forest burn here and there, and clouds hide part of it. What is beneath a cloud shows once the vehicle is
within `sight` squares.

A step goes one square up (0), right (1), down (2) or left (3). Entering a square takes hours: road 0.5,
grass 1, sand 1.5, forest 2, rock 3, water 5 (by raft); on fire 8 more. The edge of the map stops a step,
which takes 3 hours. The reward is minus a tenth of the hours, and 0.5 if the goal has come a square closer
along rows and columns, -0.5 if it is a square farther away, which adds up to the same on all ways. The goal
gives 2 and ends the episode, which is cut off after 150 steps. It begins at least 12 squares from the goal,
both on dry land that does not burn (if any is found in 64 tries).

The observation is a picture of 16x16 squares with 7 channels (uint8): red, green and blue as the satellite
saw them, with what was found out since; the vehicle (255); the goal (255); and, the same in all squares, how
far the goal is to the right and how far below (128 and 8 for each square).

`info` has the hours so far and `burns`, how often a square on fire was entered.
"""

import heapq

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform
from envs.scenes import recon_picture as scene
from envs.scenes.recon import (
    CLOUD,
    COLORS,
    CORNERS,
    FIELDS,
    FINER,
    FIRE,
    FOREST,
    GRASS,
    HAZE,
    HEAT,
    HEIGHT,
    MOISTURE,
    ROAD,
    ROUGH,
    SIDE,
    VEIL,
    WATER,
    field,
    kind_at,
    limit,
)

SQUARES = SIDE * SIDE
CHANNELS = 7
MAX_STEPS = 150
CLASSES = scene.CLASSES

STATE = np.dtype(
    [
        ("corners", "f8", (CORNERS,)),  # of all fields
        ("here", "f8", (FIELDS,)),  # their values at the square that is being made
        ("burning", "f8"),  # above which value of its field there is fire
        ("dense", "f8"),  # above which there is cloud
        ("road_rows", "i4", (SIDE,)),  # of the road from left to right, in each column
        ("road_columns", "i4", (SIDE,)),
        ("kinds", "u1", (SQUARES,)),
        ("alight", "u1", (SQUARES,)),
        ("known", "u1", (SQUARES,)),  # seen from the ground
        ("ground", "u1", (3 * SQUARES,)),  # colours without clouds
        ("image", "u1", (CHANNELS * SQUARES,)),  # the observation
        ("path", "i2", (MAX_STEPS + 1,)),  # for the picture
        ("count", "i8"),
        ("start", "i8"),
        ("goal", "i8"),
        ("square", "i8"),
        ("hours", "f8"),
        ("burns", "i4"),
    ]
)

PARAMS = {
    "fires": Param(0.4, low=0.0, high=1.0, help="how much burns, from the next episode on"),
    "clouds": Param(0.45, low=0.0, high=1.0, help="how much they hide, from the next episode on"),
    "sight": Param(2, low=0, high=8, unit="squares", help="how far the ground is seen from the vehicle"),
    "fire_hours": Param(8.0, low=0.0, high=50.0, unit="h", help="that fire costs, on top"),
}

UP, RIGHT, DOWN, LEFT = range(4)
DOWNWARD, RIGHTWARD = np.array([-1, 0, 1, 0]), np.array([0, 1, 0, -1])
HOURS = np.array([5.0, 1.5, 1.0, 2.0, 3.0, 0.5])
EDGE_HOURS = 3.0
FAR = 12


def reset(state, params):
    """Write the first state of an episode."""
    state.burning = limit(params.fires)
    state.dense = limit(params.clouds)
    for i in range(CORNERS):
        state.corners[i] = uniform(state, 0.0, 1.0)
    build_roads(state)
    for row in range(SIDE):
        for column in range(SIDE):
            cover(state, row, column)
    for _ in range(64):
        state.start = randint(state, 0, SQUARES)
        state.goal = randint(state, 0, SQUARES)
        far = distance(state.start, state.goal) >= FAR
        if far and is_safe(state, state.start) and is_safe(state, state.goal):
            break
    if distance(state.start, state.goal) < FAR:
        state.start, state.goal = SIDE + 1, SQUARES - SIDE - 2
    state.image[CHANNELS * state.goal + 4] = 255
    enter(state, params, state.start)


def build_roads(state):
    """Lay a road from left to right and one from top to bottom, each drifting as it goes."""
    row, column = randint(state, 3, SIDE - 3), randint(state, 3, SIDE - 3)
    for i in range(SIDE):
        if i > 0:
            # The drift happens within the square: before and after it, the road is in the same column.
            state.kinds[row * SIDE + i] = state.kinds[i * SIDE + column] = ROAD
            row = drifted(state, row)
            column = drifted(state, column)
        state.kinds[row * SIDE + i] = state.kinds[i * SIDE + column] = ROAD
        state.road_rows[i] = row
        state.road_columns[i] = column


def drifted(state, place):
    """A square to one side or the other, mostly the same."""
    chance = randint(state, 0, 8)
    if chance == 0 and place < SIDE - 1:
        return place + 1
    if chance == 1 and place > 0:
        return place - 1
    return place


def cover(state, row, column):
    """Decide what covers a square and whether it burns, and write its colours, with its cloud."""
    square = row * SIDE + column
    here = state.here
    for which in range(FIELDS):
        here[which] = field(state.corners, which, row, column)
    kind = kind_at(ROUGH * here[FINER] + (1.0 - ROUGH) * here[HEIGHT], here[MOISTURE])
    if here[HEAT] > state.burning and kind in (GRASS, FOREST):
        state.alight[square] = 1
    if state.kinds[square] != ROAD:
        state.kinds[square] = kind
    look = FIRE if state.alight[square] else state.kinds[square]
    shade = uniform(state, -10.0, 10.0)
    veil = min(max((here[HAZE] - state.dense) / VEIL, 0.0), 1.0)
    for channel in range(3):
        color = COLORS[look, channel] + shade
        state.ground[3 * square + channel] = color
        state.image[CHANNELS * square + channel] = color + veil * (COLORS[CLOUD, channel] - color)


def is_safe(state, square):
    """Whether a journey may begin or end here."""
    return state.alight[square] == 0 and state.kinds[square] != WATER


def distance(one, other):
    """Squares between two squares, along rows and columns."""
    return abs(one // SIDE - other // SIDE) + abs(one % SIDE - other % SIDE)


def enter(state, params, square):
    """Put the vehicle on a square, and what shows from there into the picture."""
    image = state.image
    image[CHANNELS * state.square + 3] = 0
    image[CHANNELS * square + 3] = 255
    state.square = square
    if state.count <= MAX_STEPS:
        state.path[state.count] = square
        state.count += 1
    row, column = square // SIDE, square % SIDE
    for r in range(max(row - params.sight, 0), min(row + params.sight + 1, SIDE)):
        for c in range(max(column - params.sight, 0), min(column + params.sight + 1, SIDE)):
            there = r * SIDE + c
            if state.known[there] == 0:
                state.known[there] = 1
                for channel in range(3):
                    image[CHANNELS * there + channel] = state.ground[3 * there + channel]
    right, below = state.goal % SIDE - column, state.goal // SIDE - row
    for there in range(SQUARES):
        image[CHANNELS * there + 5] = 128 + 8 * right
        image[CHANNELS * there + 6] = 128 + 8 * below


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    row = state.square // SIDE + DOWNWARD[action]
    column = state.square % SIDE + RIGHTWARD[action]
    if row < 0 or row >= SIDE or column < 0 or column >= SIDE:
        state.hours += EDGE_HOURS
        return -0.1 * EDGE_HOURS, False
    square = row * SIDE + column
    hours = HOURS[state.kinds[square]]
    if state.alight[square]:
        hours += params.fire_hours
        state.burns += 1
    state.hours += hours
    closer = distance(state.square, state.goal) - distance(square, state.goal)
    enter(state, params, square)
    arrived = square == state.goal
    return 0.5 * closer - 0.1 * hours + (2.0 if arrived else 0.0), arrived


def observe(state, params, obs):
    """Write the observation."""
    flat, image = obs.reshape(-1), state.image
    for i in range(CHANNELS * SQUARES):
        flat[i] = image[i]


def draw(state, params, canvas):
    """Draw the state."""
    scene.draw(state, params, canvas)


def camera(state, params, canvas):
    """Draw what the satellite sees."""
    scene.camera(state, params, canvas)


def labels(state, params):
    """What covers the land in the picture of `camera`."""
    return scene.labels(state)


GUESS = 2.2
"""Hours that the hand-written player expects beneath a cloud."""


def plan(obs, space):
    """The quickest way through what the picture shows (Dijkstra 1959), planned anew at every step."""
    looks = obs[:, :, None, :3].astype(np.float64) - COLORS
    kinds = (looks**2).sum(axis=3).argmin(axis=2)
    hours = np.array([*HOURS, HOURS[GRASS] + 8.0, GUESS])[kinds]
    here, goal = (int(obs[:, :, channel].argmax()) for channel in (3, 4))
    # From the goal, so that the first step is known once the vehicle is reached.
    best, queue = {goal: 0.0}, [(0.0, goal, UP)]
    done = set()
    while queue:
        cost, square, action = heapq.heappop(queue)
        if square == here:
            return action
        if square in done:
            continue
        done.add(square)
        row, column = divmod(square, SIDE)
        for back, there_row, there_column in (
            (DOWN, row - 1, column),
            (LEFT, row, column + 1),
            (UP, row + 1, column),
            (RIGHT, row, column - 1),
        ):
            if 0 <= there_row < SIDE and 0 <= there_column < SIDE:
                there, total = there_row * SIDE + there_column, cost + hours[row, column]
                if total < best.get(there, np.inf):
                    best[there] = total
                    heapq.heappush(queue, (total, there, back))
    return UP


ENV = Environment(
    id="sandbox/Recon-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIDE, SIDE, CHANNELS), np.uint8),
    action_space=spaces.Discrete(4),
    max_episode_steps=MAX_STEPS,
    action_names=("up", "right", "down", "left"),
    obs_names=("red", "green", "blue", "vehicle", "goal", "goal right", "goal below"),
    keys={"up": UP, "right": RIGHT, "down": DOWN, "left": LEFT},
    turn_based=True,
    size=(480, 520),
    fps=6,
    info=("hours", "burns"),
    baseline=plan,
)
