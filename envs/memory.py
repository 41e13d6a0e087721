"""Look at the thing in the first room, walk down a hallway, and turn towards the same thing at its end.

Memory of MiniGrid (Chevalier-Boisvert et al. 2023): what was seen at the start decides at the end.

In the room on the left lies a key or a ball. A hallway leads from it to a cross passage with a key on one
side and a ball on the other. The player begins anywhere in the middle of room and hallway, looking towards
the passage, so it may have to go back and look first. A step turns left (0) or right (1) on the spot, goes
forward (2), or does nothing here (3 and 4, picking up and toggling). The cell before the same thing as in
the room ends the episode with 1 - 0.9 * steps / limit, the cell before the other one with 0, and so does a
limit of 5 * `side`^2 steps; all other rewards are 0.

The observation is a picture of the 7x7 cells ahead, oneself in the middle of the bottom row and looking up,
with 8 channels (uint8, 255 for yes): seen, walls, closed, locked and open doors, key, ball, goal. Walls
hide what is behind. MiniGrid's `MemoryS7`, `S9`, `S11` and `S13` are the values 7, 9, 11 and 13 of `side`;
in its picture things are numbers and have colours. Up to 9, one can look back at the room from the passage.

`info` has `wrong`, whether the wrong side was taken.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint
from envs.scenes.minigrid import (
    ACTIONS,
    BALL,
    CHANNELS,
    EMPTY,
    FORWARD,
    KEY,
    KEYS,
    LEFT,
    OBSERVATIONS,
    PICKUP,
    REACH,
    RIGHT,
    SIDE,
    VIEW,
    WALL,
    act,
    cell_at,
    fill,
    look,
    success,
)
from envs.scenes.minigrid_picture import draw_world
from envs.scenes.minigrid_player import is_free_ahead

STATE = np.dtype(
    [
        ("grid", "u1", (SIDE * SIDE,)),
        ("at", "i4"),
        ("heading", "i4"),
        ("carrying", "i4"),
        ("side", "i4"),
        ("good", "i4"),  # cells that end the episode
        ("bad", "i4"),
        ("wrong", "?"),
    ]
)

PARAMS = {
    "side": Param(
        9, low=7, high=17, unit="cells", help="of the world, odd (8 counts as 7), from the next episode on"
    )
}


def reset(state, params):
    """Write the first state of an episode."""
    side = state.side = params.side - 1 + params.side % 2
    middle, passage = side // 2, side - 2
    fill(state, 0, 0, SIDE, SIDE, WALL)
    fill(state, 1, middle - 1, 3, 3, EMPTY)
    fill(state, 4, middle, passage - 4, 1, EMPTY)
    fill(state, passage, 1, 1, side - 2, EMPTY)
    thing = KEY if randint(state, 0, 2) == 0 else BALL
    above = KEY if randint(state, 0, 2) == 0 else BALL
    state.grid[cell_at(1, middle - 1)] = thing
    state.grid[cell_at(passage, middle - 2)] = above
    state.grid[cell_at(passage, middle + 2)] = KEY + BALL - above
    turn = -1 if thing == above else 1
    state.good, state.bad = cell_at(passage, middle + turn), cell_at(passage, middle - turn)
    state.at = cell_at(randint(state, 1, passage), middle)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    limit = 5 * state.side * state.side
    if action < PICKUP:
        act(state, action)
    if state.at == state.good:
        return success(state, limit), True
    state.wrong = state.at == state.bad
    return 0.0, state.wrong or state.steps + 1 >= limit


def observe(state, params, obs):
    """Write the observation."""
    look(state, obs)


def draw(state, params, canvas):
    """Draw the state."""
    draw_world(state, canvas, int(state.side))


def look_and_go(obs, space, memory):
    """Find out what lies in the room, going back for it if need be, then go and turn towards the same."""
    thing, heading, tried = memory or (0, 0, False)
    if not thing:
        # Looking back one sees the room; looking ahead, only at its very end, what lies to the left.
        place = obs if heading == 2 else obs[VIEW - 1, REACH - 1]
        thing = next((code for code in (KEY, BALL) if place[..., code].any()), 0)
    if not thing:
        action = FORWARD if heading == 2 else LEFT
    elif heading == 3 and not tried:
        tried = not obs[VIEW - 3, REACH, thing]
        action = RIGHT if tried else FORWARD
    elif heading == 0:
        action = FORWARD if is_free_ahead(obs) and not tried else RIGHT if tried else LEFT
    else:
        action = FORWARD if tried and heading == 1 else LEFT
    heading = (heading + (action == RIGHT) - (action == LEFT)) % 4
    return action, (thing, heading, tried)


ENV = Environment(
    id="sandbox/Memory-v0",
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
    size=(450, 450),
    fps=6,
    info=("wrong",),
    baseline=look_and_go,
)
