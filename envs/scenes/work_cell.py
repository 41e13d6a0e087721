"""The hall of `envs.work_cell`: where everything is, in metres, and what it looks like from above."""

import math

import numpy as np

from envs.engine import palette
from envs.engine.labels import Label, disc, rotated
from envs.scenes.work_cell_layouts import FLOOR, LOOKS, STATIONS_X, STATIONS_Y

MAX_PEOPLE = 8
SECTORS = 24
SECTOR = math.pi / SECTORS  # of the scanner, in radians
SAFE_SPEED = 0.25
DT = 0.1
BASE_X, BASE_Y = 6.0, 2.7
ARC_X, ARC_Y = 1.7, 2.0  # half axes of the hand's arc, which is half an ellipse
HAND, BODY = 0.28, 0.25  # radii of the gripper with a part, and of a person
ZONE = 2.75  # radius of the marking on the floor
AISLE = 3.55  # people keep below the machines


def hand_x(phase):
    """Where the hand is."""
    return BASE_X - ARC_X * math.cos(phase)


def hand_y(phase):
    """Where the hand is."""
    return BASE_Y + ARC_Y * math.sin(phase)


CLASSES = ("person", "robot", "gripper")
SCALE = 60.0
CLOTHES = ("#2f7be0", "#d98a2b", "#3a9c74", "#8a5fc7", "#c24f6b", "#4d7f96", "#a3762f", "#5b6bbf")
HAIR = ("#3a2a1e", "#7a5230", "#1f1c1c", "#b08a4a", "#4c3a33", "#8d8d93", "#2d2a3a", "#6b3f24")
ARM = 1.12  # length of each link


def draw(state, params, canvas, scan):
    """Draw the hall from above, what the scanner sees (an observation), and the books."""
    draw_hall(canvas, int(params.layout))
    draw_scan(canvas, state, params, scan)
    draw_moving(state, canvas)
    draw_books(canvas, state)


def draw_moving(state, canvas):
    """Draw people and robot."""
    for i in range(int(state.people)):
        draw_person(canvas, state, i)
    draw_robot(canvas, state)


def draw_hall(canvas, layout=0):
    """Floor, zone and furniture."""
    look = LOOKS[layout]
    places = list(zip(STATIONS_X[layout] * SCALE, STATIONS_Y[layout] * SCALE, strict=True))
    canvas.background(look.floor)
    for line in range(1, 8):
        canvas.line(0, 60 * line, 720, 60 * line, look.lines, 1)
    for line in range(1, 12):
        canvas.line(60 * line, 60, 60 * line, 480, look.lines, 1)
    for x, y, r, share in look.stains:
        canvas.circle(x, y, r, palette.blend(look.floor, "ink", share))
    x, y, r = BASE_X * SCALE, BASE_Y * SCALE, ZONE * SCALE
    canvas.circle(x, y, r, look.zone)
    canvas.circle(x, y, r - 4, palette.blend(look.floor, "#e8c568", 0.28))
    canvas.rect(0, 0, 720, 66, "ink")
    canvas.rect(0, 66, 720, 4, "slate")
    for left, right in ((0, 282), (438, 720)):  # the two conveyors
        canvas.rect(left, 136, right - left, 54, "#98a1ae", 4)
        canvas.rect(left, 142, right - left, 42, "#5f6977", 2)
        for roller in range(left + 8, right - 4, 15):
            canvas.line(roller, 145, roller, 181, "#79838f", 2)
    canvas.rect(272, 76, 176, 52, "#8490a0", 6)
    canvas.rect(280, 82, 160, 40, "#a9b3c0", 4)
    canvas.rect(296, 90, 62, 24, "#3b4758", 3)
    canvas.circle(412, 102, 7, "truth")
    for x in (30, 90, 150, 210):
        canvas.rect(x, 150, 26, 26, "#c99a58", 3)
        canvas.rect(x + 4, 154, 18, 18, "#dbb478", 2)
    for x in (480, 560, 640):
        canvas.rect(x, 148, 30, 30, "#b5793a", 3)
        canvas.circle(x + 15, 163, 8, "#dbb478")
    for thing in look.things:
        canvas.rect(*thing, 3)
    x = places[3][0] - 66  # workbench
    canvas.rect(x, 446, 130, 34, look.bench, 3)
    canvas.rect(x + 14, 454, 30, 12, "#4b5462", 2)
    canvas.circle(x + 90, 462, 8, "#7d8794")
    x = places[4][0]  # cabinet
    canvas.rect(x - 60, 446, 120, 34, look.cabinet, 3)
    canvas.line(x, 448, x, 478, "#565f6c", 2)
    left, right, below = places[0][1] - 32, places[1][1] - 32, places[2][0] - 32  # doors
    for x, y, w, h in ((0, left, 7, 64), (713, right, 7, 64), (below, 473, 64, 7)):
        canvas.rect(x, y, w, h, "model")
    for x in (225, 501):  # panels where people work inside
        canvas.rect(x - 14, 196, 28, 11, "#3b4758", 2)
        canvas.rect(x - 9, 198, 18, 6, "#7fb2e5", 1)


