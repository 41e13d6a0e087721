"""Drive a car out of a valley with an engine too weak for the slope: swing back to gain speed.

Moore 1990, "Efficient memory-based learning for robot control"; step for step the same as Gymnasium's
MountainCar-v0.

A step pushes the car to the left (0), not at all (1) or to the right (2). The observation is its position
along the valley, from -1.2 to 0.6, and its velocity, at most 0.07 a step either way. The ground's height is
sin(3 x); the wall at the left end stops the car. The reward is -1 for every step. An episode ends when the
car is at 0.5 or beyond, and fast enough where `goal_velocity` asks for speed; it is cut off after 200
steps. It begins at rest, uniformly in [-0.6, -0.4).
"""

import math

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import uniform

STATE = np.dtype(
    [
        ("position", "f8"),
        ("velocity", "f8"),
        ("push", "i4"),  # of the last step: -1, 0 or 1, for the picture
    ]
)

PARAMS = {
    "force": Param(0.001, low=0.0, high=0.005, unit="1/step²", help="how hard the engine pushes"),
    "gravity": Param(0.0025, low=0.0, high=0.01, unit="1/step²", help="pull towards the valley"),
    "goal_velocity": Param(0.0, low=0.0, high=0.07, unit="1/step", help="speed needed at the flag"),
}

LEFT_END, RIGHT_END, GOAL = -1.2, 0.6, 0.5
MAX_SPEED = 0.07


def reset(state, params):
    """Write the first state of an episode."""
    state.position = uniform(state, -0.6, -0.4)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    velocity = state.velocity + (action - 1) * params.force - math.cos(3.0 * state.position) * params.gravity
    velocity = min(max(velocity, -MAX_SPEED), MAX_SPEED)
    position = min(max(state.position + velocity, LEFT_END), RIGHT_END)
    if position == LEFT_END and velocity < 0.0:
        velocity = 0.0
    state.position = position
    state.velocity = velocity
    state.push = action - 1
    return -1.0, position >= GOAL and velocity >= params.goal_velocity


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = state.position
    obs[1] = state.velocity


def screen(position):
    """Where a point of the track is on the picture."""
    return 600 * (position - LEFT_END) / (RIGHT_END - LEFT_END), 225 - 120 * math.sin(3 * position)


def draw(state, params, canvas):
    """Draw the state."""
    draw_valley(state, canvas, GOAL)


def draw_valley(state, canvas, goal):
    """Draw the valley with a flag at the goal, and the car."""
    canvas.background("#e9f0f8")
    canvas.circle(112, 78, 34, "#f7e3b0")
    # Two ranges far away, then the valley's ground.
    for base, height, wave, color in ((250, 46, 0.017, "#d3dfec"), (300, 38, 0.026, "#c2d2e2")):
        ridge = [
            (x, base - height * (math.sin(wave * x + 1) + 0.5 * math.sin(2.3 * wave * x)))
            for x in range(0, 601, 12)
        ]
        canvas.polygon([(0, 400), *ridge, (600, 400)], color)
    ends = LEFT_END, RIGHT_END
    track = [screen(ends[0] + (ends[1] - ends[0]) * i / 120) for i in range(121)]
    canvas.polygon([(0, 400), *track, (600, 400)], "#7d9a76")
    low = [(x, y + 9) for x, y in track]
    canvas.polygon([(0, 400), *low, (600, 400)], "#5e7f63")
    deep = [(x, y + 44) for x, y in track]
    canvas.polygon([(0, 400), *deep, (600, 400)], "#527258")

    x, y = screen(goal)
    canvas.line(x, y + 4, x, y - 62, "ink", 4)
    canvas.polygon([(x + 2, y - 62), (x + 30, y - 52), (x + 2, y - 42)], "truth")
    canvas.circle(x, y - 63, 4, "ink")
    draw_car(state, canvas)


def draw_car(state, canvas):
    """The car, standing on the slope, with a flame where its engine pushes."""
    at = state.position
    wheel_x, wheel_y = screen(at)
    (x1, y1), (x2, y2) = screen(at - 0.01), screen(at + 0.01)
    slope = math.atan2(y1 - y2, x2 - x1)
    cos, sin = math.cos(slope), math.sin(slope)

    def place(along, up):
        return wheel_x + along * cos - up * sin, wheel_y - along * sin - up * cos

    def shape(points, color):
        canvas.polygon([place(along, up) for along, up in points], color)

    if state.push:
        back, strength = -math.copysign(1.0, state.push), abs(float(state.push))
        shape([(back * 25, 12), (back * (25 + 19 * strength), 16), (back * 25, 20)], "#e8872b")
        shape([(back * 25, 13.5), (back * (25 + 10 * strength), 16), (back * 25, 18.5)], "#ffd57a")
    shape(
        [(-25, 9), (-26, 19), (-21, 23), (-13, 24), (-7, 34), (9, 34), (16, 24), (23, 21), (26, 16), (26, 9)],
        "model",
    )
    shape([(-25, 9), (-25.5, 13), (26, 13), (26, 9)], palette.blend("model", "ink", 0.35))
    shape([(-9, 25), (-5, 31.5), (0, 31.5), (0, 25)], "#dbe8f6")
    shape([(3, 25), (3, 31.5), (8, 31.5), (12, 25)], "#dbe8f6")
    # Spokes, so that one sees the wheels turn.
    turn = -600 / (RIGHT_END - LEFT_END) * at / 8
    for along in (-15, 15):
        canvas.circle(*place(along, 8), 8, "ink")
        canvas.circle(*place(along, 8), 3.5, "silver")
        rim = place(along + 6 * math.cos(turn), 8 + 6 * math.sin(turn))
        canvas.line(*place(along, 8), *rim, "silver", 1.6)


def rock(obs, space):
    """Push the way the car already moves: every swing gets higher."""
    return 2 if obs[1] >= 0 else 0


LOW = np.array([LEFT_END, -MAX_SPEED], np.float32)
HIGH = np.array([RIGHT_END, MAX_SPEED], np.float32)

ENV = Environment(
    id="sandbox/MountainCar-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(LOW, HIGH, dtype=np.float32),
    action_space=spaces.Discrete(3),
    max_episode_steps=200,
    reward_threshold=-110.0,
    action_names=("left", "coast", "right"),
    obs_names=("position", "speed"),
    keys={"left": 0, "right": 2},
    idle_action=1,
    size=(600, 400),
    fps=30,
    baseline=rock,
)
