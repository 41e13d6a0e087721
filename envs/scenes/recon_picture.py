"""What `envs.recon` looks like: the photograph, roads, the journey so far, and labels of what is seen."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from envs.engine import palette
from envs.engine.labels import Label, box
from envs.scenes.recon import CLASSES, COLORS, FIRE, FOREST, GRASS, ROAD, ROCK, SAND, SIDE, WATER
from envs.scenes.recon_photograph import PIXELS, land_seen, photograph

UNITS = 30.0  # of a square on the canvas
MAP = SIDE * UNITS


def _keys(state):
    """What decides the land and the clouds, as keys of caches."""
    corners = state["corners"].tobytes()
    return (corners, float(state.burning)), (corners, float(state.dense))


def roads(state):
    """The ways of both roads on the canvas, along rows and columns."""
    rows, columns = state.road_rows.tolist(), state.road_columns.tolist()
    across = [place(row * SIDE + column) for column, row in enumerate(rows)]
    down = [place(row * SIDE + column) for row, column in enumerate(columns)]
    return [
        bends([(0.0, across[0][1]), *across, (MAP, across[-1][1])], first_down=False),
        bends([(down[0][0], 0.0), *down, (down[-1][0], MAP)], first_down=True),
    ]


def bends(points, first_down=True):
    """The ends and bends of a way along rows and columns; `first_down`: how to go where both change."""
    way = [points[0]]
    for x, y in points[1:]:
        before = way[-1]
        if x != before[0] and y != before[1]:
            extend(way, before[0] if first_down else x, y if first_down else before[1])
        extend(way, x, y)
    return way


def extend(way, x, y):
    """Go on to a place; what lies straight between two others is no bend."""
    if len(way) > 1:
        (x1, y1), (x2, y2) = way[-2:]
        on_column, on_row = (
            x1 == x2 == x and (y2 - y1) * (y - y2) > 0,
            y1 == y2 == y and (x2 - x1) * (x - x2) > 0,
        )
        if on_column or on_row:
            way.pop()
    way.append((x, y))


@lru_cache(maxsize=64)
def _in_sight(ways, land, clouds, known):
    """The stretches of ways, as `(x1, y1, x2, y2)`, that no cloud hides."""
    veil, stretches = photograph(land, clouds, known)[1], []
    for (x1, y1), (x2, y2) in (piece for way in ways for piece in pairwise(way)):
        parts = max(1, round((abs(x2 - x1) + abs(y2 - y1)) / 7.5))
        ends = np.linspace((x1, y1), (x2, y2), parts + 1)
        columns, rows = ((ends[:-1] + ends[1:]) / 2 / MAP * PIXELS).astype(int).T
        edges = np.diff(np.pad(veil[rows, columns] < 0.5, 1).astype(np.int8))
        for first, last in zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True):
            stretches.append((*ends[first].tolist(), *ends[last].tolist()))
    return stretches


def draw_roads(canvas, stretches):
    """Draw roads."""
    for wide, color in ((7.0, "#5d6258"), (4.4, "#d2d0c6")):
        for stretch in stretches:
            canvas.line(*stretch, color, wide)


def camera(state, params, canvas):
    """Draw what the satellite sees."""
    canvas.background("night")
    seen = *_keys(state), state["known"].tobytes()
    canvas.image(photograph(*seen)[0], 0, 0, MAP, MAP)
    draw_roads(canvas, _in_sight(tuple(map(tuple, roads(state))), *seen))


def labels(state):
    """What covers the land, the ground first, then roads and clouds; the picture's own lines decide."""
    land, clouds = _keys(state)
    kinds, step = land_seen(*land)[1], MAP / PIXELS
    veil = photograph(land, clouds, state["known"].tobytes())[1]
    found = [Label(CLASSES[kind], runs(kinds == kind, step)) for kind in range(FIRE + 1) if kind != ROAD]
    strips = []
    for points in roads(state):
        for (x1, y1), (x2, y2) in pairwise(points):
            left, top = min(x1, x2) - 3.5, min(y1, y2) - 3.5
            strips.append(box(left, top, abs(x2 - x1) + 7, abs(y2 - y1) + 7))
    found.append(Label("road", strips))
    found.append(Label("cloud", runs(veil > 0.5, step)))
    return [label for label in found if label.outlines]


