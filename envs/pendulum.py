"""Swing a hanging pendulum up and hold it upright with a motor that is too weak to lift it directly.

A classic of control; step for step the same as Gymnasium's Pendulum-v1 (a rod with a motor in its pivot,
the speed updated before the angle, 0.05 s a step).

The action is the motor's torque in N m, one number in [-2, 2], positive counterclockwise; larger ones are
clipped. The observation is the cosine and sine of the angle from upright (counterclockwise) and the angular
velocity in rad/s, which is limited to 8. The reward is minus the sum of the squared angle (in [-pi, pi]), a
tenth of the squared velocity and a thousandth of the squared torque, all taken before the step: 0 at best,
-16.3 at worst. An episode has 200 steps and never ends earlier. It begins at any angle, with a velocity of at
most 1 rad/s.
"""

import itertools
import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype(
    [
        ("theta", "f8"),  # from upright, not wrapped
        ("theta_dot", "f8"),
        ("torque", "f8"),  # of the last step, for the picture
    ]
)

PARAMS = {
    "gravity": Param(10.0, low=0.0, high=30.0, unit="m/s²", help="pull towards the floor"),
    "mass": Param(1.0, low=0.1, high=5.0, unit="kg", help="a heavy rod needs more swings"),
    "length": Param(1.0, low=0.2, high=2.0, unit="m", help="a long rod needs more swings"),
    "friction": Param(0.0, low=0.0, high=2.0, unit="1/s", help="slows every movement down"),
    "time_step": Param(0.05, low=0.01, high=0.1, unit="s", help="simulated time between two actions"),
}

MAX_SPEED = 8.0
MAX_TORQUE = 2.0


def reset(state, params):
    """Write the first state of an episode."""
    state.theta = uniform(state, -math.pi, math.pi)
    state.theta_dot = uniform(state, -1.0, 1.0)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    torque = min(max(float(action[0]), -MAX_TORQUE), MAX_TORQUE)
    angle = (state.theta + math.pi) % (2.0 * math.pi) - math.pi
    speed = state.theta_dot
    reward = -(angle * angle + 0.1 * speed * speed + 0.001 * torque * torque)

    # A uniform rod about its end: the moment of inertia is mass * length**2 / 3.
    gravity = 3.0 * params.gravity / (2.0 * params.length) * math.sin(state.theta)
    motor = 3.0 / (params.mass * params.length * params.length) * torque
    speed += (gravity + motor - params.friction * speed) * params.time_step
    speed = min(max(speed, -MAX_SPEED), MAX_SPEED)
    state.theta += speed * params.time_step
    state.theta_dot = speed
    state.torque = torque
    return reward, False


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = math.cos(state.theta)
    obs[1] = math.sin(state.theta)
    obs[2] = state.theta_dot


def draw(state, params, canvas):
    """Draw the state."""
    middle, length = 200.0, 140.0 * params.length**0.25
    thick = 24.0 * params.mass**0.25
    canvas.background("paper")

    # Rings and ticks of a dial; the goal is straight up.
    dial = 186.0
    canvas.circle(middle, middle, dial, "mist")
    canvas.circle(middle, middle, dial - 3, palette.blend("paper", "white", 0.6))
    for tick in range(24):
        angle = 2 * math.pi * tick / 24
        inner = dial - (16 if tick % 6 == 0 else 10)
        x, y = math.sin(angle), -math.cos(angle)
        color = "truth" if tick == 0 else "silver"
        canvas.line(middle + inner * x, middle + inner * y, middle + (dial - 6) * x, middle + (dial - 6) * y,
                    color, 4 if tick % 6 == 0 else 2)  # fmt: skip

    tip_x, tip_y = middle - length * math.sin(state.theta), middle - length * math.cos(state.theta)
    upright = (1 + math.cos(state.theta)) / 2
    calm = max(0.0, 1 - abs(state.theta_dot) / MAX_SPEED)
    color = palette.blend("#d9a35b", "truth", upright**8 * calm)
    canvas.line(middle, middle, tip_x, tip_y, color, thick)
    shine_x, shine_y = -thick / 6 * math.cos(state.theta), thick / 6 * math.sin(state.theta)
    canvas.line(middle + shine_x, middle + shine_y, tip_x + shine_x, tip_y + shine_y,
                palette.blend(color, "white", 0.35), thick / 5)  # fmt: skip
    canvas.circle(middle, middle, 19, "ink")
    canvas.circle(middle, middle, 7, "silver")
    draw_torque(canvas, middle, state.torque)


def draw_torque(canvas, middle, torque):
    """An arc with an arrowhead around the pivot, as long as the torque is strong."""
    sweep = 2.2 * torque / MAX_TORQUE
    if abs(sweep) < 0.05:
        return
    radius, parts = 44.0, 1 + int(12 * abs(sweep))
    # Angles on the screen, from straight up, against the clock.
    points = [
        (middle - radius * math.sin(sweep * i / parts), middle - radius * math.cos(sweep * i / parts))
        for i in range(parts + 1)
    ]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        canvas.line(x1, y1, x2, y2, "model", 5)
    turn = math.copysign(1.0, sweep)
    ahead_x, ahead_y = -turn * math.cos(sweep), turn * math.sin(sweep)
    out_x, out_y = -math.sin(sweep), -math.cos(sweep)
    x, y = points[-1]
    canvas.polygon(
        [
            (x + 13 * ahead_x, y + 13 * ahead_y),
            (x + 9 * out_x, y + 9 * out_y),
            (x - 9 * out_x, y - 9 * out_y),
        ],
        "model",
    )


def swing_and_hold(obs, space):
    """Pump energy until there is enough to reach the top; near the top, hold like a spring with a damper."""
    cos_theta, sin_theta, speed = float(obs[0]), float(obs[1]), float(obs[2])
    if cos_theta > 0.85:
        torque = -12.0 * math.atan2(sin_theta, cos_theta) - 2.5 * speed
    else:
        # With the default rod: kinetic speed**2 / 6, potential 5 cos(theta), and 5 is rest at the top.
        missing = 5.0 - (speed * speed / 6.0 + 5.0 * cos_theta)
        torque = math.copysign(MAX_TORQUE, missing * (speed if speed else 1.0))
    return np.array([min(max(torque, -MAX_TORQUE), MAX_TORQUE)], np.float32)


HIGH = np.array([1.0, 1.0, MAX_SPEED], np.float32)

ENV = Environment(
    id="sandbox/Pendulum-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-HIGH, HIGH, dtype=np.float32),
    action_space=spaces.Box(-MAX_TORQUE, MAX_TORQUE, (1,), np.float32),
    max_episode_steps=200,
    obs_names=("cos angle", "sin angle", "speed"),
    keys={"left": (MAX_TORQUE,), "right": (-MAX_TORQUE,)},
    key_words={"left": "turn left", "right": "turn right"},
    idle_action=(0.0,),
    size=(400, 400),
    fps=20,
    baseline=swing_and_hold,
)
