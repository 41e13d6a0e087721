"""The ground of `envs.lander`, in metres, and what it all looks like."""

import math
from functools import lru_cache

import numpy as np

from envs.engine import palette

POINTS = 25
WIDTH = 60.0
SPACING = WIDTH / (POINTS - 1)
FOOT_X, FOOT_Y = 2.4, -1.9  # from the centre of mass


def segment(x):
    """The number of the point to the left of a place; places outside count as the edge."""
    return min(max(int(x / SPACING), 0), POINTS - 2)


def slope(state, x):
    """How steep the ground is at a place: its rise per metre to the right."""
    left = segment(x)
    return (state.heights[left + 1] - state.heights[left]) / SPACING


def ground(state, x):
    """Height of the ground at a place, in m."""
    left = segment(x)
    return state.heights[left] + slope(state, x) * (x - left * SPACING)


METER = 10.0  # units of the picture
FLOOR = 372.0  # where a height of 0 m is
SKY = "#0b0e16"


def place(x, y):
    """Where a place of the world is on the picture."""
    return METER * x, FLOOR - METER * y


@lru_cache(maxsize=64)
def _land(heights):
    """The ground's polygons with their colours, and the craters in it; `heights` are the bytes of its own."""
    x, y = place(np.arange(POINTS) * SPACING, np.frombuffer(heights))
    surface = np.stack([x, y], axis=1)
    layers = [(np.concatenate([[(0, 400)], surface, [(600, 400)]]), "#565b66")]
    for top, bottom, color in ((0, 5, "#9aa0ac"), (5, 14, "#4b505b")):
        edges = surface + np.array([0, top]), surface[::-1] + np.array([0, bottom])
        layers.append((np.concatenate(edges), color))
    turns = np.arange(1, 15)
    along = 600 * (0.618 * turns % 1.0)
    depth = np.interp(along, x, y) + 24 + 60 * (0.382 * turns % 1.0)
    return layers, np.stack([along, depth, 3 + 5 * (0.27 * turns % 1.0)], axis=1).tolist()


@lru_cache(maxsize=1)
def _stars():
    """Place, radius and colour of each star that is not behind the gauges."""
    found = []
    for i in range(70):
        x, y, size, light = (abs(43758.5453 * math.sin(12.9898 * i + 78.233 * k)) % 1.0 for k in range(4))
        if x > 0.4 or y > 0.25:
            found.append(
                (600 * x, 300 * y, 0.6 + 0.8 * size, palette.blend(SKY, "white", 0.25 + 0.6 * light))
            )
    return found


def draw(state, params, canvas):
    """Draw the state."""
    draw_sky(canvas)
    layers, craters = _land(state.heights.tobytes())
    for points, color in layers:
        canvas.polygon(points, color)
    for x, y, size in craters:
        canvas.circle(x, y + 1, size, "#626874")
        canvas.circle(x, y - 0.6, 0.86 * size, "#494e59")
    draw_pad(canvas, state)
    if state.throttle > 0 and not state.crashed:
        draw_dust(canvas, state)
    draw_craft(canvas, state)
    draw_gauges(canvas, state, params)


def draw_sky(canvas):
    """Stars, the Earth, and mountains far away."""
    canvas.background(SKY)
    for star in _stars():
        canvas.circle(*star)
    canvas.circle(508, 66, 25, "#17355e")
    canvas.circle(508, 66, 23, "#3f7fc4")
    canvas.polygon([(493, 56), (502, 50), (509, 57), (503, 66), (507, 75), (500, 79), (494, 68)], "#5d9a5f")
    canvas.polygon([(515, 60), (523, 58), (527, 66), (521, 74), (516, 68)], "#5d9a5f")
    canvas.line(492, 76, 512, 82, "#dfe9f4", 3)
    canvas.line(508, 51, 522, 53, "#dfe9f4", 2.5)
    ridge = [(0, 322), (46, 296), (88, 312), (140, 276), (196, 306), (250, 290), (310, 316), (368, 284)]
    canvas.polygon([*ridge, (430, 308), (488, 280), (540, 304), (600, 288), (600, 400), (0, 400)], "#1b202b")


def draw_pad(canvas, state):
    """The pad: a plate with lamps and two flags."""
    x, y = place(state.pad_x, state.pad_y)
    half = METER * state.pad_half
    canvas.rect(x - half, y - 1, 2 * half, 6, "#2b313d", 2)
    for i in range(1, 8):
        at = x - half + i * half / 4
        canvas.rect(at - 0.09 * half, y - 1, 0.18 * half, 2.6, "human" if i % 2 else "silver")
    for side in (-1, 1):
        pole = x + side * half
        canvas.line(pole, y, pole, y - 24, "silver", 1.6)
        lean = 3 * math.tanh(4 * state.gust)
        cloth = [(pole, y - 24), (pole + 12 + lean, y - 20), (pole, y - 15)]
        canvas.polygon(cloth, "truth" if state.landed else palette.blend("truth", "white", 0.15))
        canvas.circle(pole, y - 1, 2.6, "truth")


