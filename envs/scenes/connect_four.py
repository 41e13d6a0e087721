"""The board of `envs.connect_four`: who has four in a row, and what it all looks like."""

from itertools import pairwise

import numpy as np

from envs.engine import palette

ROWS, COLUMNS = 6, 7
CELLS = ROWS * COLUMNS
IN_A_ROW = 4

DOWNWARD, RIGHTWARD = np.array([0, 1, 1, 1]), np.array([1, 0, 1, -1])
"""Steps of the four directions in which a row can lie."""


def is_free(state, column):
    """Whether a stone can be dropped into a column."""
    return 0 <= column < state.columns and state.heights[column] < state.rows


def count(state, column, who, direction, sign):
    """How many stones of a player lie next to where a stone of a column would land, in one direction."""
    row, found = state.heights[column], 0
    for k in range(1, IN_A_ROW):
        r = row + sign * k * DOWNWARD[direction]
        c = column + sign * k * RIGHTWARD[direction]
        if r < 0 or r >= ROWS or c < 0 or c >= COLUMNS or state.cells[r * COLUMNS + c] != who:
            break
        found += 1
    return found


def wins(state, column, who):
    """Whether a stone dropped into a free column makes four in a row."""
    for direction in range(4):
        if count(state, column, who, direction, 1) + count(state, column, who, direction, -1) >= IN_A_ROW - 1:
            return True
    return False


def drop(state, column):
    """Drop a stone of the player whose turn it is into a free column; then it is the other's turn."""
    who = state.turn
    if wins(state, column, who):
        state.winner = who
    state.last = state.heights[column] * COLUMNS + column
    state.cells[state.last] = who
    state.heights[column] += 1
    state.moves += 1
    state.turn = 3 - who


def is_over(state):
    """Whether somebody has won or the board is full."""
    return state.winner != 0 or state.moves == state.rows * state.columns


SIDE = 72
MARGIN = 16
BOTTOM = 34
SIZE = (COLUMNS * SIDE + 2 * MARGIN, ROWS * SIDE + 2 * MARGIN + BOTTOM)
BOARD = palette.blend("model", "night", 0.45)
STONES = ("human", "danger")


def draw(state, params, canvas):
    """Draw the board, row 0 at the bottom; a ring shows the last stone, and those of a row of four."""
    canvas.background("night")
    rows, columns = int(state.rows) or ROWS, int(state.columns) or COLUMNS
    left = (canvas.width - columns * SIDE) / 2
    top = MARGIN + (ROWS - rows) * SIDE
    canvas.rect(left - 10, top - 10, columns * SIDE + 20, rows * SIDE + 20, BOARD, 18)
    shown = winning_cells(state)
    for row in range(rows):
        for column in range(columns):
            cell = row * COLUMNS + column
            x, y = left + (column + 0.5) * SIDE, top + (rows - row - 0.5) * SIDE
            canvas.circle(x, y + 2, 29, palette.blend(BOARD, "black", 0.35))
            who = int(state.cells[cell])
            if who == 0:
                canvas.circle(x, y, 28, "night")
                continue
            # The player who is looked at has the warm stones, whoever began.
            color = STONES[int(who != state.me)]
            canvas.circle(x, y, 28, color)
            canvas.circle(x, y, 22, palette.blend(color, "white", 0.14))
            canvas.circle(x, y, 18, color)
            if cell in shown:
                ring(canvas, x, y, 24, "white", 5)
            elif cell == state.last:
                ring(canvas, x, y, 9, palette.blend(color, "white", 0.75), 3)
    for column in range(columns):
        free = bool(is_free(state, column)) and not is_over(state)
        color = "silver" if free else palette.blend("night", "slate", 0.6)
        x, y = left + (column + 0.5) * SIDE, canvas.height - 18
        canvas.text(x, y, str(column + 1), 18, color, "center")


def ring(canvas, x, y, radius, color, width):
    """A circle that is not filled."""
    turns = np.linspace(0, 2 * np.pi, 25)
    points = [(x + radius * np.cos(turn), y + radius * np.sin(turn)) for turn in turns]
    for (x1, y1), (x2, y2) in pairwise(points):
        canvas.line(x1, y1, x2, y2, color, width)


def winning_cells(state):
    """The cells of all rows of four."""
    board = state.cells.reshape(ROWS, COLUMNS)
    found = set()
    for row in range(ROWS):
        for column in range(COLUMNS):
            for down, right in zip(DOWNWARD, RIGHTWARD, strict=True):
                places = [(row + k * down, column + k * right) for k in range(IN_A_ROW)]
                inside = all(0 <= r < ROWS and 0 <= c < COLUMNS for r, c in places)
                if inside and board[row, column] and len({int(board[r, c]) for r, c in places}) == 1:
                    found |= {r * COLUMNS + c for r, c in places}
    return found
