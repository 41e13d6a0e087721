"""Set a spacecraft down on a pad among hills, softly and upright, with an engine and small side jets.

In the manner of Gymnasium's LunarLander, with physics of its own in SI units: a rigid body of 600 kg and its
fuel in two dimensions, on the Moon. The engine pushes along the craft's axis with up to 3000 N, the side jets
push across it with up to 400 N, 1.5 m above the centre of mass, so that they move and turn it. Both burn fuel
at a specific impulse of 300 s, which makes the craft lighter: the rocket equation (Tsiolkovsky 1903) holds.

    m dv/dt = F_engine + F_jets + F_legs + m (wind, -gravity)
    J dw/dt = torques of jets and legs about the centre of mass        J = m (1.2 m)²

A leg is a spring with a damper that pushes along the normal of the ground while its foot is below it (the
penalty method; Moore & Wilhelms 1988), N = max(0, k d + c d'), with k = 10.7 kN/m and c = 2.6 kN s/m, and
Coulomb friction of 0.8 N against sliding. In the air a step of 0.05 s is integrated at once, near the ground
in four parts, by the average of old and new velocity, which is exact under constant forces.

The action is the throttle, from -1 for off to 1 for all, and the side jets, from -1 (to the left) to 1;
values beyond are clipped. The reward of a step is the loss of 2 per metre from the pad, 4 per m/s and 20 per
radian of lean, so that coming closer, slower and upright pays (potential-based shaping; Ng et al. 1999).
Standing still on the pad for half a second gives 100 and ends the episode; standing still elsewhere ends it
too and gives nothing. It ends with -100 in a crash: the hull touches the ground, a leg is pressed in by more
than 0.5 m, or the craft leaves the area of 60 by 45 m. It is cut off after 800 steps (40 s). It begins 29 m
up, with up to 4 m/s to any side and down.

The observation has 12 numbers: the pad's middle to the right and the feet's height above it (10 m), velocity
to the right and up (5 m/s), angle from upright, clockwise, and its rate (rad, rad/s), whether each leg
touches, the share of fuel left, and how high the feet are above the ground below, 6 m to the left and 6 m to
the right (10 m).

`info` has whether it landed on the pad, whether it crashed, and the fuel left in kg.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

POINTS = 25
WIDTH, CEILING = 60.0, 45.0  # m
SPACING = WIDTH / (POINTS - 1)

STATE = np.dtype(
    [
        ("x", "f8"),  # of the centre of mass, m, as y, which is up
        ("y", "f8"),
        ("angle", "f8"),  # from upright, clockwise, as spin
        ("vx", "f8"),
        ("vy", "f8"),
        ("spin", "f8"),
        ("fuel", "f8"),  # kg
        ("tank", "f8"),  # kg at first
        ("heights", "f8", (POINTS,)),  # of the ground
        ("pad_x", "f8"),
        ("pad_y", "f8"),
        ("pad_half", "f8"),
        ("phases", "f8", (2,)),  # of the gusts
        ("press", "f8", (2,)),  # how far each leg is pressed in, m
        ("throttle", "f8"),  # of the last step, 0 to 1, for the picture
        ("jets", "f8"),  # of the last step, -1 to 1
        ("gust", "f8"),  # m/s²
        ("still", "i4"),  # steps on end
        ("time", "i4"),  # steps so far
        ("landed", "?"),
        ("crashed", "?"),
    ]
)

PARAMS = {
    "gravity": Param(1.62, low=0.0, high=4.0, unit="m/s²", help="pull down: 1.62 on the Moon, 3.7 on Mars"),
    "wind": Param(0.0, low=0.0, high=1.0, unit="m/s²", help="how hard gusts push to either side"),
    "thrust": Param(3000.0, low=0.0, high=6000.0, unit="N", help="of the engine at full throttle"),
    "fuel": Param(60.0, low=0.0, high=200.0, unit="kg", help="in the tank, from the next episode on"),
    "pad_width": Param(9.0, low=6.0, high=20.0, unit="m", help="of the pad, from the next episode on"),
    "hills": Param(1.0, low=0.0, high=2.0, help="how hilly the ground is, from the next episode on"),
}

DRY_MASS = 600.0  # kg
GYRATION = 1.2  # radius of gyration, m
JET_FORCE, JET_ARM = 400.0, 1.5  # N, m above the centre of mass
EXHAUST = 300.0 * 9.80665  # m/s: specific impulse times standard gravity
STIFFNESS, DAMPING, FRICTION = 10_700.0, 2_600.0, 0.8  # N/m, N s/m
SLIP = 0.1  # m/s; friction grows to its full force up to here, so that it can hold the craft still
STROKE = 0.5  # m
FOOT_X, FOOT_Y = 2.4, -1.9  # m from the centre of mass
HULL_X, HULL_TOP, HULL_BOTTOM = 1.25, 1.35, -1.0
TIME_STEP, PARTS = 0.05, 4
START = 29.0
ASIDE = 6.0  # how far to the sides the ground is measured
SCALES = (10.0, 5.0)  # m and m/s of an observation's 1
REST_SPEED, REST_SPIN, REST_STEPS = 0.1, 0.05, 10


def reset(state, params):
    """Write the first state of an episode."""
    state.pad_half = 0.5 * params.pad_width
    state.pad_x = uniform(state, 0.2 * WIDTH, 0.8 * WIDTH)
    raise_hills(state, params)
    state.x = uniform(state, 0.25 * WIDTH, 0.75 * WIDTH)
    state.y = START
    state.vx = uniform(state, -4.0, 4.0)
    state.vy = uniform(state, -4.0, 0.0)
    state.angle = uniform(state, -0.2, 0.2)
    state.spin = uniform(state, -0.1, 0.1)
    state.fuel = state.tank = params.fuel
    for i in range(2):
        state.phases[i] = uniform(state, 0.0, 2.0 * math.pi)


def raise_hills(state, params):
    """Make the ground: three waves and some roughness, level at the pad."""
    for i in range(POINTS):
        state.heights[i] = 4.0 + uniform(state, -0.6, 0.6) * params.hills
    for wave in range(1, 4):
        phase, height = uniform(state, 0.0, 2.0 * math.pi), uniform(state, 0.5, 1.5) * 2.4 / wave
        for i in range(POINTS):
            bend = math.sin(2.0 * math.pi * wave * 1.3 * i / (POINTS - 1) + phase)
            state.heights[i] += params.hills * height * bend
    lowest = state.heights[0]
    for i in range(POINTS):
        lowest = min(lowest, state.heights[i])
    for i in range(POINTS):
        state.heights[i] += 2.0 - lowest
    state.pad_y = ground(state, state.pad_x)
    for i in range(POINTS):
        if abs(i * SPACING - state.pad_x) < state.pad_half + SPACING:
            state.heights[i] = state.pad_y


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


def potential(state):
    """What the shaping pays for, at its highest, 0, when the craft stands upright and still on the pad."""
    away = math.hypot(state.x - state.pad_x, state.y + FOOT_Y - state.pad_y)
    return -(2.0 * away + 4.0 * math.hypot(state.vx, state.vy) + 20.0 * abs(state.angle))


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    before = potential(state)
    state.throttle = 0.5 * (1.0 + min(max(float(action[0]), -1.0), 1.0))
    state.jets = min(max(float(action[1]), -1.0), 1.0)
    if state.fuel <= 0.0:
        state.throttle = state.jets = 0.0
    seconds = TIME_STEP * state.time
    swing = math.sin(0.9 * seconds + state.phases[0]) + math.sin(0.9 * math.pi * seconds + state.phases[1])
    state.gust = params.wind * math.tanh(swing)
    state.time += 1
    touching = near_ground(state)
    parts = PARTS if touching else 1
    for _ in range(parts):
        advance(state, params, TIME_STEP / parts, touching)
    reward = potential(state) - before
    if has_crashed(state):
        state.crashed = True
        return reward - 100.0, True
    slow = math.hypot(state.vx, state.vy) < REST_SPEED and abs(state.spin) < REST_SPIN
    state.still = state.still + 1 if slow and state.press[0] > 0.0 and state.press[1] > 0.0 else 0
    if state.still < REST_STEPS:
        return reward, False
    state.landed = abs(state.x - state.pad_x) < state.pad_half
    return reward + (100.0 if state.landed else 0.0), True


def near_ground(state):
    """Whether any part of the craft could touch the ground in this step."""
    reach = 3.2 + TIME_STEP * (abs(state.vx) + abs(state.vy))
    left, right = segment(state.x - reach), segment(state.x + reach)
    highest = state.heights[left]
    for i in range(left + 1, right + 2):
        highest = max(highest, state.heights[i])
    return state.y - reach < highest


def advance(state, params, seconds, touching):
    """Integrate the equations over a time; without `touching` the legs are not looked at."""
    mass = DRY_MASS + state.fuel
    state.press[0] = state.press[1] = 0.0
    sin, cos = math.sin(state.angle), math.cos(state.angle)
    engine, jets = params.thrust * state.throttle, JET_FORCE * state.jets
    force_x = engine * sin + jets * cos + mass * state.gust
    force_y = engine * cos - jets * sin - mass * params.gravity
    torque = JET_ARM * jets
    if touching:
        for leg in range(2):
            # The foot from the centre of mass, and its velocity.
            foot_x = FOOT_X if leg == 1 else -FOOT_X
            arm_x, arm_y = foot_x * cos + FOOT_Y * sin, FOOT_Y * cos - foot_x * sin
            speed_x, speed_y = state.vx + state.spin * arm_y, state.vy - state.spin * arm_x
            steep = slope(state, state.x + arm_x)
            # The ground's normal is (-steep, 1) and it runs along (1, steep), both times `level`.
            level = 1.0 / math.sqrt(1.0 + steep * steep)
            depth = level * (ground(state, state.x + arm_x) - state.y - arm_y)
            state.press[leg] = max(depth, 0.0)
            if depth > 0.0:
                sinking = -level * (speed_y - steep * speed_x)
                along = level * (speed_x + steep * speed_y)
                push = max(0.0, STIFFNESS * depth + DAMPING * sinking)
                drag = -FRICTION * push * min(max(along / SLIP, -1.0), 1.0)
                leg_x, leg_y = level * (drag - steep * push), level * (push + steep * drag)
                force_x += leg_x
                force_y += leg_y
                torque += leg_x * arm_y - leg_y * arm_x
    vx, vy, spin = state.vx, state.vy, state.spin
    state.vx += seconds * force_x / mass
    state.vy += seconds * force_y / mass
    state.spin += seconds * torque / (mass * GYRATION * GYRATION)
    state.x += 0.5 * seconds * (vx + state.vx)
    state.y += 0.5 * seconds * (vy + state.vy)
    state.angle += 0.5 * seconds * (spin + state.spin)
    state.fuel = max(0.0, state.fuel - seconds * (engine + abs(jets)) / EXHAUST)


def has_crashed(state):
    """Whether the hull touches the ground, a leg is broken, or the craft is out of the area."""
    if state.x < 0.0 or state.x > WIDTH or state.y > CEILING:
        return True
    if state.press[0] > STROKE or state.press[1] > STROKE:
        return True
    sin, cos = math.sin(state.angle), math.cos(state.angle)
    for corner in range(4):
        hull_x = HULL_X if corner % 2 else -HULL_X
        hull_y = HULL_TOP if corner // 2 else HULL_BOTTOM
        at_x, at_y = state.x + hull_x * cos + hull_y * sin, state.y + hull_y * cos - hull_x * sin
        if at_y < ground(state, at_x):
            return True
    return False


def observe(state, params, obs):
    """Write the observation."""
    feet = state.y + FOOT_Y
    obs[0] = (state.pad_x - state.x) / SCALES[0]
    obs[1] = (feet - state.pad_y) / SCALES[0]
    obs[2] = state.vx / SCALES[1]
    obs[3] = state.vy / SCALES[1]
    obs[4] = state.angle
    obs[5] = state.spin
    obs[6] = 1.0 if state.press[0] > 0.0 else 0.0
    obs[7] = 1.0 if state.press[1] > 0.0 else 0.0
    obs[8] = state.fuel / state.tank if state.tank > 0.0 else 0.0
    obs[9] = (feet - ground(state, state.x)) / SCALES[0]
    obs[10] = (feet - ground(state, state.x - ASIDE)) / SCALES[0]
    obs[11] = (feet - ground(state, state.x + ASIDE)) / SCALES[0]


METER = 10.0  # units of the picture
FLOOR = 372.0  # where a height of 0 m is


def place(x, y):
    """Where a place of the world is on the picture."""
    return METER * x, FLOOR - METER * y


def draw(state, params, canvas):
    """Draw the state."""
    draw_sky(canvas)
    surface = [place(i * SPACING, height) for i, height in enumerate(state.heights)]
    canvas.polygon([(0, 400), *surface, (600, 400)], "#565b66")
    for top, bottom, color in ((0, 5, "#9aa0ac"), (5, 14, "#4b505b")):
        edge = [(x, y + bottom) for x, y in reversed(surface)]
        canvas.polygon([*((x, y + top) for x, y in surface), *edge], color)
    for i in range(14):
        x = 600 * (0.618 * (i + 1) % 1.0)
        y = place(0, ground(state, x / METER))[1] + 24 + 60 * (0.382 * (i + 1) % 1.0)
        size = 3 + 5 * (0.27 * (i + 1) % 1.0)
        canvas.circle(x, y + 1, size, "#626874")
        canvas.circle(x, y - 0.6, 0.86 * size, "#494e59")
    draw_pad(canvas, state)
    if state.throttle > 0 and not state.crashed:
        draw_dust(canvas, state)
    draw_craft(canvas, state)
    draw_gauges(canvas, state, params)


def draw_sky(canvas):
    """Stars, the Earth, and mountains far away."""
    canvas.background("#0b0e16")
    for i in range(70):
        x, y, size, light = (abs(43758.5453 * math.sin(12.9898 * i + 78.233 * k)) % 1.0 for k in range(4))
        if x > 0.4 or y > 0.25:  # not behind the gauges
            color = palette.blend("#0b0e16", "white", 0.25 + 0.6 * light)
            canvas.circle(600 * x, 300 * y, 0.6 + 0.8 * size, color)
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

    def at(right, up):
        return place(state.x + right * cos + up * sin, state.y + up * cos - right * sin)

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


def steer(obs, space):
    """Over the pad first, then down: lean towards the speed wanted, and hold the descent with the engine."""
    right, height = SCALES[0] * float(obs[0]), SCALES[0] * float(obs[1])
    vx, vy = SCALES[1] * float(obs[2]), SCALES[1] * float(obs[3])
    angle, spin = float(obs[4]), float(obs[5])
    room = SCALES[0] * min(float(obs[1]), float(obs[9]), float(obs[10]), float(obs[11]))
    if obs[6] > 0 and obs[7] > 0:
        return np.array([-1.0, 0.0], np.float32)
    wanted = min(max(0.22 * right, -3.5), 3.5)
    lean = min(max(0.16 * (wanted - vx), -0.3), 0.3)
    jets = 4.0 * (lean - angle) - 5.0 * spin
    off = max(0.0, abs(right) - 2.0)
    descent = -min(0.35 + 0.2 * max(height, 0.0), 4.5)
    if off > 0:  # above the hills until it is over the pad
        descent = max(descent, -0.35 * max(min(room, height) - 4.0 - 0.3 * off, -4.0))
    push = DRY_MASS + 60.0 * float(obs[8])
    force = push * (1.62 + 1.6 * (descent - vy)) / max(0.5, math.cos(angle))
    return np.array([min(max(force / 1500.0 - 1.0, -1.0), 1.0), min(max(jets, -1.0), 1.0)], np.float32)


LIMIT = np.array([20, 20, 50, 50, 100, 100, 1, 1, 1, 20, 20, 20], np.float32)
LOW = -LIMIT * np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1], np.float32)

ENV = Environment(
    id="sandbox/Lander-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, LIMIT, dtype=np.float32),
    action_space=spaces.Box(-1.0, 1.0, (2,), np.float32),
    max_episode_steps=800,
    obs_names=(
        "pad", "height", "speed right", "speed up", "angle", "spin", "left leg", "right leg", "fuel",
        "below", "below left", "below right",
    ),
    keys={"up": (1.0, 0.0), "left": (-1.0, -1.0), "right": (-1.0, 1.0), "down": (-0.1, 0.0)},
    idle_action=(-1.0, 0.0),
    size=(600, 400),
    fps=20,
    info=("landed", "crashed", "fuel"),
    baseline=steer,
)  # fmt: skip
