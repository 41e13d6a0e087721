"""Break a wall of bricks with a ball on a 10x10 grid; do not let the ball fall past the paddle.

Atari's Breakout (1976) on a small grid, as MinAtar (Young & Tian 2019) made it popular for research; the
rules here are these.

A step moves the paddle, two cells wide, not at all (0), left (1) or right (2). Then the ball moves one cell
diagonally. It bounces off the walls, the ceiling, the bricks and the paddle; the left half of the paddle
sends it left, the right half right. A brick beside, above or below the ball breaks as it bounces; so does
one that it meets corner to corner, and then the ball goes back where it came from. Breaking a brick of the
top row makes the ball fast: it moves two cells a step until the paddle catches it. Each brick gives reward
1. When none is left, a new wall stands as soon as the paddle has the ball again. Missing the ball ends the
episode, and it is cut off after 1000 steps. It begins with a ball below the wall that falls from a random
column to either side.

The observation is a picture of 10x10 cells and 4 channels (uint8): the paddle (255); the ball (255); the
cell the ball goes to if nothing is in the way (255 for a fast ball, else 127); the bricks (255).

`info` has the score (bricks) and the number of walls taken down.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint

SIZE = 10
MAX_ROWS = 5
TOP = 1  # row of the uppermost bricks

STATE = np.dtype(
    [
        ("bricks", "u1", (MAX_ROWS * SIZE,)),
        ("left", "i4"),  # bricks that stand
        ("row", "i4"),
        ("column", "i4"),
        ("down", "i4"),  # 1 or -1
        ("right", "i4"),  # 1 or -1; never into a wall
        ("fast", "?"),
        ("was_row", "i4"),  # where the ball was a step ago, for the picture
        ("was_column", "i4"),
        ("paddle", "i4"),  # its leftmost column
        ("score", "i4"),
        ("walls", "i4"),
    ]
)

PARAMS = {
    "rows": Param(3, low=1, high=MAX_ROWS, unit="rows", help="height of the wall, from the next one on"),
    "paddle_width": Param(2, low=1, high=4, unit="cells", help="a wide paddle is easy"),
    "fast_balls": Param(True, help="off: the ball never gets faster"),
}

STAY, LEFT, RIGHT = range(3)


def reset(state, params):
    """Write the first state of an episode."""
    build_wall(state, params)
    state.paddle = (SIZE - params.paddle_width) // 2
    state.row = TOP + params.rows + 1
    state.column = randint(state, 0, SIZE)
    state.down = 1
    state.right = 2 * randint(state, 0, 2) - 1
    turn_at_walls(state)
    state.was_row, state.was_column = state.row, state.column


def build_wall(state, params):
    """Put up all bricks."""
    state.left = params.rows * SIZE
    for i in range(state.left):
        state.bricks[i] = 1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    moved = state.paddle + int(action == RIGHT) - int(action == LEFT)
    state.paddle = min(max(moved, 0), SIZE - params.paddle_width)
    before = state.score
    state.was_row, state.was_column = state.row, state.column
    fast = state.fast
    move_ball(state, params)
    if fast and state.fast and state.row < SIZE - 1:
        move_ball(state, params)
    return float(state.score - before), state.row == SIZE - 1


def move_ball(state, params):
    """Move the ball by one cell, or turn it where it is if both its old and its new way are blocked."""
    if state.row == SIZE - 2 and state.down == 1:
        meet_paddle(state, params)
    else:
        meet_bricks(state, params)
        turn_at_walls(state)
        if not has_brick(state, state.row + state.down, state.column + state.right):
            state.row += state.down
            state.column += state.right
    turn_at_walls(state)


def meet_paddle(state, params):
    """Send the ball up again from the cell of the paddle it lands on, or let it fall."""
    landing = state.column + state.right - state.paddle
    if landing < 0 or landing >= params.paddle_width:
        landing = state.column - state.paddle  # caught by its edge, from the side
    if landing < 0 or landing >= params.paddle_width:
        state.row += 1
        state.column += state.right
        return
    if 2 * landing + 1 != params.paddle_width:  # the middle of an odd paddle keeps the direction
        state.right = 1 if 2 * landing + 1 > params.paddle_width else -1
    state.down = -1
    state.fast = False
    turn_at_walls(state)
    state.row -= 1
    state.column += state.right
    if state.left == 0:
        state.walls += 1
        build_wall(state, params)


def meet_bricks(state, params):
    """Break the bricks in the ball's way and turn it."""
    above = hit_brick(state, params, state.row + state.down, state.column)
    beside = hit_brick(state, params, state.row, state.column + state.right)
    corner = not above and not beside
    corner = corner and hit_brick(state, params, state.row + state.down, state.column + state.right)
    if above or corner:
        state.down = -state.down
    if beside or corner:
        state.right = -state.right


