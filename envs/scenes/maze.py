"""The grid of `envs.maze`, rooms two cells apart, and what it all looks like."""

import numpy as np

from envs.engine import palette

MAX_SIZE = 10
SIDE = 2 * MAX_SIZE + 1  # a maze of fewer rooms fills the top left corner
VIEW = 5
REACH = VIEW // 2

UP, RIGHT, DOWN, LEFT = range(4)


def row_step(direction):
    """Rows that one step in a direction moves down."""
    return int(direction == DOWN) - int(direction == UP)


def column_step(direction):
    """Columns that one step in a direction moves right."""
    return int(direction == RIGHT) - int(direction == LEFT)


def shift(direction, width):
    """How many cells further a step leads in a grid `width` wide."""
    return width * row_step(direction) + column_step(direction)


def cell_of(room):
    """The cell that a room is in."""
    return (2 * (room // MAX_SIZE) + 1) * SIDE + 2 * (room % MAX_SIZE) + 1


def room_of(cell):
    """The room in a cell, -1 for a passage between two."""
    row, column = cell // SIDE, cell % SIDE
    return row // 2 * MAX_SIZE + column // 2 if row % 2 and column % 2 else -1


COLORS = ("danger", "#2f7be0")


def draw(state, params, canvas):
    """Draw the state: bright what is in view, dim what was, faint the rest."""
    cells = 2 * state.rooms + 1
    side = canvas.width / cells
    canvas.background("#141923")
    row, column = divmod(int(state.cell), SIDE)
    walls = state.walls.reshape(SIDE, SIDE)[:cells, :cells]
    visited = np.argwhere(state.visits.reshape(SIDE, SIDE))
    seen = np.zeros((SIDE, SIDE), np.bool_)
    for r, c in visited:
        seen[max(0, r - REACH) : r + REACH + 1, max(0, c - REACH) : c + REACH + 1] = True
    for r in range(cells):
        for c in range(cells):
            light = 1.0 if max(abs(r - row), abs(c - column)) <= REACH else 0.38 if seen[r, c] else 0.07
            x, y = c * side, r * side
            if walls[r, c]:
                canvas.rect(x, y, side + 0.5, side + 0.5, palette.blend("#141923", "#57647a", light))
                canvas.rect(x, y, side + 0.5, 0.72 * side, palette.blend("#141923", "#76859d", light))
            else:
                tone = "#efe9dc" if (r + c) % 2 else "#e6dfcf"
                canvas.rect(x, y, side + 0.5, side + 0.5, palette.blend("#141923", tone, light))
    for r, c in visited:
        if (r, c) != (row, column):
            canvas.circle((c + 0.5) * side, (r + 0.5) * side, 0.07 * side, "#8d8470")

    def middle(cell):
        return (cell % SIDE + 0.5) * side, (cell // SIDE + 0.5) * side

    color = COLORS[state.color]
    if state.cell == state.start or params.remind:
        x, y, rim = column * side, row * side, 0.09 * side
        canvas.rect(x, y, side, side, color)
        canvas.rect(x + rim, y + rim, side - 2 * rim, side - 2 * rim, palette.blend(color, "white", 0.45))
    if seen.reshape(-1)[state.exit]:
        x, y = middle(state.exit)
        canvas.rect(x - 0.36 * side, y - 0.42 * side, 0.72 * side, 0.84 * side, "#5b4630", 0.1 * side)
        canvas.rect(x - 0.26 * side, y - 0.32 * side, 0.52 * side, 0.74 * side, "truth", 0.06 * side)
        canvas.circle(x + 0.14 * side, y + 0.08 * side, 0.06 * side, "#e8c35a")
    room = room_of(int(state.cell))
    if room >= 0 and state.decoy[room] >= 0:
        for direction, paint in ((state.onward[room], color), (state.decoy[room], COLORS[1 - state.color])):
            draw_arrow(canvas, *middle(state.cell + shift(direction, SIDE)), direction, side, paint)
    draw_player(canvas, state, *middle(state.cell), side)


def draw_arrow(canvas, x, y, direction, side, color):
    """An arm of a sign."""
    ahead_x, ahead_y = side * column_step(direction), side * row_step(direction)
    points = ((-0.36, -0.15), (0.0, -0.15), (0.0, -0.34), (0.4, 0.0), (0.0, 0.34), (0.0, 0.15), (-0.36, 0.15))
    turned = [(x + a * ahead_x - b * ahead_y, y + a * ahead_y + b * ahead_x) for a, b in points]
    canvas.polygon(turned, color)


def draw_player(canvas, state, x, y, side):
    """A round robot that looks where it goes."""
    canvas.circle(x, y + 0.06 * side, 0.36 * side, "#2b3340")
    canvas.circle(x, y, 0.35 * side, "#f2b43c")
    canvas.circle(x - 0.1 * side, y - 0.12 * side, 0.1 * side, "#f8d68c")
    moved = int(state.cell) - int(state.before) if state.before >= 0 else 0
    ahead_x, ahead_y = moved if abs(moved) == 1 else 0, moved // SIDE if abs(moved) == SIDE else 0
    x, y = x + 0.13 * side * ahead_x, y + 0.13 * side * ahead_y
    for aside in (-0.11 * side, 0.11 * side):
        eye_x, eye_y = (x, y + aside) if ahead_x else (x + aside, y)
        canvas.circle(eye_x, eye_y, 0.085 * side, "white")
        canvas.circle(eye_x + 0.03 * side * ahead_x, eye_y + 0.03 * side * ahead_y, 0.045 * side, "ink")
