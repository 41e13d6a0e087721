"""The picture of `envs.minatar_seaquest`, and its hand-written player."""

import numpy as np

from envs.engine import palette
from envs.scenes.minatar import (
    CELL,
    DOWN,
    FIRE,
    LAST,
    LEFT,
    NOOP,
    RIGHT,
    SIZE,
    UP,
    fish,
    inside,
    middle,
    slide,
    submarine,
)
from envs.scenes.minatar_seaquest_life import CREW, DIVER_PAUSE, OXYGEN


def water(row):
    """The colour of the water: light above, dark below."""
    return palette.blend(palette.blend("model", "night", 0.45), "night", 0.14 + 0.085 * row)


def draw(state, canvas):
    """Draw the sea, what lives and swims in it, and the two gauges."""
    canvas.background(palette.blend("model", "white", 0.72))
    for row in range(1, LAST):
        canvas.rect(0, row * CELL, 400, CELL + 1, water(row))
    for i in range(21):
        swell = 3 if (i + state.steps // 5) % 2 else -1
        canvas.circle(i * 20, CELL + 1, 11 + swell, water(1))
    for i in range(14):
        x, y = i * 131 % 400, 360 - (i * 83 + state.steps) % 300
        canvas.circle(x, y, 1.5 + i % 3, palette.blend(water(y / CELL), "white", 0.13))

    for i in np.flatnonzero(state.diver_right):
        right = int(state.diver_right[i])
        x = middle(state.diver_column[i] + slide(right, state.diver_wait[i], DIVER_PAUSE + 1))
        draw_diver(canvas, x, middle(state.diver_row[i]), right, state.steps // 3 % 2)
    for i in np.flatnonzero(state.enemy_right):
        right = int(state.enemy_right[i])
        moved = slide(right, state.enemy_wait[i], state.pause + 1)
        x, y = middle(state.enemy_column[i] + moved), middle(state.enemy_row[i])
        if state.enemy_gun[i] < 0:
            fish(canvas, x, y, right, "danger")
        else:
            submarine(canvas, x, y, right, palette.blend("danger", "slate", 0.55))
    for i in np.flatnonzero(state.bullet_right):
        x, y = middle(state.bullet_column[i]), middle(state.bullet_row[i])
        canvas.circle(x, y, 5, palette.blend("danger", "white", 0.35))
    for i in np.flatnonzero(state.torpedo_right):
        right = int(state.torpedo_right[i])
        x, y = middle(state.torpedo_column[i]), middle(state.torpedo_row[i])
        canvas.line(
            x - 24 * right, y, x - 8 * right, y, palette.blend(water(state.torpedo_row[i]), "white", 0.3), 3
        )
        canvas.line(x - 8 * right, y, x + 8 * right, y, "white", 6)
    color = "slate" if state.over and state.steps < 1000 else palette.blend("human", "white", 0.15)
    submarine(canvas, middle(state.column), middle(state.row), int(state.right), color)
    draw_gauges(state, canvas)


def draw_diver(canvas, x, y, right, kick):
    """Draw a diver who swims to the side."""
    suit = palette.blend("truth", "white", 0.25)
    canvas.line(x - 3 * right, y, x - 15 * right, y + (4 if kick else -4), suit, 4)
    canvas.line(x - 3 * right, y, x - 15 * right, y + (-4 if kick else 4), suit, 4)
    canvas.line(x - 5 * right, y, x + 4 * right, y, suit, 10)
    canvas.circle(x + 10 * right, y - 1, 6, palette.blend("human", "white", 0.6))
    canvas.rect(x + 10 * right - 1.5 + 2.5 * right, y - 4, 3, 6, "night", 1)


def draw_gauges(state, canvas):
    """Draw how much oxygen is left, and who is on board."""
    y = LAST * CELL
    canvas.rect(0, y, 400, CELL, "night")
    left = max(state.oxygen, 0) / OXYGEN
    canvas.rect(12, y + 14, 206, 12, "slate", 6)
    if left > 0.06:
        color = palette.blend("model", "white", 0.35) if left > 0.25 else "danger"
        canvas.rect(12, y + 14, 206 * left, 12, color, 6)
    for i in range(CREW):
        x = 244 + i * 27
        color = palette.blend("truth", "white", 0.25) if i < state.divers else "slate"
        canvas.circle(x, y + 14, 5.5, color)
        canvas.rect(x - 8, y + 21, 16, 11, color, 5)


def threats(obs, enemies):
    """Cells that an enemy or a bullet may be in after the next step."""
    danger, wake = set(), obs[:, :, 3]
    for row, column in enemies:
        danger |= {(row, column), (row, column + (1 if column == 0 or wake[row, column - 1] else -1))}
    for row, column in np.argwhere(obs[:, :, 4]).tolist():
        danger |= {(row, column - 1), (row, column), (row, column + 1)}
    return danger


def hunt(obs):
    """Fire at what is ahead, keep out of the way of the rest, fetch divers, and come up for air with them.

    It sees one step ahead. It comes up with all six, or when the air runs low and there is one on board.
    """
    row, column = divmod(int(obs[:, :, 0].argmax()), SIZE)
    right = 1 if inside(column - 1) and obs[row, column - 1, 1] else -1
    oxygen, crew = np.count_nonzero(obs[LAST, :, 7]), np.count_nonzero(obs[LAST, :, 8])
    enemies = np.argwhere(obs[:, :, 5] | obs[:, :, 6]).tolist()
    divers = np.argwhere(obs[:, :, 9]).tolist() if crew < CREW else []
    danger = threats(obs, enemies)
    come_up = crew == CREW or (crew > 0 and oxygen <= 2)
    ahead = any(r == row and (c - column) * right > 0 for r, c in enemies)
    behind = any(r == row and (c - column) * right < 0 for r, c in enemies)

    def distance(r, c):
        if come_up:
            return float(r)
        if divers:
            return float(min(abs(y - r) + abs(x - c) for y, x in divers))
        return min((abs(y - r) for y, _ in enemies), default=abs(r - 4)) + 0.1 * abs(c - 4.5)

    best, least = NOOP, np.inf
    for action in (FIRE, NOOP, LEFT, RIGHT, UP, DOWN):
        c = min(max(column + (action == RIGHT) - (action == LEFT), 0), LAST)
        r = min(max(row + (action == DOWN) - (action == UP), 0), LAST - 1)
        cost = distance(r, c) + 100 * ((r, c) in danger) - 3 * (action == FIRE and ahead)
        if r == 0 and row > 0 and not come_up:
            cost += 200
        if cost < least:
            best, least = action, cost
    if best in (FIRE, NOOP) and behind and not ahead and (row, column - right) not in danger:
        return LEFT if right == 1 else RIGHT
    return best
