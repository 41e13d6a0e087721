"""Find the exit of a maze, seen through a small window, with signs that ask what was shown at the start.

The task of a T-maze (Bakker 2002, "Reinforcement learning with long short-term memory") in mazes of any
size: what is seen once, at the start, decides at every junction.

A maze has `rooms` by `rooms` rooms with exactly one way between any two, made anew for each episode. A step
goes one cell up (0), right (1), down (2) or left (3); rooms are two cells apart, and a wall stops the step.
The start is lit in red or blue. In each junction a sign shows one arm in red and one in blue: the arm in
the colour of the start leads to the exit, by the shortest way; the other does not. The exit is the room
farthest from the start. Every step costs 0.01 (reward -0.01), the exit gives 1 on top and ends the episode.
It also ends after `horizon` steps.

The observation is a picture of the 5x5 cells around the player with 6 channels (uint8): walls, also outside
of the maze (255); red; blue (255: an arm of the sign of this very junction, or the middle cell while it
stands on the start); the exit (255); the cell it was in before (255); and, the same in all cells, how many
steps are left (255 at first). With `remind` the middle cell always has the colour of the start, and no
memory is needed.

`info` has `shortest`, the steps of the shortest way from the start to the exit, and `wrong_turns`, how
often an arm was taken at a sign that does not lead to the exit.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import randint, uniform
from envs.scenes import maze as scene
from envs.scenes.maze import (
    DOWN,
    LEFT,
    MAX_SIZE,
    REACH,
    RIGHT,
    SIDE,
    UP,
    VIEW,
    cell_of,
    column_step,
    room_of,
    row_step,
    shift,
)

ROOMS = MAX_SIZE * MAX_SIZE

STATE = np.dtype(
    [
        ("walls", "u1", (SIDE * SIDE,)),
        ("visits", "u1", (SIDE * SIDE,)),  # cells walked on, for the picture
        ("depth", "u1", (ROOMS,)),  # rooms from the start, plus 1; 0 is not yet dug
        ("back", "i1", (ROOMS,)),  # direction towards the start, -1 for none
        ("onward", "i1", (ROOMS,)),  # direction towards the exit, -1 for none
        ("decoy", "i1", (ROOMS,)),  # direction of the sign's other arm, -1 where there is no sign
        ("stack", "u1", (ROOMS,)),
        ("rooms", "i4"),  # along each side
        ("start", "i4"),  # cells, as all that follow
        ("exit", "i4"),
        ("cell", "i4"),
        ("before", "i4"),  # the last other cell, -1 at first
        ("color", "i4"),  # 0 red, 1 blue
        ("shortest", "i4"),
        ("wrong_turns", "i4"),
    ]
)

PARAMS = {
    "rooms": Param(5, low=2, high=MAX_SIZE, unit="rooms", help="along each side, from the next episode on"),
    "branching": Param(0.3, low=0.0, high=1.0, help="many short dead ends, from the next episode on"),
    "horizon": Param(200, low=10, high=1000, unit="steps", help="steps until the episode ends"),
    "remind": Param(False, help="show the colour of the start all the time: no memory needed"),
}

STEP_COST = 0.01


def reset(state, params):
    """Write the first state of an episode."""
    state.rooms = params.rooms
    state.color = randint(state, 0, 2)
    for cell in range(SIDE * SIDE):
        state.walls[cell] = 1
    for room in range(ROOMS):
        state.back[room] = state.onward[room] = state.decoy[room] = -1
    start = randint(state, 0, state.rooms) * MAX_SIZE + randint(state, 0, state.rooms)
    goal = dig(state, params, start)
    point_to(state, start, goal)
    for row in range(state.rooms):
        for column in range(state.rooms):
            put_sign(state, row * MAX_SIZE + column, start, goal)
    state.start = state.cell = cell_of(start)
    state.exit = cell_of(goal)
    state.before = -1
    state.shortest = 2 * (state.depth[goal] - 1)
    state.visits[state.cell] = 1


def is_inside(state, room, direction):
    """Whether there is a room next to a room."""
    row, column = room // MAX_SIZE + row_step(direction), room % MAX_SIZE + column_step(direction)
    return 0 <= row < state.rooms and 0 <= column < state.rooms


def dig(state, params, start):
    """Dig the maze, from the last room dug or from any; returns the room farthest from the start."""
    farthest, height = start, 1
    state.stack[0] = start
    state.depth[start] = 1
    state.walls[cell_of(start)] = 0
    while height > 0:
        index = height - 1
        if uniform(state, 0.0, 1.0) < params.branching:
            index = randint(state, 0, height)
        room = int(state.stack[index])
        choices = 0
        chosen = -1
        for direction in range(4):
            if is_inside(state, room, direction) and state.depth[room + shift(direction, MAX_SIZE)] == 0:
                choices += 1
                if randint(state, 0, choices) == 0:
                    chosen = direction
        if choices == 0:
            height -= 1
            for i in range(index, height):
                state.stack[i] = state.stack[i + 1]
            continue
        new = room + shift(chosen, MAX_SIZE)
        state.walls[cell_of(room) + shift(chosen, SIDE)] = 0
        state.walls[cell_of(new)] = 0
        state.depth[new] = state.depth[room] + 1
        state.back[new] = (chosen + 2) % 4
        if state.depth[new] > state.depth[farthest]:
            farthest = new
        state.stack[height] = new
        height += 1
    return farthest


def point_to(state, start, goal):
    """Write in each room which way leads to the exit."""
    for room in range(ROOMS):
        state.onward[room] = state.back[room]
    state.onward[goal] = -1
    room = goal
    while room != start:
        direction = state.back[room]
        room += shift(direction, MAX_SIZE)
        state.onward[room] = (direction + 2) % 4


def put_sign(state, room, start, goal):
    """Choose the wrong arm of a junction's sign: neither the way to the exit nor the way back."""
    arms = choices = 0
    for direction in range(4):
        if state.walls[cell_of(room) + shift(direction, SIDE)] == 0:
            arms += 1
            if direction != state.onward[room] and direction != state.back[room]:
                choices += 1
                if randint(state, 0, choices) == 0:
                    state.decoy[room] = direction
    if room == goal or arms < (2 if room == start else 3):
        state.decoy[room] = -1


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    late = state.steps + 1 >= params.horizon
    target = state.cell + shift(action, SIDE)
    if state.walls[target]:
        return -STEP_COST, late
    room = room_of(state.cell)
    if room >= 0 and state.decoy[room] >= 0 and action != state.onward[room]:
        state.wrong_turns += 1
    state.before = state.cell
    state.cell = target
    state.visits[target] = 1
    if target == state.exit:
        return 1.0 - STEP_COST, True
    return -STEP_COST, late


