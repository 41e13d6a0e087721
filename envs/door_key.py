"""Find the key, unlock the door with it, and walk to the goal behind.

DoorKey of MiniGrid (Chevalier-Boisvert et al. 2023): three things in a row, and nothing is worth anything
before the last.

The world has `side` by `side` cells, the outer ones walls. A wall from top to bottom with one locked door
parts it; left of it begins the player, at any place and heading, and lies the key; the goal is in the
bottom right corner. A step turns left (0) or right (1) on the spot, goes forward (2), picks up what is in
front (3) or toggles the door in front (4): the locked one opens for who carries the key, and is then opened
and closed like any other. Reaching the goal ends the episode and gives 1 - 0.9 * steps / limit; all other
rewards are 0. It also ends after a limit of 10 * `side`^2 steps.

The observation is a picture of the 7x7 cells ahead, oneself in the middle of the bottom row and looking up,
with 8 channels (uint8, 255 for yes): seen, walls, closed, locked and open doors, key, ball, goal. Walls and
closed doors hide what is behind; what is carried lies underfoot. MiniGrid's `DoorKey-5x5`, 6x6, 8x8 and
16x16 are the values 5, 6, 8 and 16 of `side`; in its picture things are numbers and have colours.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint
from envs.scenes.minigrid import (
    ACTIONS,
    CHANNELS,
    EMPTY,
    FORWARD,
    GOAL,
    KEY,
    KEYS,
    LOCKED,
    OBSERVATIONS,
    PICKUP,
    REACH,
    SIDE,
    TOGGLE,
    VIEW,
    WALL,
    act,
    cell_at,
    fill,
    free_cell,
    look,
    success,
)
from envs.scenes.minigrid_picture import draw_world
from envs.scenes.minigrid_player import seek

STATE = np.dtype(
    [
        ("grid", "u1", (SIDE * SIDE,)),
        ("at", "i4"),
        ("heading", "i4"),
        ("carrying", "i4"),
        ("side", "i4"),
    ]
)

PARAMS = {"side": Param(5, low=5, high=16, unit="cells", help="of the world, from the next episode on")}


def reset(state, params):
    """Write the first state of an episode."""
    side = state.side = params.side
    fill(state, 0, 0, SIDE, SIDE, WALL)
    fill(state, 1, 1, side - 2, side - 2, EMPTY)
    state.grid[cell_at(side - 2, side - 2)] = GOAL
    split = randint(state, 2, side - 2)
    fill(state, split, 1, 1, side - 2, WALL)
    state.at = free_cell(state, 1, 1, split - 1, side - 2)
    state.heading = randint(state, 0, 4)
    state.grid[cell_at(split, randint(state, 1, side - 2))] = LOCKED
    state.grid[free_cell(state, 1, 1, split - 1, side - 2)] = KEY


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    limit = 10 * state.side * state.side
    if act(state, action):
        return success(state, limit), True
    return 0.0, state.steps + 1 >= limit


def observe(state, params, obs):
    """Write the observation."""
    look(state, obs)


def draw(state, params, canvas):
    """Draw the state."""
    draw_world(state, canvas, int(state.side))


def fetch_unlock_go(obs, space, memory):
    """Fetch the key, unlock the door, go to the goal; look around for what is not in view."""
    wanted = [(GOAL, FORWARD), (LOCKED, TOGGLE)]
    if not obs[VIEW - 1, REACH, KEY]:
        wanted[1] = (KEY, PICKUP)
    return seek(obs, memory, wanted)


ENV = Environment(
    id="sandbox/DoorKey-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=OBSERVATIONS,
    action_space=spaces.Discrete(len(ACTIONS)),
    action_names=ACTIONS,
    obs_names=CHANNELS,
    keys=KEYS,
    turn_based=True,
    size=(400, 400),
    fps=6,
    baseline=fetch_unlock_go,
)
