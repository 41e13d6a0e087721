"""Save divers from fish and submarines before the air runs out: Seaquest as MinAtar plays it.

The rules are those of MinAtar (Young & Tian 2019, https://arxiv.org/abs/1903.03176), so that returns can be
compared with published ones. Theirs since version 1.0.11, where the gauge of oxygen is right in the last
step.

A step does nothing (0), moves the submarine left (1), up (2), right (3) or down (4), or fires a torpedo (5)
if the last one is five steps ago or more. With chance 0.1 (`sticky`) the action before is played instead.
Left and right also turn the submarine; its bow is where it is, its stern only tells where it looks.
Torpedoes and bullets move a cell in every step. Every 20 steps an enemy comes in from a random side in a
random row, unless it would meet one there: with chance 1/3 a submarine, which fires a bullet every 11
steps, else a fish. Enemies move a cell every 6 steps. Every 30 steps a diver comes in likewise and moves at
that speed; the submarine picks divers up where they meet, six at most. An enemy in the cell of a torpedo is
gone with it: reward 1. An enemy or a bullet where the submarine is ends the episode.

Below the surface, the top row, oxygen goes down from 200 by one a step; without any the episode ends.
Coming up fills it again and takes a diver, but with all six on board it takes them all and gives a reward:
as many as cells of the gauge of oxygen are full, 10 at most. Coming up without a diver ends the episode. It
gets harder each time it comes up (`ramping`): enemies come one step sooner, down to every step, and every
other time they also move one step sooner, down to every 3 steps. An episode begins at the surface.

All six actions of MinAtar do something here. Episodes have no limit there; they are cut off after 1000
steps here, as in gymnax. gymnax has no sticky actions. In MinAtar's code, the count of divers is -1 after
six are brought up, so that the next one does not count; here it is 0, as its description says.

The observation is a picture of 10x10 cells and 10 channels (uint8), all 0 or 255: bow; stern; torpedoes;
the cells behind enemies and divers, which tell where they are going; bullets; fish; enemy submarines; a
gauge of oxygen and one of divers in the lowest row, where nothing else goes; divers. `info` has the level
of difficulty and the number of times all six were brought up.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment
from envs.scenes import minatar_seaquest as scene
from envs.scenes.minatar import DOWN, FIRE, LAST, LEFT, NOOP, RAMPING, RIGHT, SIZE, STICKY, UP, inside, stick
from envs.scenes.minatar_seaquest_life import (
    CREW,
    DIVERS,
    ENEMIES,
    OXYGEN,
    TORPEDOES,
    move_bullets,
    move_divers,
    move_enemies,
    move_torpedoes,
    spawn_diver,
    spawn_enemy,
)

RELOAD = 5  # steps from one torpedo to the next
FIRST_SPAWN, FIRST_PAUSE, LEAST_PAUSE = 20, 5, 2  # enemies: steps from one to the next, and it waits to move
DIVER_SPAWN = 30

STATE = np.dtype(
    [
        ("row", "i4"),
        ("column", "i4"),
        ("right", "i4"),  # where it looks: 1 or -1
        ("oxygen", "i4"),
        ("divers", "i4"),  # on board
        ("surfaced", "?"),
        ("reload", "i4"),
        ("torpedo_row", "i4", (TORPEDOES,)),
        ("torpedo_column", "i4", (TORPEDOES,)),
        ("torpedo_right", "i4", (TORPEDOES,)),  # 1 or -1; 0 where there is none, as in the other lists
        ("enemy_row", "i4", (ENEMIES,)),
        ("enemy_column", "i4", (ENEMIES,)),
        ("enemy_right", "i4", (ENEMIES,)),
        ("enemy_wait", "i4", (ENEMIES,)),
        ("enemy_gun", "i4", (ENEMIES,)),  # steps until a submarine fires, -1 for a fish
        ("bullet_row", "i4", (ENEMIES,)),
        ("bullet_column", "i4", (ENEMIES,)),
        ("bullet_right", "i4", (ENEMIES,)),
        ("diver_row", "i4", (DIVERS,)),
        ("diver_column", "i4", (DIVERS,)),
        ("diver_right", "i4", (DIVERS,)),
        ("diver_wait", "i4", (DIVERS,)),
        ("spawn_every", "i4"),
        ("spawn_in", "i4"),
        ("diver_in", "i4"),
        ("pause", "i4"),  # steps an enemy waits to move
        ("level", "i4"),
        ("rescues", "i4"),
        ("played", "i4"),
    ]
)

PARAMS = {"sticky": STICKY, "ramping": RAMPING}


def reset(state, params):
    """Write the first state of an episode."""
    state.column = 5
    state.right = -1
    state.oxygen = OXYGEN
    state.surfaced = True
    state.spawn_every = state.spawn_in = FIRST_SPAWN
    state.diver_in = DIVER_SPAWN
    state.pause = FIRST_PAUSE


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    action = stick(state, action, params)
    if state.spawn_in == 0:
        spawn_enemy(state)
        state.spawn_in = state.spawn_every
    if state.diver_in == 0:
        spawn_diver(state)
        state.diver_in = DIVER_SPAWN
    steer(state, action)

    reward = move_torpedoes(state)
    move_divers(state)
    shot, lost = move_enemies(state, True)
    reward += shot
    lost = move_bullets(state) or lost
    shot, caught = move_enemies(state, False)
    reward += shot
    lost = lost or caught

    state.spawn_in -= 1
    state.diver_in -= 1
    state.reload -= int(state.reload > 0)
    if state.oxygen <= 0:
        lost = True
    if state.row > 0:
        state.oxygen -= 1
        state.surfaced = False
    elif not state.surfaced:
        if state.divers == 0:
            lost = True
        else:
            reward += surface(state, params)
    return reward, lost


def steer(state, action):
    """Do what the player does."""
    if action == FIRE and state.reload == 0:
        for i in range(TORPEDOES):
            if state.torpedo_right[i] == 0:
                state.torpedo_row[i], state.torpedo_column[i] = state.row, state.column
                state.torpedo_right[i] = state.right
                break
        state.reload = RELOAD
    if action in (LEFT, RIGHT):
        state.right = 1 if action == RIGHT else -1
        state.column = min(max(state.column + state.right, 0), LAST)
    state.row = min(max(state.row + int(action == DOWN) - int(action == UP), 0), LAST - 1)


def surface(state, params):
    """Come up with divers; returns the reward."""
    reward = 0.0
    if state.divers == CREW:
        reward = float(10 * state.oxygen // OXYGEN)
        state.divers = 0
        state.rescues += 1
    else:
        state.divers -= 1
    state.surfaced = True
    state.oxygen = OXYGEN
    if params.ramping and (state.spawn_every > 1 or state.pause > LEAST_PAUSE):
        if state.pause > LEAST_PAUSE and state.level % 2 == 1:
            state.pause -= 1
        if state.spawn_every > 1:
            state.spawn_every -= 1
        state.level += 1
    return reward


def observe(state, params, obs):
    """Write the observation."""
    obs[state.row, state.column, 0] = 255
    obs[state.row, state.column - state.right, 1] = 255
    for i in range(TORPEDOES):
        if state.torpedo_right[i]:
            obs[state.torpedo_row[i], state.torpedo_column[i], 2] = 255
    for i in range(ENEMIES):
        if state.bullet_right[i]:
            obs[state.bullet_row[i], state.bullet_column[i], 4] = 255
        if state.enemy_right[i]:
            obs[state.enemy_row[i], state.enemy_column[i], 6 if state.enemy_gun[i] >= 0 else 5] = 255
            show_wake(obs, state.enemy_row[i], state.enemy_column[i] - state.enemy_right[i])
    for i in range(10 * max(state.oxygen, 0) // OXYGEN):
        obs[LAST, i, 7] = 255
    for i in range(LAST - state.divers, LAST):
        obs[LAST, i, 8] = 255
    for i in range(DIVERS):
        if state.diver_right[i]:
            obs[state.diver_row[i], state.diver_column[i], 9] = 255
            show_wake(obs, state.diver_row[i], state.diver_column[i] - state.diver_right[i])


def show_wake(obs, row, column):
    """Mark the cell behind something that swims."""
    if inside(column):
        obs[row, column, 3] = 255


def draw(state, params, canvas):
    """Draw the state."""
    scene.draw(state, canvas)


def hunt(obs, space):
    """Play by hand-written rules: `envs.scenes.minatar_seaquest` has them."""
    return scene.hunt(obs)


ENV = Environment(
    id="sandbox/MinAtarSeaquest-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (SIZE, SIZE, 10), np.uint8),
    action_space=spaces.Discrete(6),
    max_episode_steps=1000,
    action_names=("stay", "left", "up", "right", "down", "fire"),
    obs_names=(
        "bow",
        "stern",
        "torpedoes",
        "where things were",
        "bullets",
        "fish",
        "submarines",
        "oxygen",
        "divers on board",
        "divers",
    ),
    keys={"left": LEFT, "up": UP, "right": RIGHT, "down": DOWN, "space": FIRE},
    idle_action=NOOP,
    size=(400, 400),
    fps=20,
    info=("level", "rescues"),
    baseline=hunt,
)
