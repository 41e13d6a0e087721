"""The land of `envs.recon`: fields of noise that decide what grows where, and a satellite's picture of it."""

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from envs.engine import palette
from envs.engine.labels import Label, box

SIDE = 16  # squares along each edge of the map
NODES, FINE = 7, 13  # corners of a field along each edge; of the finer part of the height
FIELDS = 5
HEIGHT, MOISTURE, HEAT, HAZE, FINER = range(FIELDS)
CORNERS = (FIELDS - 1) * NODES * NODES + FINE * FINE
ROUGH = 0.38  # share of the finer part in the height

WATER, SAND, GRASS, FOREST, ROCK, ROAD, FIRE, CLOUD = range(8)
CLASSES = ("water", "sand", "grass", "forest", "rock", "road", "fire", "cloud")
# What a square of each looks like from above: red, green, blue.
COLORS = np.array(
    [
        (38, 78, 122),
        (206, 188, 140),
        (128, 152, 84),
        (46, 84, 52),
        (134, 124, 114),
        (196, 196, 190),
        (226, 96, 38),
        (236, 240, 245),
    ],
    np.float64,
)
SEA, BEACH, HILLS = 0.37, 0.41, 0.62
WOODED = 0.5
VEIL = 0.08  # how quickly a cloud gets dense from its edge


def field(corners, which, down, right):
    """Value noise: random numbers at corners, smooth in between; `down` and `right` from 0 to 1."""
    nodes = FINE if which == FINER else NODES
    row, column = min(int(down * (nodes - 1)), nodes - 2), min(int(right * (nodes - 1)), nodes - 2)
    a, b = down * (nodes - 1) - row, right * (nodes - 1) - column
    a, b = a * a * (3.0 - 2.0 * a), b * b * (3.0 - 2.0 * b)
    i = which * NODES * NODES + row * nodes + column
    upper = corners[i] + b * (corners[i + 1] - corners[i])
    lower = corners[i + nodes] + b * (corners[i + nodes + 1] - corners[i + nodes])
    return upper + a * (lower - upper)


def kind_at(height, wet):
    """What land of this height and moisture is covered with."""
    if height < SEA:
        return WATER
    if height < BEACH:
        return SAND
    if height > HILLS:
        return ROCK
    return FOREST if wet > WOODED else GRASS


def limit(share):
    """Above which value of a field something is, so that there is more of it with a larger share."""
    return 1.0 - 0.8 * share


PIXELS = 168  # of the picture, along each edge
UNITS = 30.0  # of a square on the canvas
MAP = SIDE * UNITS


