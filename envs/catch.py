"""Catch a falling ball with a paddle.

Catch of bsuite (Osband et al. 2019, "Behaviour suite for reinforcement learning"; the game of Mnih et al.
2014, "Recurrent models of visual attention").

The board has 10 rows of 5 columns. A ball begins in the top row, in any column; the paddle in the middle of
the bottom row. A step moves the paddle to the left (0), not at all (1) or to the right (2), no farther than
the edge, and the ball down by one row. When the ball reaches the bottom row the episode ends, with reward 1
if the paddle is there and -1 if not; all other rewards are 0. `noise` and `scale` are bsuite's: a normally
distributed number of that deviation is added to every reward, and all rewards are multiplied. The
observation is the board with 1 where ball and paddle are.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import normal, randint

ROWS, COLUMNS = 10, 5

STATE = np.dtype([("row", "i4"), ("ball", "i4"), ("paddle", "i4")])

PARAMS = {
    "noise": Param(0.0, low=0.0, high=10.0, help="standard deviation of what is added to rewards"),
    "scale": Param(1.0, low=0.001, high=1000.0, help="what rewards are multiplied by"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.ball = randint(state, 0, COLUMNS)
    state.paddle = COLUMNS // 2


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.paddle = min(max(state.paddle + action - 1, 0), COLUMNS - 1)
    state.row += 1
    over = state.row == ROWS - 1
    reward = 0.0
    if over:
        reward = 1.0 if state.paddle == state.ball else -1.0
    if params.noise > 0.0:
        reward += normal(state, 0.0, params.noise)
    return params.scale * reward, over


def observe(state, params, obs):
    """Write the observation."""
    obs[state.row, state.ball] = 1.0
    obs[ROWS - 1, state.paddle] = 1.0


def draw(state, params, canvas):
    """Draw the board."""
    tile = canvas.height / ROWS
    canvas.background("paper")
    for row in range(ROWS):
        for column in range(COLUMNS):
            tone = palette.blend("paper", "mist", 0.9 if (row + column) % 2 else 0.35)
            canvas.rect(column * tile, row * tile, tile + 0.5, tile + 0.5, tone)
    for row in range(max(0, int(state.row) - 3), int(state.row)):
        size = tile * (0.26 - 0.06 * (state.row - row))
        canvas.circle(
            (state.ball + 0.5) * tile, (row + 0.5) * tile, size, palette.blend("mist", "danger", 0.25)
        )
    x, y = (state.paddle + 0.5) * tile, (ROWS - 0.5) * tile
    over = state.row == ROWS - 1
    color = "model" if not over else "truth" if state.paddle == state.ball else "danger"
    canvas.rect(x - 0.46 * tile, y + 0.05 * tile, 0.92 * tile, 0.3 * tile, color, 0.12 * tile)
    x, y = (state.ball + 0.5) * tile, (state.row + (0.25 if over else 0.5)) * tile
    canvas.circle(x, y, 0.3 * tile, "danger")
    canvas.circle(x - 0.09 * tile, y - 0.1 * tile, 0.08 * tile, palette.blend("danger", "white", 0.6))


def go_under(obs, space):
    """Move under the ball."""
    ball = int(obs[: ROWS - 1].any(axis=0).argmax())
    return 1 + int(np.sign(ball - int(obs[ROWS - 1].argmax())))


ENV = Environment(
    id="sandbox/Catch-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0.0, 1.0, (ROWS, COLUMNS), np.float32),
    action_space=spaces.Discrete(3),
    reward_threshold=0.99,
    action_names=("left", "stay", "right"),
    keys={"left": 0, "right": 2},
    idle_action=1,
    size=(220, 440),
    fps=4,
    baseline=go_under,
)
