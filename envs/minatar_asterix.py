"""Gather treasure and keep clear of enemies on a 10x10 grid: Asterix as MinAtar plays it.

The rules are those of MinAtar (Young & Tian 2019, https://arxiv.org/abs/1903.03176), so that returns can be
compared with published ones.

A step moves the player not at all (0), or a cell left (1), up (2), right (3) or down (4), within the eight
middle rows. With chance 0.1 (`sticky`) the action before is played instead. Every ten steps something comes
in from a random side in a random free row of those, one thing a row at most: with chance 1/3 (`treasure`)
treasure, else an enemy. Everything moves one cell every five steps and leaves at the other side. Treasure
gives reward 1 to a player who is where it is, an enemy ends the episode. Every 102 steps it gets harder
(`ramping`): things come one step sooner, and every other time they also move one step sooner, until both
happen in every step. The player begins in the middle.

MinAtar has six actions, one of which does nothing here. These are the five others, which MinAtar calls the
minimal set, and gymnax has; the paper's returns are with all six. Episodes have no limit there; they are
cut off after 1000 steps here, as in gymnax. gymnax has no sticky actions.

The observation is a picture of 10x10 cells and 4 channels (uint8), all 0 or 255: the player; enemies; the
cells behind enemies and treasure, which tell where they are going; treasure. `info` has the level of
difficulty.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform
from envs.scenes import minatar as scene
from envs.scenes.minatar import DOWN, LAST, LEFT, NOOP, RAMPING, RIGHT, SIZE, STICKY, UP, inside, stick

LANES = 8
FIRST_SPAWN = 10  # steps from one thing to the next
FIRST_MOVE = 5  # steps from one move of all things to the next
RAMP = 100  # what the ramp's timer begins with

EMPTY, ENEMY, GOLD = range(3)

STATE = np.dtype(
    [
        ("row", "i4"),
        ("column", "i4"),
        ("kind", "u1", (LANES,)),  # what is in each lane; lane 0 is row 1
        ("at", "i4", (LANES,)),  # column
        ("right", "i4", (LANES,)),  # 1 or -1
        ("spawn_every", "i4"),
        ("spawn_in", "i4"),
        ("move_every", "i4"),
        ("move_in", "i4"),
        ("ramp_in", "i4"),
        ("level", "i4"),
        ("played", "i4"),
    ]
)

PARAMS = {
    "sticky": STICKY,
    "ramping": RAMPING,
    "treasure": Param(1 / 3, low=0.0, high=1.0, help="chance that what comes in is treasure"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.row, state.column = 5, 5
    state.spawn_every = state.spawn_in = FIRST_SPAWN
    state.move_every = state.move_in = FIRST_MOVE
    state.ramp_in = RAMP


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    action = stick(state, action, params)
    if state.spawn_in == 0:
        spawn(state, params)
        state.spawn_in = state.spawn_every
    state.column = min(max(state.column + int(action == RIGHT) - int(action == LEFT), 0), LAST)
    state.row = min(max(state.row + int(action == DOWN) - int(action == UP), 1), LANES)

    reward, caught = meet(state)
    if state.move_in == 0:
        state.move_in = state.move_every
        for lane in range(LANES):
            state.at[lane] += state.right[lane]
            if not inside(state.at[lane]):
                state.kind[lane] = EMPTY
        more, caught_now = meet(state)
        reward += more
        caught = caught or caught_now
    state.spawn_in -= 1
    state.move_in -= 1
    if params.ramping:
        ramp(state)
    return reward, caught


def spawn(state, params):
    """Let something in at a side, in a random free lane if there is one."""
    right = 2 * randint(state, 0, 2) - 1
    kind = GOLD if uniform(state, 0.0, 1.0) < params.treasure else ENEMY
    free = 0
    for lane in range(LANES):
        free += state.kind[lane] == EMPTY
    if free == 0:
        return
    skip = randint(state, 0, free)
    for lane in range(LANES):
        if state.kind[lane] == EMPTY:
            if skip == 0:
                state.kind[lane] = kind
                state.right[lane] = right
                state.at[lane] = 0 if right == 1 else LAST
                return
            skip -= 1


def meet(state):
    """What the player's lane holds for him: reward, and whether an enemy has him."""
    lane = state.row - 1
    if state.kind[lane] == EMPTY or state.at[lane] != state.column:
        return 0.0, False
    if state.kind[lane] == ENEMY:
        return 0.0, True
    state.kind[lane] = EMPTY
    return 1.0, False


def ramp(state):
    """Make it harder when it is time."""
    if state.spawn_every == 1 and state.move_every == 1:
        return
    if state.ramp_in >= 0:
        state.ramp_in -= 1
        return
    if state.move_every > 1 and state.level % 2 == 1:
        state.move_every -= 1
    if state.spawn_every > 1:
        state.spawn_every -= 1
    state.level += 1
    state.ramp_in = RAMP