def _grid(corners, nodes):
    """A field in all pixels; `corners` are its own."""
    at = (np.arange(PIXELS) + 0.5) / PIXELS * (nodes - 1)
    low = np.minimum(at.astype(int), nodes - 2)
    part = at - low
    part = part * part * (3 - 2 * part)
    corners = np.asarray(corners, np.float64).reshape(nodes, nodes)
    rows = corners[low] * (1 - part[:, None]) + corners[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def _field(corners, which):
    """One of the fields in all pixels; `corners` are the bytes of all."""
    first, nodes = which * NODES * NODES, FINE if which == FINER else NODES
    return _grid(np.frombuffer(corners)[first : first + nodes * nodes], nodes)


def _grain(rng, cells, strength):
    """Noise in patches, `cells` along each edge."""
    patch = -(-PIXELS // cells)
    grain = rng.normal(0, strength, (cells, cells))
    return np.kron(grain, np.ones((patch, patch)))[:PIXELS, :PIXELS]


@lru_cache(maxsize=64)
def _land(corners, burning):
    """Colours `(PIXELS, PIXELS, 3)` of the land without clouds, and what covers each pixel."""
    rng = np.random.default_rng(np.frombuffer(corners, np.uint32)[:8])
    height = (1 - ROUGH) * _field(corners, HEIGHT) + ROUGH * _field(corners, FINER)
    rough = height + _grain(rng, 96, 0.006) + _grain(rng, 48, 0.006)
    wet = _field(corners, MOISTURE) + _grain(rng, 64, 0.02)
    kinds = np.where(wet > WOODED, FOREST, GRASS)
    kinds = np.where(rough > HILLS, ROCK, kinds)
    kinds = np.where(rough < BEACH, SAND, kinds)
    kinds = np.where(rough < SEA, WATER, kinds)
    image = COLORS[kinds]
    image[kinds == WATER] -= 190 * np.clip(SEA - height[kinds == WATER], 0, 0.2)[:, None] * (0.8, 1, 1)
    fields = np.stack([_grain(rng, 32, 13), _grain(rng, 32, 10), _grain(rng, 32, 7)], axis=2)
    for kind, texture in ((GRASS, fields), (FOREST, _grain(rng, 96, 9)[:, :, None])):
        image += np.where((kinds == kind)[:, :, None], texture, 0)
    image += np.where(kinds == ROCK, _grain(rng, 96, 9) + 160 * np.clip(height - HILLS, 0, 0.3), 0)[
        :, :, None
    ]
    down, right = np.gradient(height * PIXELS)
    light = np.clip(1 + 0.4 * (down + right), 0.7, 1.18)
    image *= np.where(kinds == WATER, 1.0, light)[:, :, None]
    heat = (_field(corners, HEAT) + _grain(rng, 64, 0.006) - burning) / 0.1
    alight = (heat > 0) & ((kinds == GRASS) | (kinds == FOREST))
    ember = np.clip(1.1 - 1.5 * heat, 0, 1) + 0.55 * (_grain(rng, 96, 1) > 0.9)
    ash, flame = np.array([52, 42, 38]), np.array([255, 132, 40])
    burnt = ash + np.clip(ember, 0, 1)[:, :, None] * (flame - ash)
    image = np.where(alight[:, :, None], burnt, image)
    smoke = np.roll(np.clip(1.2 * alight, 0, 1), (-9, 13), (0, 1))
    for axis in (0, 1, 0, 1):
        smoke = np.mean([np.roll(smoke, k, axis) for k in range(-5, 6)], axis=0)
    image += 0.45 * smoke[:, :, None] * (np.array([186, 182, 178]) - image)
    return image, np.where(alight, FIRE, kinds).astype(np.uint8)


@lru_cache(maxsize=64)
def _clouds(corners, dense):
    """How much of the ground each pixel's cloud hides, from 0 to 1."""
    rng = np.random.default_rng(np.frombuffer(corners, np.uint32)[8:16])
    fluff = np.sum([_grid(rng.uniform(-1, 1, n * n), n) / n for n in (14, 29, 57)], axis=0)
    return np.clip((_field(corners, HAZE) + 0.5 * fluff - dense) / VEIL, 0, 1)


@lru_cache(maxsize=64)
def _photograph(land, clouds, known):
    """The satellite's picture, clear where `known` says that somebody was there."""
    import cv2

    clear = np.frombuffer(known, np.uint8).reshape(SIDE, SIDE).astype(np.float32)
    open_sky = cv2.resize(clear, (PIXELS, PIXELS), interpolation=cv2.INTER_LINEAR)
    veil = 0.94 * _clouds(*clouds) * (1 - np.clip(1.4 * open_sky, 0, 1))
    shade = 1 - 0.42 * np.roll(veil, (7, 5), (0, 1))
    image = _land(*land)[0] * shade[:, :, None]
    image += veil[:, :, None] * (np.array([240, 243, 247]) - 14 * (1 - veil[:, :, None]) - image)
    return np.clip(image, 0, 255).astype(np.uint8), veil


def _keys(state):
    """What decides the land and the clouds, as keys of caches."""
    corners = state["corners"].tobytes()
    return (corners, float(state.burning)), (corners, float(state.dense))


def roads(state):
    """Points of both roads on the canvas."""
    across = [((c + 0.5) * UNITS, (row + 0.5) * UNITS) for c, row in enumerate(state.road_rows)]
    down = [((column + 0.5) * UNITS, (r + 0.5) * UNITS) for r, column in enumerate(state.road_columns)]
    return [
        [(0.0, across[0][1]), *across, (MAP, across[-1][1])],
        [(down[0][0], 0.0), *down, (down[-1][0], MAP)],
    ]


def corners(points):
    """A road's way: along a row or a column, from square to square."""
    way = [points[0]]
    down = points[1][0] == points[0][0]
    for x, y in points[1:]:
        before = way[-1]
        if x != before[0] and y != before[1]:
            way.append((before[0], y) if down else (x, before[1]))
        way.append((x, y))
    return way


def draw_roads(state, canvas, veil=None):
    """Draw the roads, but not through clouds."""
    for points in roads(state):
        way = corners(points)
        for wide, color in ((7.0, "#5d6258"), (4.4, "#d2d0c6")):
            for (x1, y1), (x2, y2) in pairwise(way):
                parts = max(1, round(math.hypot(x2 - x1, y2 - y1) / 7.5))
                for k in range(parts):
                    a, b = k / parts, (k + 1) / parts
                    x, y = x1 + (a + b) / 2 * (x2 - x1), y1 + (a + b) / 2 * (y2 - y1)
                    hidden = 0.0
                    if veil is not None:
                        i, j = (min(PIXELS - 1, int(v / MAP * PIXELS)) for v in (y, x))
                        hidden = veil[i, j]
                    if hidden < 0.5:
                        ends = x1 + a * (x2 - x1), y1 + a * (y2 - y1), x1 + b * (x2 - x1), y1 + b * (y2 - y1)
                        canvas.line(*ends, color, wide)


def camera(state, params, canvas):
    """Draw what the satellite sees."""
    canvas.background("night")
    image, veil = _photograph(*_keys(state), state["known"].tobytes())
    canvas.image(image, 0, 0, MAP, MAP)
    draw_roads(state, canvas, veil)


def labels(state):
    """What covers the land, the ground first, then roads and clouds; the picture's own lines decide."""
    land, clouds = _keys(state)
    kinds, step = _land(*land)[1], MAP / PIXELS
    veil = _photograph(land, clouds, state["known"].tobytes())[1]
    found = [Label(CLASSES[kind], runs(kinds == kind, step)) for kind in range(FIRE + 1) if kind != ROAD]
    strips = []
    for points in roads(state):
        for (x1, y1), (x2, y2) in pairwise(corners(points)):
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
    way = [place(int(square)) for square in state.path[:count]]
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
