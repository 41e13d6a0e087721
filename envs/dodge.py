"""Fly through a field of rocks that gets denser, and collect crystals on the way.

A vertically scrolling game on a grid of 10x10 cells. A step moves the ship, in the bottom row, not at all
(0), left (1) or right (2), and at the same time everything else one row down. A crystal on the ship's cell
gives reward 1. A rock there ends the episode with reward -1. Every other step gives 0. An episode is cut
off after 1000 steps. It begins with an empty sky.

Rocks fill a share of each new row that grows from `density` by `growth` every 100 steps, up to 70 %.
Somewhere among them runs a lane without rocks that shifts by at most one column a row, so that there always
is a way through, though it may be hard to see; pockets without a way out are common. Six of ten rows have a
crystal.

The observation is a picture of 10x10 cells and 3 channels (uint8), all 0 or 255: the ship, the rocks and
the crystals.

`info` has the score (crystals).
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform

SIZE = 10
CELLS = SIZE * SIZE
MAX_DENSITY = 0.7

STATE = np.dtype(
    [
        ("field", "u1", (CELLS,)),  # what is in each cell
        ("ship", "i4"),
        ("lane", "i4"),  # the column without a rock in the top row
        ("rows", "i4"),  # how many have scrolled by
        ("score", "i4"),
    ]
)

PARAMS = {
    "density": Param(0.25, low=0.0, high=MAX_DENSITY, help="share of rocks at the start"),
    "growth": Param(0.05, low=0.0, high=0.5, unit="per 100 steps", help="how much denser it gets"),
    "crystals": Param(0.6, low=0.0, high=1.0, unit="per row", help="share of rows with a crystal"),
}

FREE, ROCK, CRYSTAL = range(3)
STAY, LEFT, RIGHT = range(3)


def reset(state, params):
    """Write the first state of an episode."""
    state.ship = randint(state, 0, SIZE)
    state.lane = randint(state, 0, SIZE)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    moved = state.ship + int(action == RIGHT) - int(action == LEFT)
    state.ship = min(max(moved, 0), SIZE - 1)
    for cell in range(CELLS - 1, SIZE - 1, -1):
        state.field[cell] = state.field[cell - SIZE]
    state.rows += 1
    fill_row(state, params)

    here = CELLS - SIZE + state.ship
    if state.field[here] == ROCK:
        return -1.0, True
    if state.field[here] == CRYSTAL:
        state.field[here] = FREE
        state.score += 1
        return 1.0, False
    return 0.0, False


def fill_row(state, params):
    """Write the new row at the top."""
    state.lane = min(max(state.lane + randint(state, -1, 2), 0), SIZE - 1)
    density = min(params.density + params.growth * state.rows / 100.0, MAX_DENSITY)
    for column in range(SIZE):
        rock = uniform(state, 0.0, 1.0) < density and column != state.lane
        state.field[column] = ROCK if rock else FREE
    if uniform(state, 0.0, 1.0) < params.crystals:
        column = randint(state, 0, SIZE)
        if state.field[column] == ROCK:
            column = state.lane
        state.field[column] = CRYSTAL


def observe(state, params, obs):
    """Write the observation."""
    obs[SIZE - 1, state.ship, 0] = 255
    for row in range(SIZE):
        for column in range(SIZE):
            # Without a branch, which would be guessed wrong every third cell.
            kind = state.field[row * SIZE + column]
            obs[row, column, 1] = 255 * (kind == ROCK)
            obs[row, column, 2] = 255 * (kind == CRYSTAL)


def draw(state, params, canvas):
    """Draw the state."""
    side = 40.0
    canvas.background("#10141f")
    # Far stars: they scroll slower the fainter they are.
    for i in range(60):
        depth = 0.15 + 0.1 * (i % 4)
        x, y = (i * 97.3) % 400, (i * 61.7 + state.rows * side * depth) % 400
        canvas.circle(x, y, 0.7 + 2 * depth, palette.blend("#10141f", "#9fb4d8", 0.2 + depth))
    for cell in range(CELLS):
        row, column = cell // SIZE, cell % SIZE
        x, y = (column + 0.5) * side, (row + 0.5) * side
        # A rock keeps its shape on its way down.
        kind = 7 * (int(state.rows) - row) + 3 * column
        if state.field[cell] == ROCK and not (row == SIZE - 1 and column == state.ship):
            draw_rock(canvas, x, y, kind)
        elif state.field[cell] == CRYSTAL:
            draw_crystal(canvas, x, y)
    draw_ship(canvas, (state.ship + 0.5) * side, (SIZE - 0.5) * side, int(state.rows))
    if state.field[CELLS - SIZE + state.ship] == ROCK:
        draw_crash(canvas, (state.ship + 0.5) * side, (SIZE - 0.5) * side)


def draw_rock(canvas, x, y, kind):
    """One of many rocks, with two craters."""
    tint = palette.blend("#6d7280", "#7d6a5c", (kind * 37 % 100) / 100)
    rim, light = [], []
    for i in range(9):
        far = 15.5 + 3.5 * math.sin(2.1 * i + kind)
        angle = 2 * math.pi * i / 9 + kind
        rim.append((x + far * math.cos(angle), y + far * math.sin(angle)))
        light.append((x - 2 + 0.8 * far * math.cos(angle), y - 2 + 0.8 * far * math.sin(angle)))
    canvas.polygon(rim, palette.blend(tint, "black", 0.35))
    canvas.polygon(light, tint)
    for turn, size in ((kind, 3.6), (kind + 2.3, 2.6)):
        crater = x - 1 + 7 * math.cos(turn), y - 1 + 7 * math.sin(turn)
        canvas.circle(*crater, size, palette.blend(tint, "black", 0.25))


def draw_crystal(canvas, x, y):
    """What to collect."""
    canvas.circle(x, y, 15, "#16303a")
    canvas.polygon([(x, y - 14), (x + 9, y - 3), (x, y + 14), (x - 9, y - 3)], "#1fa97a")
    canvas.polygon([(x, y - 14), (x + 9, y - 3), (x, y - 1)], "#7fe3bd")
    canvas.polygon([(x, y - 14), (x - 9, y - 3), (x, y - 1)], "#4fc99b")
    canvas.polygon([(x, y - 1), (x + 9, y - 3), (x, y + 14)], "#2fb588")


def draw_ship(canvas, x, y, time):
    """The player, with a flame that flickers."""
    long = 19 + 3 * (time % 2)
    canvas.polygon([(x - 5, y + 10), (x + 5, y + 10), (x, y + long)], "#ff9d4d")
    canvas.polygon([(x - 2.5, y + 10), (x + 2.5, y + 10), (x, y + long - 5)], "#ffe3a8")
    canvas.polygon([(x - 17, y + 11), (x - 5, y - 2), (x + 5, y - 2), (x + 17, y + 11)], "#2f63b8")
    hull = [(x, y - 18), (x + 5, y - 9), (x + 7, y + 11), (x - 7, y + 11), (x - 5, y - 9)]
    canvas.polygon(hull, "#dfe6f2")
    canvas.polygon([(x, y - 18), (x, y + 11), (x - 7, y + 11), (x - 5, y - 9)], "#f6f9fd")
    canvas.circle(x, y - 3, 3.6, "model")


def draw_crash(canvas, x, y):
    """A flash with sparks."""
    for size, color in ((24, "danger"), (17, "#ff9d4d"), (9, "#ffe3a8")):
        points = []
        for i in range(20):
            far = size * (1.0 if i % 2 else 0.6)
            points.append((x + far * math.cos(math.pi * i / 10), y + far * math.sin(math.pi * i / 10)))
        canvas.polygon(points, color)


def greedy(obs, space):
    """Never into a rock that is one row away; else towards the nearest crystal."""
    ship = int(np.argmax(obs[-1, :, 0]))
    crystals = np.argwhere(obs[:-1, :, 2])
    reach = [(SIZE - 1 - row, column) for row, column in crystals if abs(column - ship) <= SIZE - 1 - row]
    target = min(reach)[1] if reach else ship
    best, best_cost = STAY, np.inf
    for action, move in ((STAY, 0), (LEFT, -1), (RIGHT, 1)):
        column = ship + move
        if 0 <= column < SIZE:
            cost = abs(column - target) + 100 * (obs[-2, column, 1] > 0) + (obs[-3, column, 1] > 0)
            if cost < best_cost:
                best, best_cost = action, cost
    return best


ENV = Environment(
    id="sandbox/Dodge-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 3), np.uint8),
    action_space=spaces.Discrete(3),
    max_episode_steps=1000,
    action_names=("stay", "left", "right"),
    obs_names=("ship", "rocks", "crystals"),
    keys={"left": LEFT, "right": RIGHT},
    idle_action=STAY,
    size=(400, 400),
    fps=8,
    info=("score",),
    baseline=greedy,
)
