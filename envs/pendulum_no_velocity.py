"""Swing a pendulum up and hold it upright, of which only the angle is seen: its speed must be remembered.

`pendulum` (step for step Gymnasium's Pendulum-v1) without the angular velocity.

The action is the motor's torque in N m, one number in [-2, 2], positive counterclockwise; larger ones are
clipped. The observation is the cosine and sine of the angle from upright (counterclockwise). The reward is
minus the sum of the squared angle (in [-pi, pi]), a tenth of the squared velocity and a thousandth of the
squared torque, all taken before the step: 0 at best, -16.3 at worst. An episode has 200 steps and never
ends earlier. It begins at any angle, with a velocity of at most 1 rad/s.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment
from envs.pendulum import ENV as WHOLE
from envs.pendulum import PARAMS, STATE, swing_and_hold
from envs.pendulum import draw as draw_pendulum
from envs.pendulum import reset as begin
from envs.pendulum import step as turn


def reset(state, params):
    """Write the first state of an episode."""
    begin(state, params)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    return turn(state, action, params)


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = math.cos(state.theta)
    obs[1] = math.sin(state.theta)


def draw(state, params, canvas):
    """Draw the state."""
    draw_pendulum(state, params, canvas)


def swing_and_hold_by_difference(obs, space, memory):
    """Play like the hand-written player of `pendulum`, with the speed from the last two angles."""
    angle = math.atan2(float(obs[1]), float(obs[0]))
    turned = 0.0 if memory is None else (angle - memory + math.pi) % (2.0 * math.pi) - math.pi
    speed = turned / PARAMS["time_step"].default
    return swing_and_hold(np.array([obs[0], obs[1], speed]), space), angle


ENV = Environment(
    id="sandbox/PendulumNoVelocity-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-1.0, 1.0, (2,), np.float32),
    action_space=WHOLE.action_space,
    max_episode_steps=WHOLE.max_episode_steps,
    obs_names=("cos angle", "sin angle"),
    keys=WHOLE.keys,
    key_words=WHOLE.key_words,
    idle_action=WHOLE.idle_action,
    size=WHOLE.size,
    fps=WHOLE.fps,
    baseline=swing_and_hold_by_difference,
)
