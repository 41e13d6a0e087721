"""What `envs.driving` looks like: the road in perspective, the lidar from above, the labels of its camera.

The ground is flat. A point is seen where it is to the side and below the eye, divided by how far ahead it is.
"""

import math

import numpy as np

from envs.engine import palette
from envs.engine.labels import Label, hull
from envs.scenes.road import GAP, HALF_WIDTH, LANE, LANES, POINTS, place
from envs.scenes.traffic import LENGTH, WIDTH

CLASSES = ("road", "vehicle", "tree")
SKY, HAZE, GRASS, ASPHALT = "#a9cbe8", "#dfeaf2", "#87a878", "#5c636e"
PAINTS = ("#c8434f", "#e9e9ec", "#3f74c9", "#e0a83a", "#4a9a78", "#8d939c", "#7b5aa6", "#d9733f")
WIDTH_PX, HEIGHT_PX, HORIZON, FOCAL = 720.0, 480.0, 205.0, 520.0
NEAR = 0.6  # metres ahead of the eye before which nothing is drawn
CENTER = 1.35  # from the rear axle to the middle of the car, which the windscreen is above


class View:
    """An eye on the road that looks straight ahead.

    Attributes:
        s: where the eye is along the road.
    """

    def __init__(self, state, back, height):
        x, y, cosine, sine = place(state, float(state.s), float(state.d))
        turn_cos, turn_sin = math.cos(state.psi), math.sin(state.psi)
        self.ahead = np.array([cosine * turn_cos - sine * turn_sin, sine * turn_cos + cosine * turn_sin])
        self.at = np.array([x, y]) + (CENTER - back) * self.ahead
        self.height = height
        self.s = float(state.s) + (CENTER - back) * turn_cos
        self.heading = math.atan2(self.ahead[1], self.ahead[0])

    def local(self, points):
        """Points `(n, 2)` of the plane as metres ahead and to the left."""
        rows = np.asarray(points, np.float64) - self.at
        return np.stack([rows @ self.ahead, rows @ np.array([-self.ahead[1], self.ahead[0]])], axis=1)

    def pixels(self, local, heights=0.0):
        """Where points `(n, 2)` ahead and to the left, that high above the road, are in the picture."""
        ahead = np.maximum(local[:, 0], NEAR)
        across = WIDTH_PX / 2 - FOCAL * local[:, 1] / ahead
        return np.stack([across, HORIZON + FOCAL * (self.height - heights) / ahead], axis=1)


def windscreen(state):
    """The eye of the camera."""
    return View(state, 0.0, 1.35)


def draw(state, params, canvas, rays):
    """Draw the road from behind the car, the rays (in metres) from above, and the books."""
    view = View(state, 8.5, 3.1)
    draw_view(state, canvas, view)
    own = view.local([place(state, float(state.s), float(state.d))[:2]])[0] + (CENTER, 0.0)
    draw_car(canvas, view, own, np.array([1.0, 0.0]), "#1f6fe0", bool(state.pedals < -0.1))
    draw_map(state, params, canvas, rays)
    draw_books(state, params, canvas)


def draw_view(state, canvas, view):
    """Draw all that is seen from an eye, but not the own car."""
    draw_land(canvas, view)
    canvas.polygon(strip(state, view, 0.0, 2 * HALF_WIDTH + 2.2), "#a5a48f")
    canvas.polygon(strip(state, view, 0.0, 2 * HALF_WIDTH + 1.0), ASPHALT)
    for side in (-1.0, 1.0):
        canvas.polygon(strip(state, view, side * (HALF_WIDTH - 0.05), 0.16), "white")
    first = math.floor(view.s / 12.0) * 12.0
    for dash in np.arange(first, view.s + 110.0, 12.0):
        for lane in range(1, LANES):
            if dash + 4.0 > view.s + NEAR:
                draw_dash(state, canvas, view, float(dash), lane * LANE - HALF_WIDTH)
    for thing in things(state, view):
        if thing[1] == "tree":
            draw_tree(canvas, view, thing[2], thing[4])
        else:
            draw_car(canvas, view, thing[2], thing[3], PAINTS[thing[4]], bool(state.car_brakes[thing[4]]))


