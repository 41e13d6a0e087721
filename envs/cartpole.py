"""Balance a pole on a cart by pushing the cart left or right.

Barto, Sutton & Anderson 1983, "Neuronlike adaptive elements that can solve difficult learning control
problems"; step for step the same as Gymnasium's CartPole-v1 (Euler integration, 0.02 s a step).

A step pushes the cart with a constant force to the left (0) or to the right (1). The observation is the
cart's position in m and velocity in m/s, and the pole's angle from the vertical in rad and its angular
velocity in rad/s. The reward is 1 for every step, the last one included. An episode ends when the pole leans
by more than 12 degrees or the cart is more than 2.4 m from the middle, and is cut off after 500 steps. It
begins with all four numbers uniform in (-0.05, 0.05).
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype([("x", "f8"), ("x_dot", "f8"), ("theta", "f8"), ("theta_dot", "f8")])

PARAMS = {
    "gravity": Param(9.8, low=0.0, high=30.0, unit="m/s²", help="pull towards the floor"),
    "cart_mass": Param(1.0, low=0.1, high=10.0, unit="kg", help="a heavy cart answers slowly"),
    "pole_mass": Param(0.1, low=0.01, high=2.0, unit="kg", help="a heavy pole drags the cart along"),
    "half_length": Param(0.5, low=0.1, high=2.0, unit="m", help="half of the pole: a short one falls faster"),
    "force": Param(10.0, low=1.0, high=30.0, unit="N", help="how hard a push is"),
    "time_step": Param(0.02, low=0.005, high=0.05, unit="s", help="simulated time between two actions"),
}

X_LIMIT = 2.4
THETA_LIMIT = 12 * 2 * math.pi / 360


def reset(state, params):
    """Write the first state of an episode."""
    state.x = uniform(state, -0.05, 0.05)
    state.x_dot = uniform(state, -0.05, 0.05)
    state.theta = uniform(state, -0.05, 0.05)
    state.theta_dot = uniform(state, -0.05, 0.05)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    force = params.force if action == 1 else -params.force
    cos_theta = math.cos(state.theta)
    sin_theta = math.sin(state.theta)
    total_mass = params.pole_mass + params.cart_mass
    pole_moment = params.pole_mass * params.half_length

    # Equations of motion without friction: Florian 2007, "Correct equations for the dynamics of the cart-pole
    # system", eq. 23 and 24.
    push = (force + pole_moment * state.theta_dot * state.theta_dot * sin_theta) / total_mass
    theta_acc = (params.gravity * sin_theta - cos_theta * push) / (
        params.half_length * (4.0 / 3.0 - params.pole_mass * cos_theta * cos_theta / total_mass)
    )
    x_acc = push - pole_moment * theta_acc * cos_theta / total_mass

    state.x += params.time_step * state.x_dot
    state.x_dot += params.time_step * x_acc
    state.theta += params.time_step * state.theta_dot
    state.theta_dot += params.time_step * theta_acc

    fallen = (
        state.x < -X_LIMIT or state.x > X_LIMIT or state.theta < -THETA_LIMIT or state.theta > THETA_LIMIT
    )
    return 1.0, fallen


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.x
    obs[1] = state.x_dot
    obs[2] = state.theta
    obs[3] = state.theta_dot


def draw(state, params, canvas):
    """Draw rail, cart and pole, which reddens as it leans, before the angle it must keep within."""
    # The rail is to scale; pole and cart are not, so that those of 0.2 to 4 m and 0.1 to 10 kg find room.
    meter, rail, axle = 110.0, 320.0, 277.0
    length = 176.0 * (params.half_length / 0.5) ** 0.3
    thick = 12.0 * (params.pole_mass / 0.1) ** 0.2
    half = 45.0 * params.cart_mass**0.15
    cart = 300.0 + meter * state.x

    canvas.background("paper")
    canvas.rect(0, rail, 600, 400 - rail, "mist")
    for mark in (-2, -1, 0, 1, 2):
        at = 300 + meter * mark
        canvas.rect(at - 1, rail + 13, 2, 7, "silver")
        canvas.text(at, rail + 32, f"{mark} m".replace("-", "−") if mark else "0", 13, "grey", "center")
    canvas.rect(0, rail - 2, 600, 4, "silver")
    canvas.rect(300 - meter * X_LIMIT, rail - 2, 2 * meter * X_LIMIT, 4, "slate")
    for end in (300 - meter * X_LIMIT, 300 + meter * X_LIMIT):
        canvas.rect(end - 3, rail - 24, 6, 26, "danger", 3)

    # The angle within which the pole must stay.
    angles = [THETA_LIMIT * i / 6 for i in range(-6, 7)]
    reach = length + 24
    rim = [(cart + reach * math.sin(angle), axle - reach * math.cos(angle)) for angle in angles]
    canvas.polygon([(cart, axle), *rim], palette.blend("paper", "mist", 0.8))

    canvas.polygon([(cart, rail + 3), (cart - 6, rail + 11), (cart + 6, rail + 11)], "slate")
    for wheel in (cart - 0.6 * half, cart + 0.6 * half):
        canvas.circle(wheel, rail - 10, 8, "ink")
        canvas.circle(wheel, rail - 10, 3, "silver")
    canvas.rect(cart - half, axle - 2, 2 * half, 34, "ink", 8)
    canvas.rect(cart - half, axle - 2, 2 * half, 29, "slate", 8)

    top_x, top_y = cart + length * math.sin(state.theta), axle - length * math.cos(state.theta)
    leaning = min(1.0, abs(state.theta) / THETA_LIMIT)
    color = palette.blend("#d9a35b", "danger", leaning**2)
    canvas.line(cart, axle, top_x, top_y, color, thick)
    canvas.line(
        cart - thick / 6, axle, top_x - thick / 6, top_y, palette.blend(color, "white", 0.35), thick / 4
    )
    canvas.circle(cart, axle, 10, "ink")
    canvas.circle(cart, axle, 4, "silver")


def push_back(obs, space):
    """Push towards the side the pole is falling to, and a little against the cart's drift."""
    return int(obs[2] + 0.5 * obs[3] + 0.1 * obs[0] + 0.2 * obs[1] > 0)


HIGH = np.array([2 * X_LIMIT, np.inf, 2 * THETA_LIMIT, np.inf], np.float32)

ENV = Environment(
    id="sandbox/CartPole-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-HIGH, HIGH, dtype=np.float32),
    action_space=spaces.Discrete(2),
    max_episode_steps=500,
    reward_threshold=475.0,
    action_names=("left", "right"),
    obs_names=("cart position", "cart speed", "pole angle", "pole speed"),
    keys={"left": 0, "right": 1},
    idle_action=None,
    size=(600, 400),
    fps=50,
    baseline=push_back,
)
