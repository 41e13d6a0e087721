"""Break a wall of bricks with a ball on a 10x10 grid: Breakout as MinAtar plays it.

The rules are those of MinAtar (Young & Tian 2019, https://arxiv.org/abs/1903.03176), so that returns can be
compared with published ones. `breakout` has rules of its own.

A step moves the paddle, one cell wide, not at all (0), left (1) or right (2). With chance 0.1 (`sticky`)
the action before is played instead. Then the ball moves one cell diagonally. At a side wall it moves along
the wall for a step and turns; at the ceiling likewise. A brick in its way breaks, reward 1, and the ball
turns from up to down or back and stays in its row, but a ball that has broken a brick passes through others
until it has been in a free cell. A ball that would enter the lowest row turns up if the paddle is below it,
and goes back where it came from if the paddle is where it would land. Otherwise it is lost, which ends the
episode. Three rows of bricks stand at first, and again when the ball comes down after the last one is
broken. An episode begins with the ball in the upper left or right corner of the wall, on its way down.

MinAtar has six actions, three of which do nothing here. These are the three others, which MinAtar calls the
minimal set, and gymnax has; the paper's returns are with all six. Episodes have no limit there; they are
cut off after 1000 steps here, as in gymnax. gymnax has no sticky actions.

The observation is a picture of 10x10 cells and 4 channels (uint8), all 0 or 255: the paddle; the ball;
where the ball was a step ago; the bricks. `info` has the number of walls taken down.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment
from envs.engine.random import randint
from envs.scenes import minatar as scene
from envs.scenes.minatar import LAST, SIZE, STICKY, inside, stick

ROWS = 3
TOP = 1  # row of the uppermost bricks

STATE = np.dtype(
    [
        ("row", "i4"),
        ("column", "i4"),
        ("down", "i4"),  # 1 or -1
        ("right", "i4"),  # 1 or -1
        ("was_row", "i4"),
        ("was_column", "i4"),
        ("paddle", "i4"),
        ("bricks", "u1", (ROWS * SIZE,)),
        ("left", "i4"),  # bricks that stand
        ("struck", "?"),  # the ball met a brick in its last step
        ("walls", "i4"),
        ("played", "i4"),
    ]
)

PARAMS = {"sticky": STICKY}

STAY, LEFT, RIGHT = range(3)


def reset(state, params):
    """Write the first state of an episode."""
    state.right = 2 * randint(state, 0, 2) - 1
    state.column = 0 if state.right == 1 else LAST
    state.row = TOP + ROWS - 1
    state.down = 1
    state.was_row, state.was_column = state.row, state.column
    state.paddle = 4
    build_wall(state)


def build_wall(state):
    """Put up all bricks."""
    state.left = ROWS * SIZE
    for i in range(ROWS * SIZE):
        state.bricks[i] = 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    action = stick(state, action, params)
    moved = state.paddle + int(action == RIGHT) - int(action == LEFT)
    state.paddle = min(max(moved, 0), LAST)
    before_row, before_column = state.row, state.column
    row, column = state.row + state.down, state.column + state.right
    reward, lost = 0.0, False

    if not inside(column):
        column = state.column
        state.right = -state.right
    if row < 0:
        row = 0
        state.down = 1
        state.struck = False
    elif TOP <= row < TOP + ROWS and state.bricks[(row - TOP) * SIZE + column]:
        if not state.struck:
            reward = 1.0
            state.bricks[(row - TOP) * SIZE + column] = 0
            state.left -= 1
            state.down = -state.down
            row = state.row
        state.struck = True
    else:
        state.struck = False
        if row == LAST:
            if state.left == 0:
                build_wall(state)
                state.walls += 1
            if state.paddle == state.column or state.paddle == column:
                if state.paddle != state.column:
                    state.right = -state.right
                state.down = -1
                row = state.row
            else:
                lost = True

    state.row, state.column = row, column
    state.was_row, state.was_column = before_row, before_column
    return reward, lost


def observe(state, params, obs):
    """Write the observation."""
    obs[LAST, state.paddle, 0] = 255
    obs[state.row, state.column, 1] = 255
    obs[state.was_row, state.was_column, 2] = 255
    for i in range(ROWS * SIZE):
        if state.bricks[i]:
            obs[TOP + i // SIZE, i % SIZE, 3] = 255


COLORS = ("danger", "human", "truth")


def draw(state, params, canvas):
    """Draw the state."""
    scene.checks(canvas, scene.SKY, palette.blend(scene.SKY, "slate", 0.12))
    side = scene.CELL
    for i in np.flatnonzero(state.bricks):
        x, y = i % SIZE * side + 1.5, (TOP + i // SIZE) * side + 1.5
        color = COLORS[i // SIZE]
        canvas.rect(x, y, side - 3, side - 3, palette.blend(color, "black", 0.35), 5)
        canvas.rect(x, y, side - 3, side - 7, color, 5)
        canvas.rect(x + 4, y + 4, side - 11, 4, palette.blend(color, "white", 0.4), 2)

    x, y = scene.middle(state.paddle), scene.middle(LAST)
    canvas.rect(x - 19, y - 12, 38, 16, palette.blend("model", "black", 0.3), 7)
    canvas.rect(x - 19, y - 14, 38, 14, palette.blend("model", "white", 0.2), 7)
    canvas.rect(x - 14, y - 11, 28, 3, palette.blend("model", "white", 0.6), 1.5)

    lost = state.row == LAST
    hot = "danger" if lost else "white"
    x, y = scene.middle(state.column), scene.middle(state.row)
    for i in range(7, 0, -1):
        at = (
            x + i / 8 * (state.was_column - state.column) * side,
            y + i / 8 * (state.was_row - state.row) * side,
        )
        canvas.circle(*at, 11 - 1.2 * i, palette.blend(scene.SKY, hot, 0.45 - 0.05 * i))
    canvas.circle(x, y, 12, palette.blend(hot, "slate", 0.15))
    canvas.circle(x - 3, y - 3, 5, palette.blend(hot, "white", 0.7))


def meet(obs, space):
    """Go where the ball will come down, by playing on as if it broke every brick that it meets."""
    paddle, bricks = int(np.argmax(obs[LAST, :, 0])), obs[:, :, 3].copy()
    row, column = divmod(int(np.argmax(obs[:, :, 1])), SIZE)
    was_row, was_column = divmod(int(np.argmax(obs[:, :, 2])), SIZE)
    right = np.sign(column - was_column) or (1 if column == 0 else -1)
    down = np.sign(row - was_row) or (-1 if row == LAST - 1 else 1)
    for _ in range(100):
        if row == LAST - 1 and down == 1:
            break
        if inside(column + right):
            column += right
        else:
            right = -right
        if row + down < 0:
            down = 1
        elif bricks[row + down, column]:
            bricks[row + down, column] = 0
            down = -down
        else:
            row += down
    if column == paddle:
        return STAY
    return LEFT if column < paddle else RIGHT


ENV = Environment(
    id="sandbox/MinAtarBreakout-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 4), np.uint8),
    action_space=spaces.Discrete(3),
    max_episode_steps=1000,
    action_names=("stay", "left", "right"),
    obs_names=("paddle", "ball", "where it was", "bricks"),
    keys={"left": LEFT, "right": RIGHT},
    idle_action=STAY,
    size=(400, 400),
    fps=10,
    info=("walls",),
    baseline=meet,
)