def observe(state, params, obs):
    """Write the observation."""
    obs[state.row, state.column, 0] = 255
    for lane in range(LANES):
        if state.kind[lane] != EMPTY:
            obs[lane + 1, state.at[lane], 1 if state.kind[lane] == ENEMY else 3] = 255
            behind = state.at[lane] - state.right[lane]
            if inside(behind):
                obs[lane + 1, behind, 2] = 255


def draw(state, params, canvas):
    """Draw the state: lanes, treasure, ghosts, and the player."""
    ground = palette.blend("night", "truth", 0.1)
    canvas.background(palette.blend("night", "truth", 0.22))
    for lane in range(LANES):
        color = palette.blend(ground, "slate", 0.14 * (lane % 2))
        canvas.rect(0, (lane + 1) * scene.CELL, 400, scene.CELL, color)
    for lane in np.flatnonzero(state.kind):
        right = int(state.right[lane])
        x = scene.middle(state.at[lane] + scene.slide(right, state.move_in, state.move_every))
        y = scene.middle(lane + 1)
        for i in range(3, 0, -1):
            color = "human" if state.kind[lane] == GOLD else "danger"
            trail = palette.blend(ground, color, 0.34 - 0.09 * i)
            canvas.circle(x - right * 9 * i, y + 3, 11 - 2.5 * i, trail)
        if state.kind[lane] == GOLD:
            draw_treasure(canvas, x, y)
        else:
            draw_ghost(canvas, x, y, right)
    draw_player(state, canvas)


def draw_treasure(canvas, x, y):
    """Draw a chest with a lit lid."""
    gold = palette.blend("human", "white", 0.35)
    canvas.rect(x - 14, y - 9, 28, 22, palette.blend("human", "black", 0.4), 4)
    canvas.rect(x - 14, y - 11, 28, 11, "human", 5)
    canvas.rect(x - 14, y - 1, 28, 3, gold)
    canvas.rect(x - 4, y - 4, 8, 9, gold, 2)
    canvas.circle(x, y, 1.8, "night")


def draw_ghost(canvas, x, y, right):
    """Draw an enemy that looks where it is going."""
    canvas.circle(x, y - 2, 14, "danger")
    canvas.rect(x - 14, y - 2, 28, 12, "danger")
    for aside in (-9.3, 0.0, 9.3):
        canvas.circle(x + aside, y + 10, 4.7, "danger")
    scene.eyes(canvas, x, y - 3, right)


def draw_player(state, canvas):
    """Draw the player: a winged helmet over a face, crossed out when an enemy has it."""
    x, y = scene.middle(state.column), scene.middle(state.row)
    light = palette.blend("model", "white", 0.55)
    for side in (-1, 1):
        canvas.polygon([(x + 9 * side, y - 4), (x + 19 * side, y - 18), (x + 15 * side, y + 1)], "white")
    canvas.circle(x, y + 3, 13, palette.blend("human", "white", 0.6))
    canvas.circle(x, y - 3, 13, "model")
    canvas.rect(x - 14, y - 1, 28, 5, light, 2)
    for side in (-1, 1):
        canvas.circle(x + 5 * side, y + 8, 2, "night")
    if state.over:
        canvas.line(x - 15, y - 15, x + 15, y + 15, "danger", 5)
        canvas.line(x - 15, y + 15, x + 15, y - 15, "danger", 5)


def dodge(obs, space):
    """Go to the nearest treasure by cells that no enemy can enter in the next step, else to the middle."""
    row, column = divmod(int(obs[:, :, 0].argmax()), SIZE)
    trail, danger, targets, empty = obs[:, :, 2], set(), [], set(range(1, LANES + 1))
    for r, c, kind in np.argwhere(obs[:, :, 1::2]).tolist():
        empty.discard(r)
        if kind == 1:
            targets.append((r, c))
        else:
            danger |= {(r, c), (r, c + (1 if c == 0 or trail[r, c - 1] else -1))}
    danger |= {(r, c) for r in empty for c in (0, LAST)}  # something may come in there
    best, least = NOOP, np.inf
    for action in (NOOP, LEFT, UP, RIGHT, DOWN):
        c = min(max(column + (action == RIGHT) - (action == LEFT), 0), LAST)
        r = min(max(row + (action == DOWN) - (action == UP), 1), LANES)
        cost = min(abs(y - r) + abs(x - c) for y, x in targets or [(5, 5)])
        cost += 100 * ((r, c) in danger)
        if cost < least:
            best, least = action, cost
    return best


ENV = Environment(
    id="sandbox/MinAtarAsterix-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 4), np.uint8),
    action_space=spaces.Discrete(5),
    max_episode_steps=1000,
    action_names=("stay", "left", "up", "right", "down"),
    obs_names=("player", "enemies", "where things were", "treasure"),
    keys={"left": LEFT, "up": UP, "right": RIGHT, "down": DOWN},
    idle_action=NOOP,
    size=(400, 400),
    fps=20,
    info=("level",),
    baseline=dodge,
)