def draw_scan(canvas, state, params, scan):
    """The sectors of the scanner, faint, where it found somebody, and the hand's stopping distance."""
    x, y = BASE_X * SCALE, BASE_Y * SCALE
    for k in range(SECTORS):
        found = scan[k] < 1.0
        reach = SCALE * (10.0 * float(scan[k]) if found else params.lidar_range)
        ends = [
            (x - reach * math.cos(turn), y + reach * math.sin(turn))
            for turn in ((k + share) * SECTOR for share in (0.04, 0.5, 0.96))
        ]
        canvas.line(x, y, *ends[1], palette.blend(FLOOR, "danger" if found else "model", 0.16), 1.2)
        if found:
            canvas.line(*ends[0], *ends[2], palette.blend(FLOOR, "danger", 0.6), 3)
    stop = state.speed * DT + state.speed**2 / (2.0 * params.braking)
    if state.speed > SAFE_SPEED:
        hand = hand_x(state.phase) * SCALE, hand_y(state.phase) * SCALE
        canvas.circle(*hand, (HAND + stop) * SCALE, palette.blend(FLOOR, "danger", 0.22))


def person_outlines(state, i):
    """Shoulders with arms, head and feet of somebody, in the units of the picture."""
    x, y = float(state.x[i]) * SCALE, float(state.y[i]) * SCALE
    angle = math.atan2(state.facing[i, 1], state.facing[i, 0])
    walks = state.vx[i] != 0 or state.vy[i] != 0
    swing = 7.0 * math.sin(0.11 * (x + y)) if walks else 0.0
    ring = [(8.0 * math.cos(0.4 * k), 14.5 * math.sin(0.4 * k)) for k in range(16)]
    feet = [rotated(disc(side * swing + 3, side * 6.0, 4.5, 10), x, y, angle) for side in (-1.0, 1.0)]
    hands = [rotated(disc(4 - side * 0.7 * swing, side * 14.0, 4.0, 10), x, y, angle) for side in (-1.0, 1.0)]
    return feet, hands, rotated(ring, x, y, angle), rotated(disc(1.0, 0.0, 7.2), x, y, angle)


def draw_person(canvas, state, i):
    """Somebody from above; the careless look at a phone."""
    feet, hands, shoulders, head = person_outlines(state, i)
    x, y = float(state.x[i]) * SCALE, float(state.y[i]) * SCALE
    canvas.circle(x + 3, y + 4, 13, palette.blend(FLOOR, "ink", 0.18))
    for foot in feet:
        canvas.polygon(foot, "#2b3340")
    for hand in hands:
        canvas.polygon(hand, "#e3b48c")
    canvas.polygon(shoulders, CLOTHES[i])
    canvas.polygon(head, HAIR[i])
    angle = math.atan2(state.facing[i, 1], state.facing[i, 0])
    if state.careless[i]:
        canvas.polygon(rotated([(10, -4), (15, -4), (15, 4), (10, 4)], x, y, angle), "#12161f")
        canvas.polygon(rotated([(11, -3), (14, -3), (14, 3), (11, 3)], x, y, angle), "#bfe3ff")


def joints(state):
    """Foot, elbow and hand of the robot, in the units of the picture."""
    foot = np.array([BASE_X, BASE_Y]) * SCALE
    hand = np.array([hand_x(state.phase), hand_y(state.phase)]) * SCALE
    along = hand - foot
    reach = float(np.hypot(*along))
    up = math.sqrt(max(0.0, (ARM * SCALE) ** 2 - reach * reach / 4.0))
    elbow = (foot + hand) / 2 + up / reach * np.array([along[1], -along[0]])
    return foot, elbow, hand


