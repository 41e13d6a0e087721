"""Steer a snake to its food on a 10x10 grid; it grows with every bite and must not bite itself.

The game is Gremlin's Blockade (1976) as everybody knows it from telephones; the rules here are these.

A step moves the head one cell up (0), right (1), down (2) or left (3). Turning straight back is not possible:
that action is ignored and the snake goes on as it did. Running into a wall or into the body ends the episode
with reward -1; the cell that the tail leaves in the same step is free. Food gives reward 1, lets the snake
grow by one cell and appears again on a random free cell. Every other step gives 0. A snake that finds no food
for 100 steps (`patience`) starves: the episode ends with reward -1. Filling the whole grid ends it too, with
the last bite's reward. An episode is cut off after 5000 steps. It begins with a straight snake of three cells
that heads in a random direction.

The observation is a picture of 10x10 cells and 4 channels (uint8): the head (255); the body without the head,
55 plus twice the number of steps until the cell is free, so that a network can plan; the food (255); and, the
same in all cells, how much patience is left (255 after a bite).

`info` has the score (food eaten) and the length (cells).
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint

SIZE = 10
CELLS = SIZE * SIZE

STATE = np.dtype(
    [
        ("body", "u1", (CELLS,)),  # steps until the cell is free: 0 none, 1 tail, `length` head
        ("head", "i4"),
        ("food", "i4"),  # -1 once the grid is full
        ("heading", "i4"),
        ("length", "i4"),
        ("score", "i4"),
        ("hunger", "i4"),  # steps since the last bite
    ]
)

PARAMS = {"patience": Param(100, low=20, high=1000, unit="steps", help="steps without food until it starves")}

UP, RIGHT, DOWN, LEFT = range(4)


def row_step(heading):
    """Rows that one step in a direction moves down."""
    if heading == UP:
        return -1
    return 1 if heading == DOWN else 0


def column_step(heading):
    """Columns that one step in a direction moves right."""
    if heading == LEFT:
        return -1
    return 1 if heading == RIGHT else 0


def reset(state, params):
    """Write the first state of an episode."""
    heading = randint(state, 0, 4)
    # At least two cells from every wall, so that body and first moves fit in any direction.
    row, column = randint(state, 2, SIZE - 2), randint(state, 2, SIZE - 2)
    state.heading = heading
    state.head = row * SIZE + column
    state.length = 3
    for age in range(3, 0, -1):
        state.body[row * SIZE + column] = age
        row -= row_step(heading)
        column -= column_step(heading)
    place_food(state)


def place_food(state):
    """Put food on a random free cell, or nowhere if there is none."""
    state.food = -1
    free = CELLS - state.length
    if free == 0:
        return
    skip = randint(state, 0, free)
    for cell in range(CELLS):
        if state.body[cell] == 0:
            if skip == 0:
                state.food = cell
                return
            skip -= 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    if (action + 2) % 4 != state.heading:
        state.heading = action
    row = state.head // SIZE + row_step(state.heading)
    column = state.head % SIZE + column_step(state.heading)
    if row < 0 or row >= SIZE or column < 0 or column >= SIZE:
        return -1.0, True

    head = row * SIZE + column
    state.head = head
    state.hunger += 1
    if head == state.food:
        state.length += 1
        state.score += 1
        state.hunger = 0
        state.body[head] = state.length
        place_food(state)
        return 1.0, state.food < 0

    # The body moves up first: the tail's cell is free in the same step.
    for cell in range(CELLS):
        if state.body[cell] > 0:
            state.body[cell] -= 1
    bitten = state.body[head] > 0
    state.body[head] = state.length
    if bitten or state.hunger >= params.patience:
        return -1.0, True
    return 0.0, False


def observe(state, params, obs):
    """Write the observation."""
    left = 255 * (params.patience - state.hunger) // params.patience
    for row in range(SIZE):
        for column in range(SIZE):
            age = state.body[row * SIZE + column]
            if age > 0:
                obs[row, column, 1] = 55 + 2 * age
            obs[row, column, 3] = left
    row, column = state.head // SIZE, state.head % SIZE
    obs[row, column, 0] = 255
    obs[row, column, 1] = 0
    if state.food >= 0:
        obs[state.food // SIZE, state.food % SIZE, 2] = 255


def draw(state, params, canvas):
    """Draw the grid, the food and the snake, which pales while it starves; crosses for eyes when it lost."""
    side = 40.0
    canvas.background("paper")
    for cell in range(CELLS):
        if (cell // SIZE + cell) % 2:
            canvas.rect(cell % SIZE * side, cell // SIZE * side, side, side, "#ebeef2")
    if state.food >= 0:
        x, y = state.food % SIZE * side + 20, state.food // SIZE * side + 20
        canvas.line(x, y - 8, x + 3, y - 15, "#7a5230", 3)
        canvas.polygon([(x + 3, y - 11), (x + 7, y - 16), (x + 14, y - 16), (x + 9, y - 10)], "truth")
        canvas.circle(x - 3.5, y + 1, 10, "danger")
        canvas.circle(x + 3.5, y + 1, 10, "danger")
        canvas.circle(x - 6, y - 3, 3, palette.blend("danger", "white", 0.55))

    # From tail to head: thicker and darker, and paler the hungrier it is.
    path = [
        int(cell) for cell in np.argsort(state.body, kind="stable")[CELLS - np.count_nonzero(state.body) :]
    ]
    centers = [(cell % SIZE * side + 20, cell // SIZE * side + 20) for cell in path]
    hunger = 0.75 * min(1.0, state.hunger / params.patience) ** 2
    ends = palette.blend("#7fd3ae", "silver", hunger), palette.blend("#0c7a52", "grey", hunger)
    for i in range(len(path) - 1):
        share = (i + 1) / len(path)
        width = 18 + 12 * min(1.0, (i + 1) / 6)
        canvas.line(*centers[i], *centers[i + 1], palette.blend(*ends, share), width)

    head, heading = int(state.head), int(state.heading)
    x, y = head % SIZE * side + 20, head // SIZE * side + 20
    ahead_x, ahead_y = column_step(heading), row_step(heading)
    lost = state.over and state.food >= 0
    canvas.circle(x, y, 17, palette.blend(ends[1], "slate", 0.8) if lost else ends[1])
    for aside in (-7, 7):
        eye_x, eye_y = x + 6 * ahead_x - aside * ahead_y, y + 6 * ahead_y + aside * ahead_x
        if lost:
            canvas.line(eye_x - 3, eye_y - 3, eye_x + 3, eye_y + 3, "white", 2)
            canvas.line(eye_x - 3, eye_y + 3, eye_x + 3, eye_y - 3, "white", 2)
        else:
            canvas.circle(eye_x, eye_y, 4.5, "white")
            canvas.circle(eye_x + 1.5 * ahead_x, eye_y + 1.5 * ahead_y, 2.4, "ink")


def greedy(obs, space):
    """Go towards the food, but not into a wall or the body; sees one step ahead only."""
    heads, foods = np.argwhere(obs[:, :, 0]), np.argwhere(obs[:, :, 2])
    row, column = heads[0]
    target = foods[0] if len(foods) else heads[0]
    best, best_distance = UP, np.inf
    for action in range(4):
        r, c = row + row_step(action), column + column_step(action)
        inside = 0 <= r < SIZE and 0 <= c < SIZE
        # 57 is the tail, which moves on.
        if inside and obs[r, c, 1] <= 57:
            distance = abs(r - target[0]) + abs(c - target[1])
            if distance < best_distance:
                best, best_distance = action, distance
    return best


ENV = Environment(
    id="sandbox/Snake-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 4), np.uint8),
    action_space=spaces.Discrete(4),
    max_episode_steps=5000,
    action_names=("up", "right", "down", "left"),
    obs_names=("head", "body", "food", "patience left"),
    keys={"up": UP, "right": RIGHT, "down": DOWN, "left": LEFT},
    idle_action=None,
    size=(400, 400),
    fps=8,
    info=("score", "length"),
    baseline=greedy,
)