def draw_dust(canvas, state):
    """What the engine blows up from the ground."""
    height = state.y + FOOT_Y - ground(state, state.x)
    if height > 7:
        return
    x, y = place(state.x, ground(state, state.x))
    share = state.throttle * (1 - max(0.0, height) / 7)
    for i in range(10):
        side = 1 if i % 2 else -1
        away = side * (10 + 9 * i * (0.4 + 0.6 * share)) + 3 * math.sin(1.7 * state.time + i)
        size = share * (5 + 4 * math.sin(0.9 * state.time + 2.1 * i) ** 2)
        color = palette.blend("#565b66", "#c3c6cd", 0.55 - 0.04 * i)
        canvas.circle(x + away, y - 0.5 * size - i % 3, size, color)


def draw_craft(canvas, state):
    """The craft, its legs as far in as they are pressed, and its flames."""
    sin, cos = math.sin(state.angle), math.cos(state.angle)

    x, y = float(state.x), float(state.y)

    def at(right, up):
        return place(x + right * cos + up * sin, y + up * cos - right * sin)

    flicker = 0.85 + 0.15 * math.sin(2.3 * state.time)
    if state.throttle > 0.02 and not state.crashed:
        long = 0.5 + 3.4 * state.throttle * flicker
        for wide, share, color in ((0.52, 1.0, "#e8762c"), (0.38, 0.72, "#f6b73c"), (0.22, 0.42, "#fff3c4")):
            canvas.polygon([at(-wide, -1.5), at(0, -1.5 - share * long), at(wide, -1.5)], color)
    if abs(state.jets) > 0.05 and not state.crashed:
        side = -1 if state.jets > 0 else 1
        long = 0.3 + 1.5 * abs(state.jets) * flicker
        for thick, color in ((0.2, "#9fb8d8"), (0.1, "#eef5ff")):
            tip = at(side * (1.05 + long), 1.5)
            canvas.polygon([at(side * 1.05, 1.5 + thick), tip, at(side * 1.05, 1.5 - thick)], color)
    for leg, side in ((0, -1), (1, 1)):
        up = FOOT_Y + state.press[leg]
        canvas.line(*at(side * 0.95, 0.1), *at(side * FOOT_X, up), "#8d94a1", 2.4)
        canvas.line(*at(side * 1.0, -0.9), *at(side * FOOT_X, up), "#c3c9d3", 2.0)
        canvas.line(*at(side * FOOT_X - 0.5, up), *at(side * FOOT_X + 0.5, up), "#e4e7ec", 2.6)
    canvas.polygon([at(-0.35, -0.9), at(0.35, -0.9), at(0.6, -1.5), at(-0.6, -1.5)], "#3b414c")
    gold = "#6b5a3a" if state.crashed else "#d8a748"
    base = [(-1.25, -0.95), (1.25, -0.95), (1.25, 0.1), (1.0, 0.3), (-1.0, 0.3), (-1.25, 0.1)]
    canvas.polygon([at(*point) for point in base], gold)
    canvas.polygon([at(-1.25, -0.95), at(1.25, -0.95), at(1.25, -0.6), at(-1.25, -0.6)], "#9c7430")
    for right in (-0.62, 0.0, 0.62):
        canvas.line(*at(right, -0.6), *at(right, 0.25), palette.blend(gold, "white", 0.35), 1.0)
    cabin = [(-1.0, 0.3), (1.0, 0.3), (1.05, 0.9), (0.55, 1.75), (-0.55, 1.75), (-1.05, 0.9)]
    canvas.polygon([at(*point) for point in cabin], "#d7dce4")
    canvas.polygon([at(0.0, 0.3), at(1.0, 0.3), at(1.05, 0.9), at(0.55, 1.75), at(0.2, 1.75)], "#b3bac6")
    canvas.polygon([at(-0.7, 0.75), at(-0.05, 0.75), at(-0.05, 1.3), at(-0.5, 1.3)], "#1d2633")
    canvas.line(*at(-0.52, 1.2), *at(-0.28, 0.85), "#6fa3d8", 1.4)
    for side in (-1, 1):
        canvas.line(*at(side * 0.8, 1.5), *at(side * 1.05, 1.5), "#3b414c", 3.2)
    canvas.line(*at(0, 1.75), *at(0, 2.2), "#c3c9d3", 1.4)
    canvas.circle(*at(0, 2.2), 1.8, "danger")


def draw_gauges(canvas, state, params):
    """Fuel, speed and how the episode ended."""
    canvas.text(16, 20, "fuel", 12, "grey")
    canvas.rect(50, 15, 110, 9, "#262d3a", 4)
    share = state.fuel / state.tank if state.tank > 0 else 0.0
    if share > 0.01:
        canvas.rect(50, 15, 110 * share, 9, "danger" if share < 0.15 else "human", 4)
    down, across = (round(float(speed), 1) + 0.0 for speed in (-state.vy, state.vx))
    color = "danger" if down > 2.5 and state.y - state.pad_y < 12 else "silver"
    canvas.text(16, 40, f"down {down:4.1f} m/s".replace("-", "−"), 13, color)
    canvas.text(120, 40, f"right {across:4.1f} m/s".replace("-", "−"), 13, "silver")
    if params.wind > 0:
        canvas.text(16, 60, "wind", 12, "grey")
        canvas.line(105, 60, 105 + 55 * state.gust / params.wind, 60, "model", 5)
        canvas.line(105, 55, 105, 65, "silver", 1.5)
    if state.landed or state.crashed:
        word = "landed" if state.landed else "crashed"
        canvas.text(300, 120, word, 34, "truth" if state.landed else "danger", "center")