def draw_land(canvas, view):
    """Sky, hills that turn with the heading, and meadows."""
    canvas.background(SKY)
    for k in range(12):
        top = HORIZON * (0.2 + 0.06 * k)
        canvas.rect(0, top, WIDTH_PX, HORIZON - top, palette.blend(SKY, HAZE, (k + 1) / 12))
    for color, high, waves in (("#b4c6cf", 44.0, (3.0, 7.0)), ("#9ab5a5", 24.0, (5.0, 11.0))):
        ridge = [(0.0, HORIZON + 1)]
        for k in range(37):
            turn = math.atan((WIDTH_PX / 2 - 20.0 * k) / FOCAL) + view.heading
            wave = 0.6 + 0.25 * math.sin(waves[0] * turn + 1.0) + 0.15 * math.sin(waves[1] * turn)
            ridge.append((20.0 * k, HORIZON - high * wave))
        canvas.polygon([*ridge, (WIDTH_PX, HORIZON + 1)], color)
    canvas.rect(0, HORIZON, WIDTH_PX, HEIGHT_PX - HORIZON, GRASS)
    for k in range(5, 0, -1):
        canvas.rect(0, HORIZON, WIDTH_PX, 3.0 * 1.8**k, palette.blend(GRASS, HAZE, 0.5 - 0.09 * k))


def road_points(state, view):
    """Where the road's points ahead of an eye are along it."""
    start = max(view.s + NEAR, (state.laid - POINTS + 1) * GAP)
    end = (state.laid - 2) * GAP
    # Close together where they are near, since those spread over most of the picture.
    return np.concatenate([[start, start + 0.7, start + 2.0], np.arange(start + 4.0, end, 4.0)])


def strip(state, view, d, width):
    """The outline, in the picture, of a strip along the road whose middle is at `d`."""
    points = road_points(state, view)
    middle = np.array([place(state, float(s), d) for s in points])
    side = width / 2 * np.stack([-middle[:, 3], middle[:, 2]], axis=1)
    left, right = (view.local(middle[:, :2] + sign * side) for sign in (1.0, -1.0))
    both = np.concatenate([left[left[:, 0] > NEAR], right[right[:, 0] > NEAR][::-1]])
    return view.pixels(both) if len(both) > 2 else np.zeros((3, 2))


def draw_dash(state, canvas, view, s, d):
    """One dash between two lanes."""
    s, end = max(s, view.s + NEAR), s + 4.0
    corners = [place(state, a, d + b)[:2] for a, b in ((s, -0.08), (end, -0.08), (end, 0.08), (s, 0.08))]
    local = view.local(corners)
    if local[:, 0].min() > NEAR / 2:
        canvas.polygon(view.pixels(local), "#e8ebef")


def things(state, view):
    """Cars and trees ahead of an eye, the farthest first: distance ahead, kind, place, direction, number."""
    found = []
    for i in range(int(state.cars)):
        x, y, cosine, sine = place(state, float(state.car_s[i]), float(state.car_d[i]))
        if -20.0 < state.car_s[i] - view.s < (state.laid - 2) * GAP - view.s:
            local = view.local([(x, y)])[0]
            along = np.array([cosine, sine])
            turned = np.array([along @ view.ahead, along @ np.array([-view.ahead[1], view.ahead[0]])])
            if local[0] - LENGTH / 2 > NEAR:
                found.append((local[0], "vehicle", local, turned, i))
    for j in range(int(view.s / GAP), int(state.laid) - 1):
        number = j * 2654435761 % 2**32 >> 8  # a hash: the same trees stand at the same places
        if number % 5 < 2:
            side = (1 if number >> 4 & 1 else -1) * (HALF_WIDTH + 4.0 + (number >> 5 & 15) * 1.3)
            local = view.local([place(state, j * GAP, side)[:2]])[0]
            if local[0] > 2.0 and abs(local[1]) < local[0]:
                found.append((local[0], "tree", local, None, number))
    return sorted(found, key=lambda thing: -thing[0])