def observe(state, params, obs):
    """Write the observation."""
    left = max(0, 255 * (params.horizon - state.steps) // params.horizon)
    top, edge = state.cell // SIDE - REACH, state.cell % SIDE - REACH
    for row in range(VIEW):
        for column in range(VIEW):
            there_row, there_column = top + row, edge + column
            cell = there_row * SIDE + there_column
            if there_row < 0 or there_row >= SIDE or there_column < 0 or there_column >= SIDE:
                obs[row, column, 0] = 255
            else:
                obs[row, column, 0] = 255 * state.walls[cell]
                obs[row, column, 3] = 255 * (cell == state.exit)
                obs[row, column, 4] = 255 * (cell == state.before)
            obs[row, column, 5] = left
    if params.remind or state.cell == state.start:
        obs[REACH, REACH, 1 + state.color] = 255
    room = room_of(state.cell)
    if room >= 0 and state.decoy[room] >= 0:
        paint_arm(obs, state.onward[room], 1 + state.color)
        paint_arm(obs, state.decoy[room], 2 - state.color)


def paint_arm(obs, direction, channel):
    """Colour the cell next to the middle one."""
    obs[REACH + row_step(direction), REACH + column_step(direction), channel] = 255


def draw(state, params, canvas):
    """Draw the state."""
    scene.draw(state, params, canvas)


def right_hand(obs, space):
    """Keep a hand on the wall to the right: gets out of every such maze, but not by the shortest way."""
    heading = UP
    for direction in range(4):
        if obs[REACH - row_step(direction), REACH - column_step(direction), 4]:
            heading = direction
    for turn in (1, 0, 3, 2):
        direction = (heading + turn) % 4
        if not obs[REACH + row_step(direction), REACH + column_step(direction), 0]:
            return direction
    return UP


ENV = Environment(
    id="sandbox/Maze-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (VIEW, VIEW, 6), np.uint8),
    action_space=spaces.Discrete(4),
    max_episode_steps=1000,
    action_names=("up", "right", "down", "left"),
    obs_names=("walls", "red", "blue", "exit", "last cell", "steps left"),
    keys={"up": UP, "right": RIGHT, "down": DOWN, "left": LEFT},
    turn_based=True,
    size=(440, 440),
    fps=8,
    info=("shortest", "wrong_turns"),
    baseline=right_hand,
)
