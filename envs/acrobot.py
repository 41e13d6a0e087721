"""Swing two hanging links up until the free end is one link above the pivot; only the elbow has a motor.

Sutton 1996, "Generalization in reinforcement learning: successful examples using sparse coarse coding",
with the equations of Sutton & Barto's book; step for step the same as Gymnasium's Acrobot-v1 (fourth-order
Runge-Kutta, 0.2 s a step).

A step applies a torque of -1 (0), 0 (1) or +1 (2) N m to the joint between the links. The observation is
the cosine and sine of the first link's angle from hanging down, the cosine and sine of the second link's
angle relative to the first, and both angular velocities in rad/s, limited to 4 pi and 9 pi. The reward is
-1 for every step but the last, which has 0. An episode ends when the free end is higher than one link above
the pivot, and is cut off after 500 steps. It begins with all four numbers uniform in [-0.1, 0.1).
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype(
    [
        ("theta_1", "f8"),
        ("theta_2", "f8"),
        ("theta_1_dot", "f8"),
        ("theta_2_dot", "f8"),
        ("torque", "f8"),  # of the last step, for the picture
    ]
)

PARAMS = {
    "gravity": Param(9.8, low=0.0, high=30.0, unit="m/s²", help="pull towards the floor"),
    "mass_1": Param(1.0, low=0.2, high=5.0, unit="kg", help="of the upper link"),
    "mass_2": Param(1.0, low=0.2, high=5.0, unit="kg", help="of the lower link"),
    "length_1": Param(1.0, low=0.5, high=2.0, unit="m", help="of the upper link"),
    "length_2": Param(1.0, low=0.5, high=2.0, unit="m", help="of the lower link"),
    "max_torque": Param(1.0, low=0.0, high=10.0, unit="N m", help="how hard the motor turns"),
    "time_step": Param(0.2, low=0.02, high=0.2, unit="s", help="simulated time between two actions"),
}

INERTIA = 1.0  # of each link about its middle, kg m²
MAX_SPEED_1 = 4.0 * math.pi
MAX_SPEED_2 = 9.0 * math.pi


def reset(state, params):
    """Write the first state of an episode."""
    state.theta_1 = uniform(state, -0.1, 0.1)
    state.theta_2 = uniform(state, -0.1, 0.1)
    state.theta_1_dot = uniform(state, -0.1, 0.1)
    state.theta_2_dot = uniform(state, -0.1, 0.1)


def accelerations(params, torque, theta_1, theta_2, speed_1, speed_2):
    """Angular accelerations of both joints."""
    middle_1, middle_2 = 0.5 * params.length_1, 0.5 * params.length_2
    cos_2, sin_2 = math.cos(theta_2), math.sin(theta_2)
    coupling = params.mass_2 * params.length_1 * middle_2
    d1 = (
        params.mass_1 * middle_1 * middle_1
        + params.mass_2 * (params.length_1 * params.length_1 + middle_2 * middle_2)
        + 2.0 * coupling * cos_2
        + 2.0 * INERTIA
    )
    alone = params.mass_2 * middle_2 * middle_2 + INERTIA
    d2 = alone + coupling * cos_2
    # Gymnasium writes cos(angle - pi / 2) for these sines.
    phi_2 = params.mass_2 * middle_2 * params.gravity * math.sin(theta_1 + theta_2)
    phi_1 = (
        -coupling * speed_2 * (speed_2 + 2.0 * speed_1) * sin_2
        + (params.mass_1 * middle_1 + params.mass_2 * params.length_1) * params.gravity * math.sin(theta_1)
        + phi_2
    )
    second = (torque + d2 / d1 * phi_1 - coupling * speed_1 * speed_1 * sin_2 - phi_2) / (
        alone - d2 * d2 / d1
    )
    return -(d2 * second + phi_1) / d1, second


def wrapped(angle):
    """The angle in [-pi, pi)."""
    return angle - 2.0 * math.pi * math.floor((angle + math.pi) / (2.0 * math.pi))


def height(state, params):
    """Of the free end above the pivot, in m."""
    upper = params.length_1 * math.cos(state.theta_1)
    return -upper - params.length_2 * math.cos(state.theta_1 + state.theta_2)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    torque = (action - 1) * params.max_torque
    t1, t2, v1, v2 = state.theta_1, state.theta_2, state.theta_1_dot, state.theta_2_dot
    dt, half = params.time_step, 0.5 * params.time_step
    a1, a2 = accelerations(params, torque, t1, t2, v1, v2)
    v1_b, v2_b = v1 + half * a1, v2 + half * a2
    b1, b2 = accelerations(params, torque, t1 + half * v1, t2 + half * v2, v1_b, v2_b)
    v1_c, v2_c = v1 + half * b1, v2 + half * b2
    c1, c2 = accelerations(params, torque, t1 + half * v1_b, t2 + half * v2_b, v1_c, v2_c)
    v1_d, v2_d = v1 + dt * c1, v2 + dt * c2
    d1, d2 = accelerations(params, torque, t1 + dt * v1_c, t2 + dt * v2_c, v1_d, v2_d)

    sixth = dt / 6.0
    state.theta_1 = wrapped(t1 + sixth * (v1 + 2.0 * v1_b + 2.0 * v1_c + v1_d))
    state.theta_2 = wrapped(t2 + sixth * (v2 + 2.0 * v2_b + 2.0 * v2_c + v2_d))
    v1 += sixth * (a1 + 2.0 * b1 + 2.0 * c1 + d1)
    v2 += sixth * (a2 + 2.0 * b2 + 2.0 * c2 + d2)
    state.theta_1_dot = min(max(v1, -MAX_SPEED_1), MAX_SPEED_1)
    state.theta_2_dot = min(max(v2, -MAX_SPEED_2), MAX_SPEED_2)
    state.torque = torque
    arrived = height(state, params) > params.length_1
    return (0.0 if arrived else -1.0), arrived


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = math.cos(state.theta_1)
    obs[1] = math.sin(state.theta_1)
    obs[2] = math.cos(state.theta_2)
    obs[3] = math.sin(state.theta_2)
    obs[4] = state.theta_1_dot
    obs[5] = state.theta_2_dot


def draw(state, params, canvas):
    """Draw the state."""
    middle = 220.0
    meter = 190.0 / max(2.0, params.length_1 + params.length_2)
    canvas.background("paper")
    reach = meter * (params.length_1 + params.length_2)
    canvas.circle(middle, middle, reach + 4, palette.blend("paper", "mist", 0.9))
    canvas.circle(middle, middle, reach, palette.blend("paper", "white", 0.6))

    # The bar to get over.
    arrived = height(state, params) > params.length_1
    bar = middle - meter * params.length_1
    color = "truth" if arrived else palette.blend("truth", "paper", 0.25)
    for dash in range(22):
        canvas.line(8 + 20 * dash, bar, 16 + 20 * dash, bar, color, 4)

    upper, lower = meter * params.length_1, meter * params.length_2
    total = state.theta_1 + state.theta_2
    elbow = middle + upper * math.sin(state.theta_1), middle + upper * math.cos(state.theta_1)
    tip = elbow[0] + lower * math.sin(total), elbow[1] + lower * math.cos(total)
    draw_link(canvas, (middle, middle), elbow, "#3f6ea8", 20 * params.mass_1**0.3)
    draw_link(canvas, elbow, tip, "#d9a35b", 16 * params.mass_2**0.3)
    canvas.circle(middle, middle, 14, "ink")
    canvas.circle(middle, middle, 5, "silver")
    canvas.circle(*elbow, 12, "slate")
    strength = min(1.0, abs(state.torque))
    lamp = "model" if state.torque > 0 else "danger"
    canvas.circle(*elbow, 6, palette.blend("silver", lamp, strength))
    canvas.circle(*tip, 8, "truth" if arrived else "ink")


def draw_link(canvas, start, end, color, thick):
    """A rod with a line of light along it."""
    canvas.line(*start, *end, color, thick)
    canvas.line(*start, *end, palette.blend(color, "white", 0.3), thick / 3)


def pump(obs, space):
    """Turn the elbow the way it already turns: the motor only ever adds energy."""
    return 2 if obs[5] > 0 else 0


HIGH = np.array([1.0, 1.0, 1.0, 1.0, MAX_SPEED_1, MAX_SPEED_2], np.float32)

ENV = Environment(
    id="sandbox/Acrobot-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-HIGH, HIGH, dtype=np.float32),
    action_space=spaces.Discrete(3),
    max_episode_steps=500,
    reward_threshold=-100.0,
    action_names=("torque -", "none", "torque +"),
    obs_names=("cos angle 1", "sin angle 1", "cos angle 2", "sin angle 2", "speed 1", "speed 2"),
    keys={"left": 0, "right": 2},
    idle_action=1,
    size=(440, 440),
    fps=15,
    baseline=pump,
)