def has_brick(state, row, column):
    """Whether a brick stands in a cell of the grid."""
    return TOP <= row < TOP + MAX_ROWS and state.bricks[(row - TOP) * SIZE + column] > 0


def hit_brick(state, params, row, column):
    """Break the brick in a cell; whether there was one."""
    if not has_brick(state, row, column):
        return False
    state.bricks[(row - TOP) * SIZE + column] = 0
    state.left -= 1
    state.score += 1
    if row == TOP and params.fast_balls:
        state.fast = True
    return True


def turn_at_walls(state):
    """Turn a ball that would leave the grid with its next move."""
    if state.column + state.right < 0 or state.column + state.right >= SIZE:
        state.right = -state.right
    if state.row + state.down < 0:
        state.down = 1


def observe(state, params, obs):
    """Write the observation."""
    for column in range(state.paddle, min(state.paddle + params.paddle_width, SIZE)):
        obs[SIZE - 1, column, 0] = 255
    obs[state.row, state.column, 1] = 255
    if state.row < SIZE - 1:
        obs[state.row + state.down, state.column + state.right, 2] = 255 if state.fast else 127
    for i in range(MAX_ROWS * SIZE):
        if state.bricks[i]:
            obs[TOP + i // SIZE, i % SIZE, 3] = 255


COLORS = ("#d6455d", "#e0803a", "#d9b23c", "#4fae7d", "#3f7fd0")


def draw(state, params, canvas):
    """Draw the state."""
    side = 40.0
    canvas.background("#151b28")
    for column in range(0, SIZE, 2):
        canvas.rect(column * side, 0, side, 400, "#18202f")
    for i in np.flatnonzero(state.bricks):
        x, y = i % SIZE * side + 1.5, (TOP + i // SIZE) * side + 1.5
        color = COLORS[i // SIZE]
        canvas.rect(x, y, side - 3, side - 3, palette.blend(color, "black", 0.3), 5)
        canvas.rect(x, y, side - 3, side - 7, color, 5)
        canvas.rect(x + 4, y + 4, side - 11, 4, palette.blend(color, "white", 0.35), 2)

    width = params.paddle_width * side
    x, y = state.paddle * side, (SIZE - 1) * side
    canvas.rect(x + 2, y + 6, width - 4, 16, palette.blend("model", "black", 0.3), 8)
    canvas.rect(x + 2, y + 4, width - 4, 14, "#4f8fe8", 7)
    canvas.rect(x + 8, y + 7, width - 16, 3, "#a9c9f5", 1.5)

    x, y = (state.column + 0.5) * side, (state.row + 0.5) * side
    hot = "#ff9d4d" if state.fast else "#e6ecf5"
    lost = state.row == SIZE - 1
    for i in range(7, 0, -1):
        at = (
            x + i / 8 * (state.was_column - state.column) * side,
            y + i / 8 * (state.was_row - state.row) * side,
        )
        canvas.circle(*at, 11 - 1.2 * i, palette.blend("#151b28", hot, 0.5 - 0.06 * i))
    canvas.circle(x, y, 12, "danger" if lost else hot)
    canvas.circle(x - 3.5, y - 3.5, 4, palette.blend("danger", "white", 0.5) if lost else "white")


def follow(obs, space):
    """Keep the paddle under the ball; sees one step ahead only."""
    paddle, ball = np.flatnonzero(obs[-1, :, 0]), np.argwhere(obs[:, :, 1])[0]
    ahead = np.argwhere(obs[:, :, 2])
    target = ahead[0][1] if len(ahead) else ball[1]
    if target < paddle[0]:
        return LEFT
    return RIGHT if target > paddle[-1] else STAY


ENV = Environment(
    id="sandbox/Breakout-v0",
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
    obs_names=("paddle", "ball", "where it goes", "bricks"),
    keys={"left": LEFT, "right": RIGHT},
    idle_action=STAY,
    size=(400, 400),
    fps=8,
    info=("score", "walls"),
    baseline=follow,
)
