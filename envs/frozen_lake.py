"""Cross a frozen lake to the fish without falling into a hole; the ice is slippery.

The same as Gymnasium's FrozenLake-v1 in every transition and its probability; `frozen_lake_8x8` is the
larger map.

A step goes left (0), down (1), right (2) or up (3); the edge of the lake stops it. On slippery ice it goes
where it should with probability `success_rate`, else to one of the two sides, each equally likely. The
observation is the number of the cell, row by row from the top left, where it begins. Reaching the fish in
the bottom right corner gives reward 1 and ends the episode, falling into a hole ends it with 0, and so does
every other step. An episode is cut off after 100 steps. The best possible player gets there in 74 % of
them.

`info` has `prob`, the probability of what the last step did.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype(
    [
        ("cell", "i4"),
        ("before", "i4"),  # the cell of the step before, for the picture
        ("wish", "i4"),  # the last action, -1 for none, for the picture
        ("prob", "f8"),
    ]
)

PARAMS = {
    "slippery": Param(True, help="off: every step goes where it should"),
    "success_rate": Param(1.0 / 3.0, low=0.0, high=1.0, help="share of steps that go where they should"),
}

LAKE = np.frombuffer(b"SFFFFHFHFFFHHFFG", np.uint8)  # start, frozen, hole, goal
SIDE = 4
HOLE, GOAL = 72, 71  # the letters H and G

LEFT, DOWN, RIGHT, UP = range(4)


def neighbor(cell, direction, side):
    """The cell one step further, or the same at the edge of the lake."""
    row, column = cell // side, cell % side
    if direction == LEFT:
        column = max(column - 1, 0)
    elif direction == DOWN:
        row = min(row + 1, side - 1)
    elif direction == RIGHT:
        column = min(column + 1, side - 1)
    else:
        row = max(row - 1, 0)
    return row * side + column


def begin(state):
    """Write the first state of an episode on any lake."""
    state.prob = 1.0
    state.wish = -1


def slide(state, action, params, lake, side):
    """Play one action on a lake; returns reward and terminated."""
    direction = action
    state.prob = 1.0
    if params.slippery:
        aside = 0.5 * (1.0 - params.success_rate)
        chance = uniform(state, 0.0, 1.0)
        if chance < aside:
            direction, state.prob = (action + 3) % 4, aside
        elif chance < aside + params.success_rate:
            state.prob = params.success_rate
        else:
            direction, state.prob = (action + 1) % 4, aside
    state.before = state.cell
    state.wish = action
    state.cell = neighbor(state.cell, direction, side)
    ground = lake[state.cell]
    return (1.0 if ground == GOAL else 0.0), ground in (GOAL, HOLE)


def reset(state, params):
    """Write the first state of an episode."""
    begin(state)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    return slide(state, action, params, LAKE, SIDE)


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.cell


def draw(state, params, canvas):
    """Draw the state."""
    draw_lake(state, canvas, LAKE, SIDE)


def draw_lake(state, canvas, lake, side):
    """Draw any lake."""
    tile = canvas.width / side
    canvas.background("#b9d7ea")
    for cell in range(side * side):
        x, y = cell % side * tile, cell // side * tile
        draw_ice(canvas, x, y, tile, cell)
        if lake[cell] == HOLE:
            draw_hole(canvas, x, y, tile)
        elif lake[cell] == GOAL and state.cell != cell:
            draw_fish(canvas, x + 0.5 * tile, y + 0.5 * tile, tile)
    x, y = (state.cell % side + 0.5) * tile, (state.cell // side + 0.5) * tile
    if state.wish >= 0 and lake[state.cell] != HOLE:
        draw_wish(canvas, state, side, tile)
    if lake[state.cell] == HOLE:
        canvas.circle(x, y + 0.12 * tile, 0.3 * tile, "#4f97c9")
        canvas.circle(x, y + 0.12 * tile, 0.22 * tile, "#2f79b3")
        draw_penguin(canvas, x, y + 0.1 * tile, tile, sunk=True)
    else:
        draw_penguin(canvas, x, y, tile, sunk=False)
        if lake[state.cell] == GOAL:
            draw_fish(canvas, x + 0.2 * tile, y + 0.02 * tile, 0.62 * tile)


def draw_ice(canvas, x, y, tile, cell):
    """One floe, with a crack of its own."""
    gap = 0.02 * tile
    canvas.rect(x + gap, y + gap, tile - 2 * gap, tile - 2 * gap, "#d5e8f4", 0.09 * tile)
    canvas.rect(x + gap, y + gap, tile - 2 * gap, tile - 4.5 * gap, "#eef6fb", 0.09 * tile)
    turn = 2.4 * cell + 0.6
    at_x, at_y = x + tile * (0.5 + 0.26 * math.cos(5 * turn)), y + tile * (0.5 + 0.26 * math.sin(3 * turn))
    for angle, length in ((turn, 0.15), (turn + 2.2, 0.1), (turn + 3.7, 0.12)):
        end = at_x + length * tile * math.cos(angle), at_y + length * tile * math.sin(angle)
        canvas.line(at_x, at_y, *end, "#d9eaf5", 0.018 * tile)


def ellipse(x, y, w, h, turn=0.0):
    """Corners of an ellipse around `x, y` with half axes `w` and `h`."""
    cos, sin = math.cos(turn), math.sin(turn)
    points = []
    for i in range(28):
        along, across = w * math.cos(math.pi * i / 14), h * math.sin(math.pi * i / 14)
        points.append((x + along * cos - across * sin, y + along * sin + across * cos))
    return points


def draw_hole(canvas, x, y, tile):
    """Open water with a broken rim."""
    middle_x, middle_y = x + 0.5 * tile, y + 0.5 * tile
    for size, low, color in ((0.4, 0.0, "#a9cde4"), (0.36, 0.03, "#3f86ba"), (0.33, 0.055, "#1f5f94")):
        rim = []
        for i in range(14):
            far = size * tile * (1 + 0.09 * math.sin(4.1 * i + middle_x + 1.3 * middle_y))
            angle = math.pi * i / 7
            rim.append(
                (middle_x + far * math.cos(angle), middle_y + low * tile + 0.86 * far * math.sin(angle))
            )
        canvas.polygon(rim, color)


def draw_wish(canvas, state, side, tile):
    """From where the penguin stood: an arrow where it wanted to go, and its track where it went."""
    x, y = (state.before % side + 0.5) * tile, (state.before // side + 0.5) * tile
    here_x, here_y = (state.cell % side + 0.5) * tile, (state.cell // side + 0.5) * tile
    canvas.line(x, y + 0.3 * tile, here_x, here_y + 0.3 * tile, "#c3ddee", 0.12 * tile)
    ahead_x = int(state.wish == RIGHT) - int(state.wish == LEFT)
    ahead_y = int(state.wish == DOWN) - int(state.wish == UP)
    slipped = neighbor(int(state.before), int(state.wish), side) != state.cell
    color = "danger" if slipped else "model"
    if state.cell == state.before:
        return
    tip_x, tip_y = x + 0.3 * tile * ahead_x, y + 0.3 * tile * ahead_y
    canvas.line(x - 0.06 * tile * ahead_x, y - 0.06 * tile * ahead_y, tip_x, tip_y, color, 0.06 * tile)
    size = 0.11 * tile
    canvas.polygon(
        [
            (tip_x + 1.2 * size * ahead_x, tip_y + 1.2 * size * ahead_y),
            (tip_x - size * ahead_y, tip_y + size * ahead_x),
            (tip_x + size * ahead_y, tip_y - size * ahead_x),
        ],
        color,
    )


def draw_fish(canvas, x, y, tile):
    """The goal."""
    body = palette.blend("human", "white", 0.25)
    tail = [(x - 0.12 * tile, y), (x - 0.3 * tile, y - 0.13 * tile), (x - 0.25 * tile, y)]
    canvas.polygon([*tail, (x - 0.3 * tile, y + 0.13 * tile)], "human")
    canvas.polygon(ellipse(x + 0.03 * tile, y, 0.22 * tile, 0.13 * tile), body)
    canvas.line(x, y - 0.06 * tile, x, y + 0.06 * tile, "human", 0.025 * tile)
    canvas.circle(x + 0.14 * tile, y - 0.03 * tile, 0.034 * tile, "white")
    canvas.circle(x + 0.148 * tile, y - 0.03 * tile, 0.019 * tile, "ink")


def draw_penguin(canvas, x, y, tile, sunk):
    """The player; only its head shows when it fell in."""
    if not sunk:
        for aside in (-0.1, 0.1):
            canvas.polygon(ellipse(x + aside * tile, y + 0.335 * tile, 0.085 * tile, 0.04 * tile), "#e8872b")
        for aside in (-1, 1):
            wing = ellipse(x + aside * 0.2 * tile, y + 0.1 * tile, 0.065 * tile, 0.17 * tile, -0.35 * aside)
            canvas.polygon(wing, "ink")
        canvas.polygon(ellipse(x, y + 0.1 * tile, 0.2 * tile, 0.25 * tile), "ink")
        canvas.polygon(ellipse(x, y + 0.14 * tile, 0.135 * tile, 0.19 * tile), "white")
    canvas.circle(x, y - 0.14 * tile, 0.16 * tile, "ink")
    for aside in (-0.055, 0.055):
        canvas.circle(x + aside * tile, y - 0.145 * tile, 0.075 * tile, "white")
        canvas.circle(x + 0.8 * aside * tile, y - 0.15 * tile, 0.028 * tile, "ink")
    beak = [(x - 0.05 * tile, y - 0.1 * tile), (x + 0.05 * tile, y - 0.1 * tile), (x, y - 0.03 * tile)]
    canvas.polygon(beak, "#e8872b")
    if sunk:
        canvas.polygon(ellipse(x, y + 0.05 * tile, 0.24 * tile, 0.06 * tile), "#4f97c9")


def careful_action(cell, lake, side):
    """The action that risks the fewest holes if it slips, of these the one that gets closest on average."""
    best, best_cost = RIGHT, math.inf
    # Among equals rather right than down: on both maps the top rows have the fewest holes.
    for action in (RIGHT, DOWN, LEFT, UP):
        cost = 0
        for direction in (action - 1, action, action + 1):
            after = neighbor(cell, direction % 4, side)
            cost += 100 if lake[after] == HOLE else 2 * (side - 1) - after // side - after % side
        if cost < best_cost:
            best, best_cost = action, cost
    return best


def careful(obs, space):
    """Walk so that no slip, or as few as possible, end in a hole."""
    return careful_action(int(obs), LAKE, SIDE)


ENV = Environment(
    id="sandbox/FrozenLake-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Discrete(SIDE * SIDE),
    action_space=spaces.Discrete(4),
    max_episode_steps=100,
    reward_threshold=0.7,
    action_names=("left", "down", "right", "up"),
    keys={"left": LEFT, "down": DOWN, "right": RIGHT, "up": UP},
    turn_based=True,
    size=(400, 400),
    fps=4,
    info=("prob",),
    baseline=careful,
)
