"""Bring a chicken across eight lanes of traffic, again and again: Freeway as MinAtar plays it.

The rules are those of MinAtar (Young & Tian 2019, https://arxiv.org/abs/1903.03176), so that returns can be
compared with published ones.

A step moves the chicken not at all (0), up (1) or down (2), if its last move is three steps ago or more; it
stays in its column. With chance 0.1 (`sticky`) the action before is played instead. The upper edge gives
reward 1, sends the chicken back to the lower edge, and gives each car a new random direction and speed.
There is a car in each of the eight lanes between; it moves one cell every 2, 3, 4, 5 or 6 steps and comes
back at the other side. A car that meets the chicken sends it back to the lower edge. Nothing else ends an
episode than its 2500 steps.

MinAtar has six actions, three of which do nothing here. These are the three others, which MinAtar calls the
minimal set, and gymnax has; the paper's returns are with all six. gymnax has no sticky actions.

The observation is a picture of 10x10 cells and 7 channels (uint8), all 0 or 255: the chicken; the cars; and
five channels for the cells behind cars, one for each speed, the fastest first. `info` has the number of
times the chicken was hit.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment
from envs.engine.random import randint
from envs.scenes import minatar as scene
from envs.scenes.minatar import LAST, SIZE, STICKY, stick

LANES = 8
COLUMN = 4  # the chicken's
PAUSE = 3  # steps from one move of the chicken to the next
SPEEDS = 5

STATE = np.dtype(
    [
        ("row", "i4"),
        ("wait", "i4"),  # steps until the chicken may move
        ("at", "i4", (LANES,)),  # columns of the cars; lane 0 is row 1
        ("right", "i4", (LANES,)),  # 1 or -1
        ("speed", "i4", (LANES,)),  # 1 to 5: steps it waits between two moves
        ("move_in", "i4", (LANES,)),
        ("hits", "i4"),
        ("played", "i4"),
    ]
)

PARAMS = {"sticky": STICKY}

STAY, UP, DOWN = range(3)


def reset(state, params):
    """Write the first state of an episode."""
    state.row = LAST
    state.wait = PAUSE
    change_traffic(state)


def change_traffic(state):
    """Give each car a new direction and speed."""
    for lane in range(LANES):
        state.speed[lane] = randint(state, 1, SPEEDS + 1)
        state.right[lane] = 2 * randint(state, 0, 2) - 1
        state.move_in[lane] = state.speed[lane]


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    action = stick(state, action, params)
    if action != STAY and state.wait == 0:
        state.wait = PAUSE
        state.row = min(max(state.row + int(action == DOWN) - int(action == UP), 0), LAST)
    reward = 0.0
    if state.row == 0:
        reward = 1.0
        change_traffic(state)
        state.row = LAST

    for lane in range(LANES):
        run_over(state, lane)
        if state.move_in[lane] == 0:
            state.move_in[lane] = state.speed[lane]
            state.at[lane] = (state.at[lane] + state.right[lane]) % SIZE
            run_over(state, lane)
        else:
            state.move_in[lane] -= 1
    state.wait -= int(state.wait > 0)
    return reward, False


def run_over(state, lane):
    """Send the chicken back if the car of a lane has it."""
    if state.row == lane + 1 and state.at[lane] == COLUMN:
        state.row = LAST
        state.hits += 1


def observe(state, params, obs):
    """Write the observation."""
    obs[state.row, COLUMN, 0] = 255
    for lane in range(LANES):
        obs[lane + 1, state.at[lane], 1] = 255
        obs[lane + 1, (state.at[lane] - state.right[lane]) % SIZE, 1 + state.speed[lane]] = 255


PAINTS = ("danger", "human", "silver", "truth", "model")


def draw(state, params, canvas):
    """Draw the state: a road with its lanes, cars the redder the faster, and the chicken."""
    side = scene.CELL
    grass = palette.blend("night", "truth", 0.45)
    road = palette.blend("night", "slate", 0.45)
    canvas.background(grass)
    canvas.rect(0, side, 400, LANES * side, road)
    for y in (side, (LANES + 1) * side):
        canvas.line(0, y, 400, y, "silver", 3)
    for lane in range(1, LANES):
        for i in range(SIZE):
            color = palette.blend(road, "white", 0.4 if lane != LANES // 2 else 0.75)
            canvas.rect(i * side + 10, (lane + 1) * side - 1.2, 20, 2.4, color, 1)
    canvas.rect(COLUMN * side, 0, side, side, palette.blend(grass, "white", 0.2))
    canvas.rect(COLUMN * side, LAST * side, side, side, palette.blend(grass, "white", 0.2))
    for lane in range(LANES):
        right = int(state.right[lane])
        moved = scene.slide(right, state.move_in[lane], state.speed[lane] + 1)
        for turn in (-SIZE, 0, SIZE):  # one that is leaving is coming in again
            x = scene.middle(state.at[lane] + moved + turn)
            if -side < x < 400 + side:
                draw_car(canvas, x, scene.middle(lane + 1), right, PAINTS[state.speed[lane] - 1])
    draw_chicken(canvas, scene.middle(COLUMN), scene.middle(state.row))


def draw_car(canvas, x, y, right, color):
    """Draw a car from above."""
    for along in (-10, 10):
        canvas.rect(x + along - 4, y - 13, 8, 26, "black", 2)
    canvas.rect(x - 18, y - 11, 36, 22, palette.blend(color, "black", 0.25), 7)
    canvas.rect(x - 18, y - 11, 36, 19, color, 7)
    canvas.rect(x - 8 - 3 * right, y - 8, 16, 14, palette.blend(color, "white", 0.3), 4)
    canvas.rect(x + 7 * right - 2.5, y - 8, 5, 14, "night", 2)
    for across in (-7, 6):
        canvas.circle(x + 16.5 * right, y + across, 2.2, palette.blend("human", "white", 0.75))


def draw_chicken(canvas, x, y):
    """Draw the chicken from above, on its way up."""
    canvas.polygon([(x - 9, y + 8), (x, y + 18), (x + 9, y + 8)], "silver")
    canvas.circle(x, y + 3, 11, "white")
    for side in (-1, 1):
        canvas.circle(x + 9 * side, y + 4, 5, "mist")
    canvas.circle(x, y - 8, 7, "white")
    canvas.circle(x, y - 11, 3, "danger")
    canvas.polygon([(x - 3, y - 14), (x + 3, y - 14), (x, y - 20)], "human")
    for side in (-1, 1):
        canvas.circle(x + 4 * side, y - 9, 1.4, "night")


def cross(obs, space):
    """Go up if no car can come in the lane ahead before the next move; back from one that comes."""
    row = int(np.argmax(obs[:, COLUMN, 0]))

    def safe(target):
        if target in (0, LAST):
            return True
        at = int(np.argmax(obs[target, :, 1]))
        behind, channel = divmod(int(np.argmax(obs[target, :, 2:])), SPEEDS)
        right = 1 if (behind + 1) % SIZE == at else -1
        moves = -(-(PAUSE + 1) // (channel + 2))
        return (COLUMN - at) * right % SIZE > moves

    if safe(row - 1):
        return UP
    return STAY if row == LAST or safe(row) or not safe(row + 1) else DOWN


ENV = Environment(
    id="sandbox/MinAtarFreeway-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 7), np.uint8),
    action_space=spaces.Discrete(3),
    max_episode_steps=2500,
    action_names=("stay", "up", "down"),
    obs_names=("chicken", "cars", *(f"behind cars, {n + 1} steps a cell" for n in range(1, SPEEDS + 1))),
    keys={"up": UP, "down": DOWN},
    idle_action=STAY,
    size=(400, 400),
    fps=20,
    info=("hits",),
    baseline=cross,
)
