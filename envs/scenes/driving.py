"""What `envs.driving` looks like: the road in perspective, the lidar from above, the labels of its camera."""

import math
from functools import partial

import numpy as np

from envs.engine import palette
from envs.engine.labels import Label, hull
from envs.scenes.driving_road import HALF_WIDTH, LANE, LANES, lane_at, lane_middle
from envs.scenes.driving_things import (
    ASPHALT,
    HAZE,
    LOW,
    OUTLINE,
    PAINTS,
    TOP,
    TRUNK,
    car_pixels,
    cars_ahead,
    draw_car,
    draw_fir,
    firs_ahead,
)
from envs.scenes.driving_traffic import LENGTH, WIDTH
from envs.scenes.driving_view import FOCAL, HEIGHT_PX, HORIZON, NEAR, WIDTH_PX, View, windscreen

CLASSES = ("road", "lane", "vehicle", "tree")
SKY, GRASS = "#a9cbe8", "#87a878"
FREE, FOUND = palette.blend("#2f3745", "#6aa5ff", 0.3), palette.blend("#2f3745", "danger", 0.9)  # rays
SKIES = [palette.blend(SKY, HAZE, (k + 1) / 12) for k in range(12)]
MEADOWS = [palette.blend(GRASS, HAZE, 0.5 - 0.09 * k) for k in range(6)]
SHOULDER = 1.1  # metres beside the outer lanes
EDGES = np.array([-SHOULDER, -0.5, 0.03, 0.13])  # of shoulder, asphalt and white line, beyond the lanes


def draw(state, params, canvas, rays):
    """Draw the road from behind the car, the rays (in metres) from above, and the books."""
    view = View(state, 8.5, 3.1)
    draw_view(state, canvas, view)
    draw_car(canvas, view, complex(8.5), 1.0 + 0.0j, "#1f6fe0", bool(state.pedals < -0.1))
    draw_map(state, params, canvas, rays)
    draw_books(state, params, canvas)


def draw_view(state, canvas, view):
    """Draw all that is seen from an eye, but not the own car."""
    draw_land(canvas, view)
    draw_road(canvas, view)
    things = [(fir[0], partial(draw_fir, canvas, fir[1], fir[2], fir[3])) for fir in firs_ahead(view)]
    for car in cars_ahead(state, view):
        paint, brakes = PAINTS[car[1] - 1], bool(state.car_brakes[car[1]])
        things.append((car[0], partial(draw_car, canvas, view, *car[2:], paint, brakes)))
    for _, draw_thing in sorted(things, key=lambda thing: -thing[0]):
        draw_thing()


def draw_land(canvas, view):
    """Sky, hills that turn with the heading, and meadows."""
    canvas.background(SKY)
    for k in range(12):
        top = HORIZON * (0.2 + 0.06 * k)
        # Each overlaps the next, whose upper edge need not lie between two pixels.
        canvas.rect(0, top, WIDTH_PX, 0.12 * HORIZON, SKIES[k])
    across = np.arange(0.0, WIDTH_PX + 1.0, 20.0)
    turn = np.arctan((WIDTH_PX / 2 - across) / FOCAL) + view.heading
    for color, high, waves in (("#b4c6cf", 44.0, (3.0, 7.0)), ("#9ab5a5", 24.0, (5.0, 11.0))):
        wave = 0.6 + 0.25 * np.sin(waves[0] * turn + 1.0) + 0.15 * np.sin(waves[1] * turn)
        ridge = np.stack([across, HORIZON - high * wave], axis=1)
        canvas.polygon([*ridge.tolist(), (WIDTH_PX, HORIZON + 1), (0.0, HORIZON + 1)], color)
    canvas.rect(0, HORIZON, WIDTH_PX, HEIGHT_PX - HORIZON, GRASS)
    for k in range(5, 0, -1):
        canvas.rect(0, HORIZON, WIDTH_PX, 3.0 * 1.8**k, MEADOWS[k])


def draw_road(canvas, view):
    """Shoulders, asphalt, the white lines at its edges and those between its lanes."""
    middle, along = edge_places(view)
    shoulder, asphalt, outer, inner = HALF_WIDTH - EDGES
    for right, left, color in (
        (-shoulder, shoulder, "#a5a48f"),
        (-asphalt, asphalt, ASPHALT),
        (-outer, -inner, "white"),
        (inner, outer, "white"),
    ):
        canvas.polygon(strip(view, middle, along, right, left), color)
    starts = 12.0 * np.arange(math.ceil((view.s + NEAR - 4.0) / 12.0), math.floor((view.s + 110.0) / 12.0))
    s = np.stack([np.maximum(starts, view.s + NEAR), starts + 4.0], axis=1)[:, None, [0, 1, 1, 0]]
    between = LANE * np.arange(1, LANES) - HALF_WIDTH
    corners, _ = view.where(
        s, between[:, None] + np.array([-0.08, -0.08, 0.08, 0.08])
    )  # dashes, lines, corners
    shown = corners.real.min(axis=2) > NEAR / 2
    for dash in view.pixels(corners)[shown]:
        canvas.polygon(dash, "#e8ebef")