def runs(mask, step):
    """Outlines that cover the true pixels of a mask: a rectangle for each run along a row."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    return [
        box(start * step, row * step, (end - start) * step, step)
        for row, start, end in zip(rows, starts, ends, strict=True)
    ]


def draw(state, params, canvas):
    """Draw the satellite's picture, the way so far, and the account."""
    camera(state, params, canvas)
    count = min(int(state.count), len(state.path))
    way = bends([place(square) for square in state.path[:count].tolist()])
    for thick, color in ((7, "#20262f"), (3.6, "#ffe08a")):
        for (x1, y1), (x2, y2) in pairwise(way):
            canvas.line(x1, y1, x2, y2, color, thick)
    x, y = place(int(state.start))
    canvas.circle(x, y, 6.5, "#20262f")
    canvas.circle(x, y, 4.6, "#ffe08a")
    x, y = place(int(state.goal))
    canvas.circle(x, y + 1, 15, "#20262f")
    canvas.circle(x, y + 1, 13, "white")
    canvas.circle(x, y + 1, 10.4, "truth")
    canvas.line(x - 3, y + 7, x - 3, y - 6, "white", 2.2)
    canvas.polygon([(x - 3, y - 6), (x + 6, y - 3), (x - 3, y + 1)], "white")
    x, y = place(int(state.square))
    reach = (2 * int(params.sight) + 1) * UNITS / 2
    draw_frame(canvas, x, y, reach)
    draw_truck(canvas, x, y)
    draw_account(canvas, state)


def place(square):
    """The middle of a square on the canvas."""
    return (square % SIDE + 0.5) * UNITS, (square // SIDE + 0.5) * UNITS


def draw_frame(canvas, x, y, reach):
    """Corners around what is seen from the ground."""
    left, right = max(3.0, x - reach), min(MAP - 3, x + reach)
    top, bottom = max(3.0, y - reach), min(MAP - 3, y + reach)
    for a, sign_a in ((left, 1), (right, -1)):
        for b, sign_b in ((top, 1), (bottom, -1)):
            canvas.line(a, b, a + 9 * sign_a, b, "white", 2)
            canvas.line(a, b, a, b + 9 * sign_b, "white", 2)


def draw_truck(canvas, x, y):
    """The vehicle, from above."""
    canvas.rect(x - 9, y - 7, 18, 14, "#20262f", 4)
    canvas.rect(x - 7.6, y - 5.6, 15.2, 11.2, "white", 3)
    canvas.rect(x - 7.6, y - 5.6, 6.4, 11.2, "danger", 3)
    canvas.rect(x + 0.4, y - 4.2, 3.2, 8.4, "#4d84b8", 1)


def draw_account(canvas, state):
    """Hours so far and squares on fire that were entered."""
    canvas.rect(0, MAP, MAP, 40, "night")
    canvas.text(14, MAP + 20, f"{float(state.hours):.1f} h", 19, "white")
    fires = int(state.burns)
    if fires:
        canvas.text(96, MAP + 20, f"{fires} through fire", 14, palette.blend("danger", "white", 0.4))
    for i, kind in enumerate((GRASS, FOREST, ROCK, SAND, WATER, ROAD, FIRE)):
        red, green, blue = (int(value) for value in COLORS[kind])
        x = 214 + 38 * i
        canvas.rect(x, MAP + 8, 30, 10, f"#{red:02x}{green:02x}{blue:02x}", 3)
        canvas.text(x + 15, MAP + 29, CLASSES[kind], 10, "silver", "center")
