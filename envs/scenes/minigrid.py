"""Rules of grid worlds in MiniGrid's manner: a grid of cells, someone who turns and walks, and what they see.

Chevalier-Boisvert et al. 2023, "Minigrid & Miniworld: Modular & customizable reinforcement learning
environments". The state has `grid` (u1, SIDE * SIDE), `at` (a cell), `heading`, and `carrying` (what is
carried, or EMPTY). Colours, which no task here needs, and the actions to drop something and to be done are
left out.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.random import randint

SIDE = 25
"""Of every grid; a smaller world lies in its top left corner, with walls around."""
VIEW = 7
REACH = VIEW // 2

EMPTY, WALL, CLOSED, LOCKED, OPEN, KEY, BALL, GOAL = range(8)
CHANNELS = ("seen", "wall", "closed door", "locked door", "open door", "key", "ball", "goal")

LEFT, RIGHT, FORWARD, PICKUP, TOGGLE = range(5)
ACTIONS = ("left", "right", "forward", "pick up", "toggle")
KEYS = {"left": LEFT, "right": RIGHT, "up": FORWARD, "down": PICKUP, "space": TOGGLE}

OBSERVATIONS = spaces.Box(0, 255, (VIEW, VIEW, len(CHANNELS)), np.uint8)


def ahead_x(heading):
    """Columns that a step leads to the right: heading 0 is right, 1 down, 2 left, 3 up."""
    return int(heading == 0) - int(heading == 2)


def ahead_y(heading):
    """Rows that a step leads down."""
    return int(heading == 1) - int(heading == 3)


def cell_at(x, y):
    """The number of a cell."""
    return y * SIDE + x


def front(state):
    """The cell in front."""
    return state.at + cell_at(ahead_x(state.heading), ahead_y(state.heading))


def fill(state, x, y, width, height, code):
    """Fill a rectangle."""
    for row in range(y, y + height):
        for column in range(x, x + width):
            state.grid[cell_at(column, row)] = code


def free_cell(state, x, y, width, height):
    """An empty cell of a rectangle, each equally likely, where nobody stands; there must be one."""
    cell = -1
    while cell < 0 or cell == state.at or state.grid[cell] != EMPTY:
        cell = cell_at(x + randint(state, 0, width), y + randint(state, 0, height))
    return cell


def act(state, action):
    """Turn, walk, pick up or toggle; returns whether that led onto the goal."""
    cell = front(state)
    there = state.grid[cell]
    if action == LEFT:
        state.heading = (state.heading + 3) % 4
    elif action == RIGHT:
        state.heading = (state.heading + 1) % 4
    elif action == FORWARD:
        if there in (EMPTY, OPEN, GOAL):
            state.at = cell
            return there == GOAL
    elif action == PICKUP:
        if there in (KEY, BALL) and state.carrying == EMPTY:
            state.carrying = there
            state.grid[cell] = EMPTY
    elif there == OPEN:
        state.grid[cell] = CLOSED
    elif there == CLOSED or (there == LOCKED and state.carrying == KEY):
        state.grid[cell] = OPEN
    return False


def success(state, limit):
    """The reward of arriving with this step: 1, less up to 0.9 for the share of the time it took."""
    return 1.0 - 0.9 * (state.steps + 1) / limit


def in_view(state, row, column):
    """What is at a place of the view, whose bottom row's middle is where one stands; WALL outside."""
    ahead, aside = VIEW - 1 - row, column - REACH
    dx, dy = ahead_x(state.heading), ahead_y(state.heading)
    x = state.at % SIDE + ahead * dx - aside * dy
    y = state.at // SIDE + ahead * dy + aside * dx
    if x < 0 or y < 0 or x >= SIDE or y >= SIDE:
        return WALL
    return int(state.grid[cell_at(x, y)])


def spread(state, obs, row, column, side):
    """Where one can look through a cell, see its neighbour and the two behind these."""
    if not obs[row, column, 0]:
        return
    there = in_view(state, row, column)
    if there in (WALL, CLOSED, LOCKED):
        return
    obs[row, column + side, 0] = 255
    if row > 0:
        obs[row - 1, column + side, 0] = 255
        obs[row - 1, column, 0] = 255


def look(state, obs):
    """Write the 7x7 cells ahead, as far as no wall or door hides them; what is carried lies underfoot.

    Sight spreads row by row, first to the right and then to the left, as in MiniGrid.
    """
    obs[VIEW - 1, REACH, 0] = 255
    for row in range(VIEW - 1, -1, -1):
        for column in range(VIEW - 1):
            spread(state, obs, row, column, 1)
        for column in range(VIEW - 1, 0, -1):
            spread(state, obs, row, column, -1)
    for row in range(VIEW):
        for column in range(VIEW):
            there = in_view(state, row, column)
            if obs[row, column, 0] and there != EMPTY:
                obs[row, column, there] = 255
    if state.carrying != EMPTY:
        obs[VIEW - 1, REACH, state.carrying] = 255
