"""Shoot waves of aliens that come down and shoot back, on a 10x10 grid: Space Invaders as MinAtar plays it.

The rules are those of MinAtar (Young & Tian 2019, https://arxiv.org/abs/1903.03176), so that returns can be
compared with published ones.

A step leaves the cannon where it is (0), moves it left (1) or right (2), or fires (3) if the last shot is
five steps ago or more. With chance 0.1 (`sticky`) the action before is played instead. Then shots go up and
bombs come down, a cell a step, through one another. The aliens, 4 rows of 6, move sideways together every
12 steps; where one is at the edge in their direction they come down a row and turn instead. With fewer than
12 left they move every so many steps as there are left, the last one in every step. Every ten steps the
lowest alien of the nearest column with any drops a bomb. An alien in the cell of a shot is gone with it:
reward 1. When the last one is gone the next wave stands at the top, and moves one step sooner, down to
every 6 (`ramping`). An alien or a bomb in the cannon's cell ends the episode, and so do aliens in the
lowest row when they would come down.

MinAtar has six actions, two of which do nothing here. These are the four others, which MinAtar calls the
minimal set, and gymnax has; the paper's returns are with all six. Episodes have no limit there; they are
cut off after 1000 steps here, as in gymnax. gymnax has no sticky actions.

The observation is a picture of 10x10 cells and 6 channels (uint8), all 0 or 255: the cannon; aliens; aliens
if they are moving left; aliens if they are moving right; shots; bombs. `info` has the number of waves
cleared.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment
from envs.scenes import minatar as scene
from envs.scenes.minatar import LAST, RAMPING, SIZE, STICKY, inside, stick

CELLS = SIZE * SIZE
BOTTOM = LAST * SIZE  # the first cell of the lowest row
RELOAD = 5  # steps from one shot to the next
BOMB_EVERY = 10
SLOWEST, FASTEST = 12, 6  # steps from one move of a whole wave to the next, in the first wave and at last

STATE = np.dtype(
    [
        ("column", "i4"),  # the cannon's
        ("aliens", "u1", (CELLS,)),
        ("shots", "u1", (CELLS,)),
        ("bombs", "u1", (CELLS,)),
        ("count", "i4"),  # aliens
        ("right", "i4"),  # 1 or -1
        ("move_every", "i4"),
        ("move_in", "i4"),
        ("pause", "i4"),  # what `move_in` was last set to, for the picture
        ("bomb_in", "i4"),
        ("reload", "i4"),
        ("waves", "i4"),
        ("played", "i4"),
    ]
)

PARAMS = {"sticky": STICKY, "ramping": RAMPING}

STAY, LEFT, RIGHT, FIRE = range(4)


def reset(state, params):
    """Write the first state of an episode."""
    state.column = 5
    state.right = -1
    state.move_every = state.move_in = state.pause = SLOWEST
    state.bomb_in = BOMB_EVERY
    send_wave(state)


def send_wave(state):
    """Put up a wave of aliens."""
    for row in range(4):
        for column in range(2, 8):
            state.aliens[row * SIZE + column] = 1
    state.count = 24


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    action = stick(state, action, params)
    if action == FIRE and state.reload == 0:
        state.shots[BOTTOM + state.column] = 1
        state.reload = RELOAD
    state.column = min(max(state.column + int(action == RIGHT) - int(action == LEFT), 0), LAST)
    fly(state)
    cannon = BOTTOM + state.column
    lost = state.bombs[cannon] > 0 or state.aliens[cannon] > 0

    if state.move_in == 0:
        state.move_in = state.pause = min(state.count, state.move_every)
        lost = march(state) or lost
    if state.bomb_in == 0:
        state.bomb_in = BOMB_EVERY
        drop_bomb(state)

    reward = 0.0
    for cell in range(CELLS):
        if state.aliens[cell] and state.shots[cell]:
            state.aliens[cell] = state.shots[cell] = 0
            state.count -= 1
            reward += 1.0
    state.reload -= int(state.reload > 0)
    state.move_in -= 1
    state.bomb_in -= 1
    if state.count == 0:
        if params.ramping and state.move_every > FASTEST:
            state.move_every -= 1
        state.waves += 1
        send_wave(state)
    return reward, lost


def fly(state):
    """Move shots up and bombs down by a row."""
    for cell in range(BOTTOM):
        state.shots[cell] = state.shots[cell + SIZE]
    for cell in range(CELLS - 1, SIZE - 1, -1):
        state.bombs[cell] = state.bombs[cell - SIZE]
    for column in range(SIZE):
        state.shots[BOTTOM + column] = 0
        state.bombs[column] = 0


def march(state):
    """Move the aliens; whether that ends the episode."""
    edge = LAST if state.right == 1 else 0
    turns = False
    for row in range(SIZE):
        turns = turns or state.aliens[row * SIZE + edge] > 0
    landed = False
    if turns:
        state.right = -state.right
        for column in range(SIZE):
            landed = landed or state.aliens[BOTTOM + column] > 0
        for cell in range(CELLS - 1, -1, -1):
            state.aliens[cell] = state.aliens[cell - SIZE] if cell >= SIZE else 0
    elif state.right == 1:
        for cell in range(CELLS - 1, 0, -1):
            state.aliens[cell] = state.aliens[cell - 1]
        state.aliens[0] = 0
    else:
        for cell in range(CELLS - 1):
            state.aliens[cell] = state.aliens[cell + 1]
        state.aliens[CELLS - 1] = 0
    return landed or state.aliens[BOTTOM + state.column] > 0


def drop_bomb(state):
    """Let the lowest alien of the nearest column drop a bomb, the left one of two columns as near."""
    for away in range(SIZE):
        for side in (-1, 1):
            column = state.column + side * away
            if inside(column):
                for row in range(LAST, -1, -1):
                    if state.aliens[row * SIZE + column]:
                        state.bombs[row * SIZE + column] = 1
                        return


def observe(state, params, obs):
    """Write the observation."""
    obs[LAST, state.column, 0] = 255
    for cell in range(CELLS):
        row, column = cell // SIZE, cell % SIZE
        if state.aliens[cell]:
            obs[row, column, 1] = 255
            obs[row, column, 2 if state.right < 0 else 3] = 255
        if state.shots[cell]:
            obs[row, column, 4] = 255
        if state.bombs[cell]:
            obs[row, column, 5] = 255


COLORS = ("danger", "human", "truth", palette.blend("model", "white", 0.35))
PIXELS = (("..#..#..", ".######.", "##.##.##", "########", ".#.##.#.", "#......#"),)
PIXELS += ((*PIXELS[0][:4], "#.#..#.#", ".#....#."),)
"""An alien with its legs out, and in."""


def draw(state, params, canvas):
    """Draw the state: stars, aliens by the row they are in, shots, bombs and the cannon."""
    canvas.background(scene.SKY)
    for i in range(46):
        x, y = i * 157 % 400, (i * i * 61 + 23 * i) % 372
        canvas.circle(x, y, 0.7 + i % 3 * 0.35, palette.blend(scene.SKY, "white", 0.25 + i % 4 * 0.12))
    canvas.rect(0, 394, 400, 6, palette.blend("night", "truth", 0.6))

    # They only slide where they will not turn.
    cells = np.flatnonzero(state.aliens)
    columns = cells % SIZE
    turns = len(cells) > 0 and (columns.max() == LAST if state.right == 1 else columns.min() == 0)
    moved = 0.0 if turns else scene.slide(state.right, state.move_in, state.pause)
    legs = state.steps // 6 % 2
    for cell in cells:
        row = cell // SIZE
        draw_alien(canvas, scene.middle(cell % SIZE + moved), scene.middle(row), COLORS[row % 4], legs)
    for cell in np.flatnonzero(state.shots):
        x, y = scene.middle(cell % SIZE), scene.middle(cell // SIZE)
        canvas.line(x, y - 9, x, y + 9, palette.blend("model", "white", 0.3), 6)
        canvas.line(x, y - 9, x, y + 3, "white", 2.5)
    for cell in np.flatnonzero(state.bombs):
        x, y = scene.middle(cell % SIZE), scene.middle(cell // SIZE)
        for i in range(3):
            side = 4 if i % 2 else -4
            canvas.line(
                x + side, y - 10 + 7 * i, x - side, y - 3 + 7 * i, palette.blend("danger", "white", 0.25), 3
            )
    draw_cannon(canvas, scene.middle(state.column), scene.middle(LAST), state)


def draw_alien(canvas, x, y, color, legs):
    """Draw an alien of 8x6 pixels, whole runs of them at once."""
    unit = 3.6
    for i, line in enumerate(PIXELS[legs]):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end] == line[start]:
                end += 1
            if line[start] == "#":
                canvas.rect(
                    x + (start - 4) * unit, y + (i - 3) * unit, (end - start) * unit, unit + 0.3, color
                )
            start = end


def draw_cannon(canvas, x, y, state):
    """Draw the cannon: its barrel glows while it reloads."""
    body = "danger" if state.over and state.steps < 1000 else "model"
    light = palette.blend(body, "white", 0.35)
    canvas.rect(x - 4, y - 17, 8, 16, palette.blend(light, "human", state.reload / RELOAD), 2)
    canvas.polygon([(x - 12, y - 2), (x - 7, y - 9), (x + 7, y - 9), (x + 12, y - 2)], light)
    canvas.rect(x - 18, y - 3, 36, 15, palette.blend(body, "black", 0.3), 5)
    canvas.rect(x - 18, y - 3, 36, 12, body, 5)


def shoot(obs, space):
    """Get out of the way of bombs, go below the nearest column of aliens that is left, and fire."""
    column = int(np.argmax(obs[LAST, :, 0]))
    aliens, bombs = obs[:, :, 1] > 0, obs[:, :, 5] > 0
    right = -1 if obs[:, :, 2].any() else 1
    threat = bombs[LAST - 1] | aliens[LAST]
    soon = threat | bombs[LAST - 2] | bombs[LAST - 3]
    lowest = np.where(aliens.any(axis=0), LAST - np.argmax(aliens[::-1], axis=0), -1)
    target = column
    if aliens.any():
        columns = np.flatnonzero(lowest >= 0)
        # A shot takes as long as there are rows to the alien, in which a few of them move on.
        ahead = columns + right * (aliens.sum() <= 4)
        target = int(np.clip(ahead[np.abs(ahead - column).argmin()], 0, LAST))
    best, least = FIRE, np.inf
    for action in (FIRE, LEFT, RIGHT, STAY):
        c = min(max(column + (action == RIGHT) - (action == LEFT), 0), LAST)
        cost = 100.0 * threat[c] + 10.0 * soon[c] + abs(c - target) + 0.5 * (action == STAY)
        if cost < least:
            best, least = action, cost
    return best


ENV = Environment(
    id="sandbox/MinAtarSpaceInvaders-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 6), np.uint8),
    action_space=spaces.Discrete(4),
    max_episode_steps=1000,
    action_names=("stay", "left", "right", "fire"),
    obs_names=("cannon", "aliens", "moving left", "moving right", "shots", "bombs"),
    keys={"left": LEFT, "right": RIGHT, "up": FIRE, "space": FIRE},
    idle_action=STAY,
    size=(400, 400),
    fps=20,
    info=("waves",),
    baseline=shoot,
)
