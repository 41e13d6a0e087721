"""Walk through rooms in a row, a closed door between any two, to the goal in the last.

MultiRoom of MiniGrid (Chevalier-Boisvert et al. 2023): nothing is worth anything before the end, and every
world is new.

A world has `rooms` rooms with walls around them, 4 to `most` cells long and wide, walls included, in 25x25
cells; each has a door into the next, in any of its walls. The player begins anywhere in the first, at any
heading; the goal is anywhere in the last. A step turns left (0) or right (1) on the spot, goes forward (2),
picks up what is in front (3; there is nothing) or opens or closes the door in front (4). Reaching the goal
ends the episode and gives 1 - 0.9 * steps / limit; all other rewards are 0. It also ends after a limit of
20 * `rooms` steps.

The observation is a picture of the 7x7 cells ahead, oneself in the middle of the bottom row and looking up,
with 8 channels (uint8, 255 for yes): seen, walls, closed, locked and open doors, key, ball, goal. Walls and
closed doors hide what is behind. MiniGrid's `MultiRoom-N2-S4`, `N4-S5` and `N6` are the values 2 and 4, 4
and 5, 6 and 10 of `rooms` and `most`; in its picture things are numbers and doors have colours.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint
from envs.scenes.minigrid import (
    ACTIONS,
    CHANNELS,
    CLOSED,
    EMPTY,
    FORWARD,
    GOAL,
    KEYS,
    OBSERVATIONS,
    SIDE,
    TOGGLE,
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

MOST_ROOMS = 6
LEAST = 4
ATTEMPTS = 1000
"""To find places for all rooms, far more than it takes."""
EXITS = 8
"""Places of a door that are tried for each room before all begins anew."""

STATE = np.dtype(
    [
        ("grid", "u1", (SIDE * SIDE,)),
        ("at", "i4"),
        ("heading", "i4"),
        ("carrying", "i4"),
        ("rooms", "i4"),
        ("x", "i4", (MOST_ROOMS,)),  # corner, width and height of each room, walls included
        ("y", "i4", (MOST_ROOMS,)),
        ("width", "i4", (MOST_ROOMS,)),
        ("height", "i4", (MOST_ROOMS,)),
        ("entry", "i4", (MOST_ROOMS,)),  # the wall it is entered through: 0 right, 1 bottom, 2 left, 3 top
        ("door", "i4", (MOST_ROOMS,)),  # the cell it is entered through
    ]
)

PARAMS = {
    "rooms": Param(2, low=2, high=MOST_ROOMS, unit="rooms", help="in a row, from the next episode on"),
    "most": Param(4, low=LEAST, high=10, unit="cells", help="length of a room, from the next episode on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.rooms = 0
    attempts = 0
    while state.rooms < params.rooms and attempts < ATTEMPTS:
        attempts += 1
        state.rooms = 0
        place = cell_at(randint(state, 0, SIDE - 2), randint(state, 0, SIDE - 2))
        if put_room(state, place, 2, params.most):
            while state.rooms < params.rooms and add_room(state, params.most):
                pass
    fill(state, 0, 0, SIDE, SIDE, WALL)
    for room in range(state.rooms):
        fill(
            state, state.x[room] + 1, state.y[room] + 1, state.width[room] - 2, state.height[room] - 2, EMPTY
        )
    for room in range(1, state.rooms):
        state.grid[state.door[room]] = CLOSED
    state.at = free_in_room(state, 0)
    state.heading = randint(state, 0, 4)
    state.grid[free_in_room(state, state.rooms - 1)] = GOAL


def free_in_room(state, room):
    """An empty cell of a room."""
    x, y = state.x[room] + 1, state.y[room] + 1
    return free_cell(state, x, y, state.width[room] - 2, state.height[room] - 2)


def put_room(state, door, entry, most):
    """Put a room of any size behind a door in one of its walls; False where it does not fit."""
    width, height = randint(state, LEAST, most + 1), randint(state, LEAST, most + 1)
    x, y = door % SIDE, door // SIDE
    if state.rooms > 0:
        # The door is in no corner of the room.
        if entry == 0 or entry == 2:
            y = randint(state, y - height + 2, y)
        else:
            x = randint(state, x - width + 2, x)
        if entry == 0:
            x -= width - 1
        elif entry == 1:
            y -= height - 1
    if x < 0 or y < 0 or x + width > SIDE or y + height > SIDE:
        return False
    # The room before shares a wall with it.
    for room in range(state.rooms - 1):
        if (
            x + width > state.x[room]
            and x < state.x[room] + state.width[room]
            and y + height > state.y[room]
            and y < state.y[room] + state.height[room]
        ):
            return False
    room = state.rooms
    state.x[room], state.y[room], state.width[room], state.height[room] = x, y, width, height
    state.entry[room], state.door[room] = entry, door
    state.rooms += 1
    return True


def add_room(state, most):
    """Put a room behind a door in any wall of the last one but that it is entered through."""
    room = state.rooms - 1
    x, y, width, height = state.x[room], state.y[room], state.width[room], state.height[room]
    for _ in range(EXITS):
        exit_ = (state.entry[room] + 1 + randint(state, 0, 3)) % 4
        along = randint(state, 1, (height if exit_ % 2 == 0 else width) - 1)
        if exit_ == 0:
            door = cell_at(x + width - 1, y + along)
        elif exit_ == 1:
            door = cell_at(x + along, y + height - 1)
        elif exit_ == 2:
            door = cell_at(x, y + along)
        else:
            door = cell_at(x + along, y)
        if put_room(state, door, (exit_ + 2) % 4, most):
            return True
    return False


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    limit = 20 * state.rooms
    if act(state, action):
        return success(state, limit), True
    return 0.0, state.steps + 1 >= limit


def observe(state, params, obs):
    """Write the observation."""
    look(state, obs)


def draw(state, params, canvas):
    """Draw the state."""
    rooms = int(state.rooms)
    left, top = int(state.x[:rooms].min()), int(state.y[:rooms].min())
    right, bottom = (state.x + state.width)[:rooms].max(), (state.y + state.height)[:rooms].max()
    side = max(int(right) - left, int(bottom) - top)
    draw_world(state, canvas, side, min(left, SIDE - side), min(top, SIDE - side))


def door_after_door(obs, space, memory):
    """Open the door in view, go through, look around."""
    return seek(obs, memory, [(GOAL, FORWARD), (CLOSED, TOGGLE)])


ENV = Environment(
    id="sandbox/MultiRoom-v0",
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
    size=(500, 500),
    fps=6,
    baseline=door_after_door,
)