def bar(start, end, width):
    """The outline of a straight link."""
    along = (end - start) / np.hypot(*(end - start)) * width / 2
    side = np.array([along[1], -along[0]])
    return [tuple(corner) for corner in (start + side, end + side, end - side, start - side)]


def robot_outlines(state):
    """All that is seen of the robot."""
    foot, elbow, hand = joints(state)
    round_parts = ((foot, 25.0), (elbow, 13.0), (hand, HAND * SCALE))
    discs = [disc(float(x), float(y), r) for (x, y), r in round_parts]
    return [bar(foot, elbow, 24.0), bar(elbow, hand, 17.0), *discs]


def draw_robot(canvas, state):
    """The arm over the floor, with a part in its gripper on the way there."""
    foot, elbow, hand = joints(state)
    shade = palette.blend(FLOOR, "ink", 0.2)
    canvas.line(*(foot + 7), *(elbow + 9), shade, 20)
    canvas.line(*(elbow + 9), *(hand + 7), shade, 15)
    canvas.circle(*(hand + 6), HAND * SCALE, shade)
    canvas.circle(*foot, 25, "#3b4758")
    canvas.circle(*foot, 20, "#566274")
    if state.way > 0 and (state.phase > 0 or state.grip == 0):
        turn = math.atan2(hand[0] - foot[0], hand[1] - foot[1])
        canvas.circle(*hand, HAND * SCALE, "#c9622c")
        part = rotated([(-12, -12), (12, -12), (12, 12), (-12, 12)], float(hand[0]), float(hand[1]), -turn)
        canvas.polygon(part, "#dbb478")
    else:
        canvas.circle(*hand, HAND * SCALE, "#c9622c")
        canvas.circle(*hand, HAND * SCALE - 5, "#3b4758")
    canvas.polygon(bar(foot, elbow, 24.0), "#e07a33")
    canvas.polygon(bar(foot, elbow, 10.0), "#ec9650")
    canvas.circle(*foot, 14, "#ec9650")
    canvas.polygon(bar(elbow, hand, 17.0), "#e07a33")
    canvas.polygon(bar(elbow, hand, 7.0), "#ec9650")
    canvas.circle(*elbow, 13, "#c9622c")
    canvas.circle(*elbow, 6, "#3b4758")
    canvas.circle(*hand, 8, "#3b4758")


def draw_books(canvas, state):
    """The strip at the top: speed and what it came to."""
    canvas.text(18, 22, "Hand", 14, "grey")
    canvas.text(18, 45, f"{state.speed:.2f} m/s", 19, "white")
    for k in range(5):
        lit = k <= state.level
        color = ("danger", "human", "truth", "truth", "truth")[int(state.level)] if lit else "slate"
        canvas.rect(124 + 17 * k, 48 - 7 * k, 12, 6 + 7 * k, color, 2)
    columns = (
        ("Cycles", f"{state.cycles}", "white"),
        ("Seconds a cycle", f"{state.cycle_time:.1f}" if state.cycles else "-", "white"),
        ("Nearest", f"{state.separation:.1f} m" if state.separation < 99 else "-", "white"),
        ("Near misses", f"{state.near_misses}", "#e8b04a" if state.near_misses else "white"),
    )
    for (name, value, color), x in zip(columns, (262, 365, 500, 610), strict=True):
        canvas.text(x, 22, name, 14, "grey")
        canvas.text(x, 45, value, 19, color)
    if state.injuries:
        canvas.rect(250, 384, 220, 46, "danger", 8)
        canvas.text(360, 407, "Injury", 24, "white", "center")


def labels(state):
    """People, with their distance from the robot's hand in metres, the robot, and its gripper."""
    hand = np.array([hand_x(state.phase), hand_y(state.phase)])
    found = []
    for i in range(int(state.people)):
        feet, hands, shoulders, head = person_outlines(state, i)
        distance = float(np.hypot(*(hand - (state.x[i], state.y[i])))) - HAND - BODY
        found.append(Label("person", [*feet, *hands, shoulders, head], distance))
    gripper = disc(float(hand[0]) * SCALE, float(hand[1]) * SCALE, HAND * SCALE)
    return [*found, Label("robot", robot_outlines(state), 0.0), Label("gripper", [gripper], 0.0)]
