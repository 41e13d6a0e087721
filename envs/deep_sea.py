"""Dive to a treasure that only someone finds who goes right every time, though each such step costs.

DeepSea of bsuite (Osband et al. 2019, "Behaviour suite for reinforcement learning"), without its noise:
random players need 2^side episodes on average to see the treasure once.

The sea has `side` by `side` cells. A diver begins at the top left and sinks by one row a step, one column
to the left or to the right; at both sides the wall stops it. Which of the two actions leads right differs
from cell to cell; `mapping` numbers such seas, and stays the same from episode to episode. A step to the
right costs `cost` / `side`, one to the left nothing. Going right in the last column, which can only be done
in the last row, gives 1. The episode ends after `side` steps: 1 - `cost` in all is the best, 0 what a
careful player gets.

The observation is the number of the cell, row by row of 20, whatever the size is; 400 at the end.

`info` has `found`, whether the treasure was.
"""

import itertools

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param

MOST = 20

STATE = np.dtype(
    [
        ("row", "i4"),
        ("column", "i4"),
        ("side", "i4"),
        ("found", "?"),
        ("path", "i1", (MOST + 1,)),  # columns so far, for the picture
    ]
)

PARAMS = {
    "side": Param(10, low=2, high=MOST, unit="cells", help="rows and columns, from the next episode on"),
    "cost": Param(0.01, low=0.0, high=0.5, help="of going right every time"),
    "mapping": Param(0, low=0, high=1000, help="another number, other actions lead right"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.side = params.side


def rightwards(row, column, mapping):
    """The action that leads right in a cell: as good as random, but the same every time."""
    mixed = (row * 7919 + column * 104729 + mapping * 1299709 + 15485863) % 1000003
    mixed = mixed * mixed % 1000003
    return mixed * mixed % 1000003 // 7 % 2


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    reward = 0.0
    if action == rightwards(state.row, state.column, params.mapping):
        reward -= params.cost / state.side
        if state.column == state.side - 1:
            reward += 1.0
            state.found = True
        state.column = min(state.column + 1, state.side - 1)
    else:
        state.column = max(state.column - 1, 0)
    state.row += 1
    state.path[state.row] = state.column
    return reward, state.row == state.side


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = MOST * MOST if state.row == state.side else state.row * MOST + state.column


def draw(state, params, canvas):
    """Draw the sea, darker with depth, the way so far, and the treasure."""
    cell = canvas.width / (state.side + 1)
    edge, size = cell / 2, int(state.side)
    canvas.background("#d8ecf5")
    for row in range(size):
        color = palette.blend("#69b7dc", "#0c2b4d", row / max(1, size - 1))
        canvas.rect(0, edge + row * cell, canvas.width, cell + 1, color)
        for column in range(row + 1):
            x, y = edge + (column + 0.5) * cell, edge + (row + 0.5) * cell
            canvas.circle(x, y, 0.07 * cell, palette.blend(color, "white", 0.35))
    canvas.rect(0, edge + size * cell - 0.12 * cell, canvas.width, edge + cell, "#8a7552")
    x, y = edge + (size - 0.5) * cell, edge + (size - 0.3) * cell
    lid = "#f0c64f" if state.found else "#a8742e"
    canvas.rect(x - 0.36 * cell, y - 0.28 * cell, 0.72 * cell, 0.5 * cell, "#7a4f1e", 0.08 * cell)
    canvas.rect(x - 0.36 * cell, y - 0.34 * cell, 0.72 * cell, 0.22 * cell, lid, 0.08 * cell)
    canvas.circle(x, y - 0.1 * cell, 0.07 * cell, "#f0c64f")
    places = [
        (edge + (state.path[row] + 0.5) * cell, edge + (min(row, size - 0.3) + 0.5) * cell)
        for row in range(int(state.row) + 1)
    ]
    for (x1, y1), (x2, y2) in itertools.pairwise(places):
        canvas.line(x1, y1, x2, y2, "#f6d98b", 0.08 * cell)
    x, y = places[-1]
    if state.row == size:
        y -= 0.5 * cell
    canvas.circle(x, y, 0.32 * cell, "#e8872b")
    canvas.circle(x + 0.1 * cell, y - 0.02 * cell, 0.19 * cell, "#d9f1fa")
    canvas.rect(x - 0.36 * cell, y - 0.2 * cell, 0.16 * cell, 0.4 * cell, "slate", 0.06 * cell)
    canvas.circle(x - 0.24 * cell, y - 0.44 * cell, 0.07 * cell, "white")


def always_right(obs, space):
    """Go right, knowing which action that is in the sea of the default mapping."""
    return int(rightwards(int(obs) // MOST, int(obs) % MOST, PARAMS["mapping"].default))


ENV = Environment(
    id="sandbox/DeepSea-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Discrete(MOST * MOST + 1),
    action_space=spaces.Discrete(2),
    reward_threshold=0.98,
    action_names=("A", "B"),
    keys={"left": 0, "right": 1},
    turn_based=True,
    size=(440, 440),
    fps=4,
    info=("found",),
    baseline=always_right,
)
