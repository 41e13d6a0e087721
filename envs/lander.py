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

from envs.engine.environment import Environment, Param
from envs.engine.random import uniform
from envs.scenes import lander as scene
from envs.scenes.lander import FOOT_X, FOOT_Y, POINTS, SPACING, WIDTH, ground, segment, slope

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
HULL_X, HULL_TOP, HULL_BOTTOM = 1.25, 1.35, -1.0
CEILING = 45.0  # m
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


def draw(state, params, canvas):
    """Draw the state."""
    scene.draw(state, params, canvas)


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
    key_words={"up": "full engine", "left": "left jet", "right": "right jet", "down": "half engine"},
    idle_action=(-1.0, 0.0),
    size=(600, 400),
    fps=20,
    info=("landed", "crashed", "fuel"),
    baseline=steer,
)  # fmt: skip