def tree_outlines(view, local, number):
    """Trunk and two layers of a fir, in the picture."""
    high, wide = 4.5 + (number >> 9 & 7) * 0.6, 1.3 + (number >> 12 & 3) * 0.2
    shapes = (((-0.18, 0), (0.18, 0), (0.18, 1.2), (-0.18, 1.2)),
              ((-wide, 0.9), (wide, 0.9), (0, 0.75 * high)),
              ((-0.75 * wide, 0.45 * high), (0.75 * wide, 0.45 * high), (0, high)))  # fmt: skip
    outlines = []
    for shape in shapes:
        across, up = np.array(shape, np.float64).T
        corners = np.stack([np.full(len(up), local[0]), local[1] + across], axis=1)
        outlines.append(view.pixels(corners, up).tolist())
    return outlines


def draw_tree(canvas, view, local, number):
    """A fir, paler the farther it is."""
    haze = min(0.75, local[0] / 220.0)
    green = palette.blend("#3f6b4c", "#55804f", (number >> 14 & 3) / 3)
    trunk, low, top = tree_outlines(view, local, number)
    canvas.polygon(trunk, palette.blend("#5d4a3a", HAZE, haze))
    canvas.polygon(low, palette.blend(green, HAZE, haze))
    canvas.polygon(top, palette.blend(palette.blend(green, "white", 0.12), HAZE, haze))


# A car: the corners of its body, then those of its cabin, rear right, rear left, front left and front right,
# below and above. Metres forward, to the left and up.
BODY = [(-2.3, -0.9), (-2.3, 0.9), (2.3, 0.9), (2.3, -0.9)]
CABIN = [(-1.95, -0.82), (-1.95, 0.82), (0.9, 0.82), (0.9, -0.82)]
ROOF = [(-1.45, -0.66), (-1.45, 0.66), (0.1, 0.66), (0.1, -0.66)]
CORNERS = np.array(BODY * 2 + CABIN + ROOF)
HEIGHTS = np.array([0.28] * 4 + [0.88] * 8 + [1.42] * 4)
FACES = ((2, 3), (1, 2), (3, 0), (0, 1))  # front, left, right, rear


def car_pixels(view, local, along):
    """The corners of a car in the picture."""
    across = np.array([-along[1], along[0]])
    return view.pixels(local + CORNERS[:, :1] * along + CORNERS[:, 1:] * across, HEIGHTS)


def draw_car(canvas, view, local, along, paint, brakes):
    """A car in perspective."""
    haze = min(0.6, max(0.0, local[0] - 20.0) / 260.0)
    tones = [
        palette.blend(palette.blend(paint, "black", dark), HAZE, haze) for dark in (0.45, 0.18, 0.18, 0.0)
    ]
    glass, dark = palette.blend("#27313f", HAZE, haze), palette.blend("#1b2028", HAZE, haze)
    pixels = car_pixels(view, local, along)
    across = np.array([-along[1], along[0]])

    def patch(points, heights):
        flat = np.array(points, np.float64)
        return view.pixels(local + flat[:, :1] * along + flat[:, 1:] * across, np.array(heights))

    ground = [(-2.45, -1.0), (-2.45, 1.0), (2.4, 1.0), (2.4, -1.0)]
    canvas.polygon(patch(ground, [0.0] * 4), palette.blend(ASPHALT, "black", 0.45))
    for side in (-0.68, 0.68):
        wheel = [(-2.25, side - 0.13), (-2.25, side + 0.13)]
        canvas.polygon(patch(wheel + wheel[::-1], [0.0, 0.0, 0.5, 0.5]), dark)
    for level, top, colors in ((0, 4, tones), (8, 12, [glass] * 4)):
        for (a, b), color in zip(FACES, colors, strict=True):
            face = pixels[[level + a, level + b, top + b, top + a]]
            # Faces whose corners go round the other way are turned away from the eye.
            if turns(face) > 0:
                canvas.polygon(face, color)
        if level == 0:
            canvas.polygon(pixels[4:8], palette.blend(tones[3], "white", 0.1))
    canvas.polygon(pixels[12:16], palette.blend(tones[3], "white", 0.18))
    lamp = palette.blend("#ff4a4a" if brakes else "#8f2430", HAZE, haze)
    if turns(pixels[[0, 1, 5, 4]]) > 0:
        for side in (-1.0, 1.0):
            light = [(-2.31, side * 0.5), (-2.31, side * 0.85)]
            canvas.polygon(patch(light + light[::-1], [0.62, 0.62, 0.78, 0.78]), lamp)
        plate = [(-2.31, -0.26), (-2.31, 0.26)]
        canvas.polygon(patch(plate + plate[::-1], [0.46, 0.46, 0.6, 0.6]), palette.blend("white", HAZE, haze))


