"""Walk along the edge of a cliff to the flag; the short way is dangerous.

Sutton & Barto 2018, "Reinforcement Learning: An Introduction", example 6.6; the same as Gymnasium's
CliffWalking-v1 in every transition and its probability, with `slippery` as its CliffWalkingSlippery-v1.

The ground has 4 rows of 12 cells. A step goes up (0), right (1), down (2) or left (3); the edge of the
ground stops it. On slippery ground it goes where it should or to one of the two sides, each with
probability 1/3. The observation is the number of the cell, row by row from the top left. Every step costs 1
(reward -1). Stepping into the cliff, the ten cells between start and flag in the bottom row, costs 100
instead and leads back to the start, bottom left. The episode ends at the flag, bottom right; it has no
limit of steps. The best return is -13: one step up, eleven to the right along the very edge, one down.

`info` has `prob`, the probability of what the last step did, and `falls`, how often it fell.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype(
    [
        ("cell", "i4"),
        ("fell", "i4"),  # the cell of the cliff the last step fell into, or -1, for the picture
        ("falls", "i4"),
        ("prob", "f8"),
        ("visits", "u1", (48,)),  # fading footprints, for the picture
    ]
)

PARAMS = {"slippery": Param(False, help="only a third of the steps go where they should, the others aside")}

ROWS, COLUMNS = 4, 12
START, FLAG = 36, 47

UP, RIGHT, DOWN, LEFT = range(4)


def reset(state, params):
    """Write the first state of an episode."""
    state.cell = START
    state.fell = -1
    state.prob = 1.0


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    direction = action
    state.prob = 1.0
    if params.slippery:
        chance = uniform(state, 0.0, 3.0)
        direction = (action + (3 if chance < 1.0 else 0 if chance < 2.0 else 1)) % 4
        state.prob = 1.0 / 3.0
    for cell in range(ROWS * COLUMNS):
        state.visits[cell] -= state.visits[cell] > 0
    state.visits[state.cell] = 12

    row = state.cell // COLUMNS + int(direction == DOWN) - int(direction == UP)
    column = state.cell % COLUMNS + int(direction == RIGHT) - int(direction == LEFT)
    cell = min(max(row, 0), ROWS - 1) * COLUMNS + min(max(column, 0), COLUMNS - 1)
    if START < cell < FLAG:
        state.cell = START
        state.fell = cell
        state.falls += 1
        return -100.0, False
    state.cell = cell
    state.fell = -1
    return -1.0, cell == FLAG


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.cell


def draw(state, params, canvas):
    """Draw the state."""
    tile = canvas.width / COLUMNS
    edge = (ROWS - 1) * tile
    canvas.background("#8fb573")
    for cell in range(ROWS * COLUMNS):
        x, y = cell % COLUMNS * tile, cell // COLUMNS * tile
        if (cell + cell // COLUMNS) % 2:
            canvas.rect(x, y, tile, tile, "#98bd7c")
        if cell < START:
            draw_grass(canvas, x, y, tile, cell)
    # The abyss: rock face under the edge, then the sea with its waves.
    left, right = tile, (COLUMNS - 1) * tile
    canvas.rect(left, edge, right - left, tile, "#5aa0c8")
    for i in range(20):
        x, y = left + 14 + (i * 83) % (right - left - 44), edge + 0.62 * tile + (i * 37) % 3 * 0.13 * tile
        canvas.line(x, y, x + 16, y, "#7db8d9", 2.5)
    rock = [(left, edge), (right, edge)]
    for i in range(41):
        x = right - (right - left) * i / 40
        rock.append((x, edge + tile * (0.36 + 0.09 * math.sin(2.7 * i) + 0.07 * math.sin(1.3 * i + 1))))
    canvas.polygon(rock, "#8a7b6c")
    canvas.polygon([(x, edge + 0.55 * (y - edge)) for x, y in rock], "#a3937f")
    for x in (left, right):
        canvas.rect(x - 2, edge, 4, tile, "#7a9c61")
    canvas.rect(left, edge - 3, right - left, 5, "#6f9157")

    for cell in np.flatnonzero(state.visits):
        x, y = (cell % COLUMNS + 0.5) * tile, (cell // COLUMNS + 0.5) * tile
        ground = palette.blend("#8fb573", "#56743f", state.visits[cell] / 16)
        canvas.circle(x - 0.11 * tile, y + 0.24 * tile, 0.06 * tile, ground)
        canvas.circle(x + 0.11 * tile, y + 0.31 * tile, 0.06 * tile, ground)

    x, y = (COLUMNS - 0.5) * tile, edge + 0.84 * tile
    canvas.line(x - 0.14 * tile, y, x - 0.14 * tile, y - 0.68 * tile, "ink", 3.5)
    high = y - 0.68 * tile
    flag = [
        (x - 0.12 * tile, high),
        (x + 0.32 * tile, high + 0.16 * tile),
        (x - 0.12 * tile, high + 0.32 * tile),
    ]
    canvas.polygon(flag, "danger")
    canvas.circle(0.5 * tile, edge + 0.74 * tile, 0.26 * tile, "#7fa365")

    if state.fell >= 0:
        x, y = (state.fell % COLUMNS + 0.5) * tile, edge + 0.7 * tile
        for size, color in ((0.3, "#a9d3ea"), (0.22, "#5aa0c8"), (0.14, "#d7ecf7")):
            canvas.circle(x, y, size * tile, color)
        canvas.text(x, edge + 0.22 * tile, "−100", 0.26 * tile, "white", "center")
    draw_walker(canvas, (state.cell % COLUMNS + 0.5) * tile, (state.cell // COLUMNS + 0.5) * tile, tile)


def draw_grass(canvas, x, y, tile, cell):
    """A tuft at a place of its own."""
    at_x, at_y = x + tile * (0.25 + (cell * 29) % 50 / 100), y + tile * (0.3 + (cell * 53) % 45 / 100)
    for lean in (-0.07, 0.0, 0.07):
        canvas.line(at_x + 0.5 * lean * tile, at_y, at_x + lean * tile, at_y - 0.12 * tile, "#7fa365", 2)


def draw_walker(canvas, x, y, tile):
    """The player: a walker with a hat and a rucksack."""
    for aside in (-0.09, 0.09):
        canvas.line(
            x + aside * tile, y + 0.2 * tile, x + 1.2 * aside * tile, y + 0.38 * tile, "ink", 0.1 * tile
        )
    canvas.rect(x - 0.26 * tile, y - 0.08 * tile, 0.2 * tile, 0.28 * tile, "human", 0.07 * tile)
    canvas.rect(x - 0.17 * tile, y - 0.12 * tile, 0.34 * tile, 0.38 * tile, "model", 0.12 * tile)
    canvas.circle(x, y - 0.23 * tile, 0.145 * tile, "#f0c9a0")
    canvas.rect(x - 0.22 * tile, y - 0.335 * tile, 0.44 * tile, 0.075 * tile, "#7a5230", 0.03 * tile)
    canvas.rect(x - 0.12 * tile, y - 0.44 * tile, 0.24 * tile, 0.14 * tile, "#7a5230", 0.05 * tile)


def along_the_edge(obs, space):
    """Up, right along the edge of the cliff, and down to the flag."""
    cell = int(obs)
    if cell == START:
        return UP
    return DOWN if cell % COLUMNS == COLUMNS - 1 else RIGHT


ENV = Environment(
    id="sandbox/CliffWalking-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Discrete(ROWS * COLUMNS),
    action_space=spaces.Discrete(4),
    action_names=("up", "right", "down", "left"),
    keys={"up": UP, "right": RIGHT, "down": DOWN, "left": LEFT},
    turn_based=True,
    size=(660, 220),
    fps=4,
    info=("prob", "falls"),
    baseline=along_the_edge,
)
