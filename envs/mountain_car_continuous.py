"""Drive a car out of a valley with an engine too weak for the slope, and as little thrust as possible.

The valley of `mountain_car` (Moore 1990) with a push of any strength; step for step the same as Gymnasium's
MountainCarContinuous-v0, single precision included.

The action is the push along the valley, one number in [-1, 1]; larger ones are clipped. The observation is
the car's position, from -1.2 to 0.6, and its velocity, at most 0.07 a step either way. The ground's height
is sin(3 x); the wall at the left end stops the car. Every step costs a tenth of the squared action, as it
was before it was clipped, and an episode ends with a reward of 100 when the car is at 0.45 or beyond, and
fast enough where `goal_velocity` asks for speed; it is cut off after 999 steps. It begins at rest,
uniformly in [-0.6, -0.4). Doing nothing is worth 0, and chance hardly ever gets out: who is careful learns
to stand still.
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment, Param
from envs.engine.random import uniform
from envs.mountain_car import HIGH, LEFT_END, LOW, MAX_SPEED, RIGHT_END, draw_valley

STATE = np.dtype(
    [
        ("position", "f4"),
        ("velocity", "f4"),
        ("push", "f4"),  # of the last step, for the picture
    ]
)

PARAMS = {
    "power": Param(0.0015, low=0.0, high=0.005, unit="1/step²", help="how hard the engine can push"),
    "gravity": Param(0.0025, low=0.0, high=0.01, unit="1/step²", help="pull towards the valley"),
    "goal_velocity": Param(0.0, low=0.0, high=0.07, unit="1/step", help="speed needed at the flag"),
}

GOAL = 0.45


def reset(state, params):
    """Write the first state of an episode."""
    state.position = uniform(state, -0.6, -0.4)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    asked = float(action[0])
    push = min(max(asked, -1.0), 1.0)
    velocity = state.velocity + push * params.power - math.cos(3.0 * state.position) * params.gravity
    velocity = min(max(velocity, -MAX_SPEED), MAX_SPEED)
    position = min(max(state.position + velocity, LEFT_END), RIGHT_END)
    if position == LEFT_END and velocity < 0.0:
        velocity = 0.0
    state.position = position
    state.velocity = velocity
    state.push = push
    arrived = position >= GOAL and velocity >= params.goal_velocity
    return (100.0 if arrived else 0.0) - 0.1 * asked * asked, arrived


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.position
    obs[1] = state.velocity


def draw(state, params, canvas):
    """Draw the state."""
    draw_valley(state, canvas, GOAL)


def rock(obs, space):
    """Push with all force the way the car already moves: every swing gets higher."""
    return np.array([1.0 if obs[1] >= 0 else -1.0], np.float32)


ENV = Environment(
    id="sandbox/MountainCarContinuous-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Box(-1.0, 1.0, (1,), np.float32),
    max_episode_steps=999,
    reward_threshold=90.0,
    obs_names=("position", "speed"),
    keys={"left": (-1.0,), "right": (1.0,)},
    key_words={"left": "push left", "right": "push right"},
    idle_action=(0.0,),
    size=(600, 400),
    fps=30,
    baseline=rock,
)