def turns(face):
    """Twice the area of a polygon in the picture, with the sign of the way its corners go round."""
    x, y = face[:, 0], face[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def draw_map(state, params, canvas, rays):
    """The stretch around the car from above, the way it heads up, with the rays of the lidar."""
    left, top, side = 564.0, 12.0, 144.0
    scale, x0, y0 = side / 76.0, left + side / 2, top + 0.68 * side
    view = View(state, 0.0, 0.0)

    def spot(local):
        return np.clip(np.stack([x0 - scale * local[:, 1], y0 - scale * local[:, 0]], axis=1),
                       (left + 3, top + 3), (left + side - 3, top + side - 3))  # fmt: skip

    canvas.rect(left, top, side, side, "night", 10)
    stretch = np.arange(max(view.s - 26.0, 0.0), view.s + 56.0, 4.0)
    edges = [view.local([place(state, float(s), d)[:2] for s in stretch]) for d in (-HALF_WIDTH, HALF_WIDTH)]
    canvas.polygon(spot(np.concatenate([edges[0], edges[1][::-1]])), "#2f3745")
    for k, ray in enumerate(rays):
        turn, found = 2 * math.pi * k / len(rays), ray < 60.0
        reach = min(float(ray), params.lidar_range)
        end = spot(np.array([(reach * math.cos(turn), reach * math.sin(turn))]))[0]
        color = palette.blend("#2f3745", "danger" if found else "#6aa5ff", 0.9 if found else 0.3)
        canvas.line(x0, y0, *end, color, 1.1)
    for i in range(int(state.cars)):
        if abs(state.car_s[i] - view.s) < 56.0:
            draw_box(canvas, view, spot, state, i)
    canvas.rect(x0 - 0.9 * scale, y0 - 2.3 * scale, 1.8 * scale, 4.6 * scale, "#5b9bff", 1)


def draw_box(canvas, view, spot, state, i):
    """A car on the map."""
    s, d = float(state.car_s[i]), float(state.car_d[i])
    x, y, cosine, sine = place(state, s, d)
    along, across = np.array([cosine, sine]) * LENGTH / 2, np.array([-sine, cosine]) * WIDTH / 2
    middle = np.array([x, y])
    corners = [middle + a * along + b * across for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    local = view.local(corners)
    if np.abs(spot(local) - spot(local).mean(axis=0)).max() > 1.0:
        canvas.polygon(spot(local), PAINTS[i])


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
    """Road, cars and trees as the camera sees them, with the metres to the nearest point of each."""
    view = windscreen(state)
    found = [Label("road", [strip(state, view, 0.0, 2 * HALF_WIDTH + 1.0).tolist()])]
    for _, kind, local, along, number in things(state, view):
        if kind == "tree":
            distance = float(np.hypot(*local))
            found.append(Label("tree", tree_outlines(view, local, number), distance))
        else:
            across = np.array([-along[1], along[0]])
            beyond = np.abs([local @ along, local @ across]) - (LENGTH / 2, WIDTH / 2)
            distance = float(np.hypot(*np.maximum(beyond, 0.0)))
            found.append(Label("vehicle", [hull(car_pixels(view, local, along).tolist())], distance))
    return found
