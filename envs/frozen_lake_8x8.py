"""Cross a larger frozen lake to the fish without falling into a hole; the ice is slippery.

The rules of `frozen_lake` on a larger map; the same as Gymnasium's FrozenLake8x8-v1 in every transition and
its probability.

A step goes left (0), down (1), right (2) or up (3); the edge of the lake stops it. On slippery ice it goes
where it should with probability `success_rate`, else to one of the two sides, each equally likely. The
observation is the number of the cell, row by row from the top left, where it begins. Reaching the fish in
the bottom right corner gives reward 1 and ends the episode, falling into a hole ends it with 0, and so does
every other step. An episode is cut off after 200 steps. The best possible player gets there in 91 % of
them.

`info` has `prob`, the probability of what the last step did.
"""

import numpy as np
from gymnasium import spaces

from envs.engine.environment import Environment
from envs.frozen_lake import DOWN, LEFT, PARAMS, RIGHT, STATE, UP, begin, careful_action, draw_lake, slide

LAKE = np.frombuffer(b"SFFFFFFFFFFFFFFFFFFHFFFFFFFFFHFFFFFHFFFFFHHFFFHFFHFFHFHFFFFHFFFG", np.uint8)
SIDE = 8


def reset(state, params):
    """Write the first state of an episode."""
    begin(state)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    return slide(state, action, params, LAKE, SIDE)


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.cell


def draw(state, params, canvas):
    """Draw the state."""
    draw_lake(state, canvas, LAKE, SIDE)


def careful(obs, space):
    """Walk so that no slip, or as few as possible, end in a hole."""
    return careful_action(int(obs), LAKE, SIDE)


ENV = Environment(
    id="sandbox/FrozenLake8x8-v1",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Discrete(SIDE * SIDE),
    action_space=spaces.Discrete(4),
    max_episode_steps=200,
    reward_threshold=0.85,
    action_names=("left", "down", "right", "up"),
    keys={"left": LEFT, "down": DOWN, "right": RIGHT, "up": UP},
    turn_based=True,
    size=(480, 480),
    fps=4,
    info=("prob",),
    baseline=careful,
)
