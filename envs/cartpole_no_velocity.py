"""Balance a pole on a cart of which only positions are seen: how fast all moves must be remembered.

`cartpole` (Barto, Sutton & Anderson 1983; step for step Gymnasium's CartPole-v1) without the two
velocities, a usual first task of partial observation (Wierstra et al. 2007, "Solving deep memory POMDPs
with recurrent policy gradients").

A step pushes the cart with a constant force to the left (0) or to the right (1). The observation is the
cart's position in m and the pole's angle from the vertical in rad. The reward is 1 for every step, the last
one included. An episode ends when the pole leans by more than 12 degrees or the cart is more than 2.4 m
from the middle, and is cut off after 500 steps.
"""

import numpy as np
from gymnasium import spaces

from envs.cartpole import ENV as WHOLE
from envs.cartpole import HIGH, PARAMS, STATE, push_back
from envs.cartpole import draw as draw_cart
from envs.cartpole import reset as begin
from envs.cartpole import step as push
from envs.engine.environment import Environment

POSITIONS = HIGH[[0, 2]]


def reset(state, params):
    """Write the first state of an episode."""
    begin(state, params)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    return push(state, action, params)


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.x
    obs[1] = state.theta


def draw(state, params, canvas):
    """Draw the state."""
    draw_cart(state, params, canvas)


def push_back_by_difference(obs, space, memory):
    """Play like the hand-written player of `cartpole`, with velocities from the last two positions."""
    before = obs if memory is None else memory
    x_dot, theta_dot = (obs - before) / PARAMS["time_step"].default
    return push_back(np.array([obs[0], x_dot, obs[1], theta_dot]), space), obs.copy()


ENV = Environment(
    id="sandbox/CartPoleNoVelocity-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-POSITIONS, POSITIONS, dtype=np.float32),
    action_space=WHOLE.action_space,
    max_episode_steps=WHOLE.max_episode_steps,
    reward_threshold=WHOLE.reward_threshold,
    action_names=WHOLE.action_names,
    obs_names=("cart position", "pole angle"),
    keys=WHOLE.keys,
    idle_action=WHOLE.idle_action,
    size=WHOLE.size,
    fps=WHOLE.fps,
    baseline=push_back_by_difference,
)