def edge_places(view):
    """The middle of the road ahead of an eye, and its direction there; close together where it is near."""
    start = max(view.s + NEAR, 0.0)
    s = np.concatenate([[start, start + 0.7, start + 2.0], np.arange(start + 4.0, view.end, 4.0)])
    return view.where(s, 0.0)


def strip(view, middle, along, right, left):
    """The outline, in the picture, of a strip along the road from `right` to `left` of its middle."""
    sides = (middle + 1j * right * along, middle + 1j * left * along)
    both = np.concatenate([sides[0][sides[0].real > NEAR], sides[1][sides[1].real > NEAR][::-1]])
    return view.pixels(both) if len(both) > 2 else np.zeros((3, 2))


def draw_map(state, params, canvas, rays):
    """The stretch around the car from above, the way it heads up, with the rays of the lidar."""
    left, top, side = 564.0, 12.0, 144.0
    scale, x0, y0 = side / 76.0, left + side / 2, top + 0.68 * side
    view = View(state, 0.0, 0.0)

    def spot(points):
        return np.stack([np.clip(x0 - scale * points.imag, left + 3, left + side - 3),
                         np.clip(y0 - scale * points.real, top + 3, top + side - 3)], axis=-1)  # fmt: skip

    canvas.rect(left, top, side, side, "night", 10)
    middle, along = view.where(np.arange(max(view.s - 26.0, 0.0), view.s + 56.0, 4.0), 0.0)
    edges = middle - 1j * HALF_WIDTH * along, middle + 1j * HALF_WIDTH * along
    canvas.polygon(spot(np.concatenate([edges[0], edges[1][::-1]])), "#2f3745")
    # Each ray is a spike; all that end freely are one shape, and all that end at a car another.
    ways = np.exp(2j * math.pi * np.arange(len(rays)) / len(rays))
    ends = np.minimum(rays, params.lidar_range) * ways
    spikes = spot(np.stack([-0.5j * ways, ends, 0.5j * ways], axis=1))
    for shown, color in ((rays >= 60.0, FREE), (rays < 60.0, FOUND)):
        if shown.any():
            canvas.polygon(spikes[shown].reshape(-1, 2), color)
    box = 0.5 * np.array(
        [LENGTH + 1j * WIDTH, LENGTH - 1j * WIDTH, -LENGTH - 1j * WIDTH, -LENGTH + 1j * WIDTH]
    )
    for i in range(1, int(state.cars)):
        if abs(state.car_s[i] - view.s) < 56.0:
            point, way = view.where(state.car_s[i], state.car_d[i])
            corners = spot(point + box * way)
            if np.ptp(corners, axis=0).min() > 1.0:  # not cut off at the edge
                canvas.polygon(corners, PAINTS[i - 1])
    canvas.rect(x0 - 0.9 * scale, y0 - 2.3 * scale, 1.8 * scale, 4.6 * scale, "#5b9bff", 1)


def draw_books(state, params, canvas):
    """Speed, progress and how it ended."""
    canvas.rect(12, 12, 232, 66, "night", 10)
    canvas.text(26, 36, f"{3.6 * state.speed:.0f}", 30, "white")
    canvas.text(84, 40, "km/h", 14, "grey")
    canvas.text(230, 36, f"{min(state.progress, params.length):.0f} m", 18, "white", "right")
    canvas.rect(26, 60, 204, 6, "slate", 3)
    share = min(1.0, max(0.0, state.progress / params.length))
    canvas.rect(26, 60, max(6.0, 204 * share), 6, "truth", 3)
    ended = "Collision" if state.collisions else "Off the road" if state.off_road else ""
    ended = "Arrived" if state.finished else ended
    if ended:
        canvas.rect(240, 96, 240, 50, "truth" if state.finished else "danger", 10)
        canvas.text(360, 121, ended, 24, "white", "center")


def labels(state):
    """Road, own lane, cars and trees as the camera sees them, with the metres to each car and tree.

    The lane lies on the road and hides it, so that `road` is what is beside the own lane.
    """
    view = windscreen(state)
    asphalt, middle = HALF_WIDTH - float(EDGES[1]), lane_middle(lane_at(state.d))
    ground = [
        Label(name, [strip(view, *edge_places(view), right, left).tolist()])
        for name, right, left in (
            ("road", -asphalt, asphalt),
            ("lane", middle - LANE / 2, middle + LANE / 2),
        )
    ]
    seen = []
    for ahead, _, point, pixels in firs_ahead(view):
        outlines = [pixels[part].tolist() for part in (TRUNK, LOW, TOP)]
        seen.append((ahead, Label("tree", outlines, float(abs(point)))))
    for ahead, _, point, along in cars_ahead(state, view):
        from_car = point * along.conjugate()
        beyond = max(0.0, abs(from_car.real) - LENGTH / 2), max(0.0, abs(from_car.imag) - WIDTH / 2)
        outline = hull(car_pixels(view, point, along)[:OUTLINE].tolist())
        seen.append((ahead, Label("vehicle", [outline], math.hypot(*beyond))))
    return [*ground, *(label for _, label in sorted(seen, key=lambda pair: -pair[0]))]
