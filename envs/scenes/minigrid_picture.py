"""What grid worlds look like from above: bright what is in view."""

import math

import numpy as np

from envs.engine import palette
from envs.scenes.minigrid import (
    BALL,
    CLOSED,
    GOAL,
    KEY,
    LOCKED,
    OBSERVATIONS,
    OPEN,
    REACH,
    SIDE,
    VIEW,
    WALL,
    ahead_x,
    ahead_y,
    look,
)

DARK, DOOR, GOLD = "#1b222d", "#b5803a", "#f0c64f"


def seen_cells(state):
    """Columns and rows (x, y) of the cells in view."""
    obs = np.zeros(OBSERVATIONS.shape, np.uint8)
    look(state, obs)
    dx, dy = ahead_x(state.heading), ahead_y(state.heading)
    x, y = int(state.at) % SIDE, int(state.at) // SIDE
    return {
        (x + (VIEW - 1 - row) * dx - (column - REACH) * dy, y + (VIEW - 1 - row) * dy + (column - REACH) * dx)
        for row, column in np.argwhere(obs[:, :, 0])
    }


def draw_world(state, canvas, side, left=0, top=0):
    """Draw `side` by `side` cells of the world from a corner on, and who walks there."""
    tile = canvas.width / side
    canvas.background(DARK)
    grid = np.asarray(state.grid).reshape(SIDE, SIDE)[top : top + side, left : left + side]
    open_ = np.pad(grid != WALL, 1)
    around = [open_[1 + a : 1 + a + side, 1 + b : 1 + b + side] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    near = np.any(around, axis=0)
    seen = seen_cells(state)
    for row, column in np.ndindex(side, side):
        x, y, code = column * tile, row * tile, int(grid[row, column])
        light = 1.0 if (left + column, top + row) in seen else 0.5
        if code == WALL:
            if near[row, column]:
                canvas.rect(x, y, tile + 0.5, tile + 0.5, palette.blend(DARK, "#76859d", light))
            continue
        floor = palette.blend(DARK, "#efe9dc" if (row + column) % 2 else "#e6dfcf", light)
        canvas.rect(x, y, tile + 0.5, tile + 0.5, floor)
        draw_thing(canvas, x, y, tile, code, light, state)
    draw_walker(state, canvas, tile, left, top)


def draw_thing(canvas, x, y, tile, code, light, state):
    """A door, a key, a ball or the goal, in a cell with this corner."""
    color = palette.blend(DARK, DOOR, light)
    if code in (CLOSED, LOCKED):
        canvas.rect(x + 0.04 * tile, y + 0.04 * tile, 0.92 * tile, 0.92 * tile, color, 0.06 * tile)
        inner = palette.blend(color, "black", 0.35)
        canvas.rect(x + 0.16 * tile, y + 0.16 * tile, 0.68 * tile, 0.68 * tile, inner, 0.04 * tile)
        if code == LOCKED:
            canvas.circle(x + 0.5 * tile, y + 0.43 * tile, 0.12 * tile, GOLD)
            canvas.rect(x + 0.45 * tile, y + 0.45 * tile, 0.1 * tile, 0.24 * tile, GOLD)
        else:
            canvas.circle(x + 0.72 * tile, y + 0.5 * tile, 0.08 * tile, GOLD)
    elif code == OPEN:
        rim = 0.1 * tile
        for left, top, width, height in (
            (0, 0, tile, rim),
            (0, tile - rim, tile, rim),
            (0, 0, rim, tile),
            (tile - rim, 0, rim, tile),
        ):
            canvas.rect(x + left, y + top, width, height, color)
    elif code == KEY:
        draw_key(canvas, x + 0.5 * tile, y + 0.5 * tile, tile)
    elif code == BALL:
        canvas.circle(x + 0.5 * tile, y + 0.5 * tile, 0.3 * tile, "danger")
        canvas.circle(x + 0.41 * tile, y + 0.4 * tile, 0.08 * tile, palette.blend("danger", "white", 0.6))
    elif code == GOAL:
        canvas.rect(x + 0.06 * tile, y + 0.06 * tile, 0.88 * tile, 0.88 * tile, "truth", 0.1 * tile)
        canvas.line(x + 0.38 * tile, y + 0.8 * tile, x + 0.38 * tile, y + 0.22 * tile, "white", 0.06 * tile)
        flag = ((0.38, 0.2), (0.76, 0.34), (0.38, 0.48))
        canvas.polygon([(x + a * tile, y + b * tile) for a, b in flag], "white")


def draw_key(canvas, x, y, tile):
    """A key around a place."""
    canvas.circle(x - 0.16 * tile, y, 0.15 * tile, GOLD)
    canvas.circle(x - 0.16 * tile, y, 0.06 * tile, "#7a5a1c")
    canvas.line(x - 0.02 * tile, y, x + 0.3 * tile, y, GOLD, 0.08 * tile)
    for tooth in (0.16, 0.27):
        canvas.line(x + tooth * tile, y, x + tooth * tile, y + 0.13 * tile, GOLD, 0.07 * tile)


def draw_walker(state, canvas, tile, left, top):
    """An arrowhead that points where it looks, with what it carries on its back."""
    x, y = (int(state.at) % SIDE - left + 0.5) * tile, (int(state.at) // SIDE - top + 0.5) * tile
    angle = int(state.heading) * math.pi / 2
    cos, sin = math.cos(angle), math.sin(angle)

    def place(along, aside):
        return x + tile * (along * cos - aside * sin), y + tile * (along * sin + aside * cos)

    shape = ((0.4, 0.0), (-0.32, 0.33), (-0.18, 0.0), (-0.32, -0.33))
    canvas.polygon([place(a, b) for a, b in ((0.46, 0.0), (-0.4, 0.42), (-0.24, 0.0), (-0.4, -0.42))], "ink")
    canvas.polygon([place(*point) for point in shape], "model")
    if state.carrying == KEY:
        draw_key(canvas, *place(-0.02, 0.0), 0.55 * tile)
    elif state.carrying == BALL:
        canvas.circle(*place(-0.02, 0.0), 0.13 * tile, "danger")
