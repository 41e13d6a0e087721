"""What the five games of MinAtar share (Young & Tian 2019): the grid, sticky actions, ways to draw things."""

from envs.engine import palette
from envs.engine.environment import Param
from envs.engine.random import uniform

SIZE = 10
LAST = SIZE - 1
CELL = 40.0
"""Side of a cell in the pictures, which are 400 wide and high."""

NOOP, LEFT, UP, RIGHT, DOWN, FIRE = range(6)
"""MinAtar's actions. A game has those that do something in it, in this order."""

STICKY = Param(0.1, low=0.0, high=1.0, help="chance that the last action is repeated instead")
RAMPING = Param(True, help="off: it never gets harder")

SKY = palette.blend("night", "model", 0.06)


def stick(state, action, params):
    """What is really played: the action, or with chance `sticky` the one before, which begins as 0."""
    if uniform(state, 0.0, 1.0) >= params.sticky:
        state.played = action
    return state.played


def inside(column):
    """Whether a column is one of the grid's."""
    return 0 <= column < SIZE


def middle(cell):
    """The middle of a row or column in a picture; fractions lie between two."""
    return (cell + 0.5) * CELL


def slide(right, wait, pause):
    """How far from the middle of its cell a thing is drawn that moves one cell every `pause` steps.

    `wait` steps are left until it moves. So pictures flow where the rules jump.
    """
    return right * (0.5 - (wait + 0.5) / max(pause, 1)) * 0.9


def checks(canvas, color, other):
    """Cover the picture with the grid, its columns in two shades."""
    canvas.background(color)
    for column in range(0, SIZE, 2):
        canvas.rect(column * CELL, 0, CELL, canvas.height, other)


def eyes(canvas, x, y, right, apart=5.0, size=4.0):
    """Draw two eyes that look to the side."""
    for aside in (-apart, apart):
        canvas.circle(x + aside + right * 2, y, size, "white")
        canvas.circle(x + aside + right * (2 + size / 3), y, size * 0.5, "night")


def fish(canvas, x, y, right, color):
    """Draw a fish that swims to the side."""
    dark = palette.blend(color, "night", 0.35)
    canvas.polygon([(x - 6 * right, y), (x - 17 * right, y - 9), (x - 17 * right, y + 9)], dark)
    canvas.polygon([(x - 10, y), (x, y - 10), (x + 10, y), (x, y + 10)], color)
    canvas.circle(x, y, 9, color)
    canvas.circle(x + 4 * right, y, 8, color)
    canvas.circle(x + 7 * right, y - 2, 2.5, "white")
    canvas.circle(x + 7.7 * right, y - 2, 1.3, "night")


def submarine(canvas, x, y, right, color):
    """Draw a submarine whose bow is at `x, y`; its stern is a cell behind."""
    dark = palette.blend(color, "night", 0.4)
    behind = x - CELL * right
    left = min(x, behind) - 12
    canvas.rect(x - 0.45 * CELL * right - 9, y - 16, 18, 14, dark, 4)
    canvas.line(x - 0.4 * CELL * right, y - 20, x - 0.4 * CELL * right, y - 10, dark, 3)
    canvas.rect(behind - 12 * right - 3, y - 10, 6, 20, dark, 2)
    canvas.rect(left, y - 10, CELL + 24, 21, dark, 10)
    canvas.rect(left, y - 10, CELL + 24, 18, color, 9)
    for back in (0.0, 0.35, 0.7):
        canvas.circle(x - back * CELL * right, y - 1, 3.5, palette.blend(color, "white", 0.75))
