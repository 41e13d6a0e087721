"""See a few bits once, wait, and say the one that is asked for.

MemoryChain of bsuite (Osband et al. 2019, "Behaviour suite for reinforcement learning"): how long can an
agent remember, and how much?

An episode has `length` + 1 steps. At its start `bits` random bits are shown, as +1 and -1; then nothing,
until just before the last step one of them is asked for by its number. The last action, 0 or 1, gives 1 if
it is that bit (1 for +1), else -1; all before give 0 and change nothing.

The observation has 2 + 8 numbers: the share of the time that is left, from 1 down to 0; the number of the
bit that is asked for, 0 until then; and the bits, 0 while they are not shown and beyond `bits`. As in
bsuite the start is seen twice: before the first step and after it.
"""

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param
from envs.engine.random import randint

MOST_BITS = 8

STATE = np.dtype(
    [
        ("bits", "i1", (MOST_BITS,)),
        ("count", "i4"),
        ("asked", "i4"),
        ("time", "i4"),
        ("length", "i4"),
        ("played", "i4"),  # steps, one more than the time after the start
        ("verdict", "i4"),  # 1 right, -1 wrong, 0 not yet, for the picture
    ]
)

PARAMS = {
    "length": Param(10, low=1, high=100, unit="steps", help="how long to remember, from the next episode on"),
    "bits": Param(1, low=1, high=MOST_BITS, help="how much to remember, from the next episode on"),
}


def reset(state, params):
    """Write the first state of an episode."""
    state.length = params.length
    state.count = params.bits
    for bit in range(state.count):
        state.bits[bit] = randint(state, 0, 2)
    state.asked = randint(state, 0, state.count)


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    state.time = state.played
    state.played += 1
    if state.played <= state.length:
        return 0.0, False
    state.verdict = 1 if action == state.bits[state.asked] else -1
    return float(state.verdict), True


def observe(state, params, obs):
    """Write the observation."""
    obs[0] = 1.0 - state.time / state.length
    if state.time == state.length - 1:
        obs[1] = state.asked
    if state.time == 0:
        for bit in range(state.count):
            obs[2 + bit] = 2.0 * state.bits[bit] - 1.0


def draw(state, params, canvas):
    """Draw the bits, dark once they are only remembered, over a burning fuse."""
    canvas.background("#1a2130")
    count, shown = int(state.count), state.time == 0
    wide = min(70.0, 480 / count)
    asks = state.time >= state.length - 1
    for bit in range(count):
        x = 300 + (bit - (count - 1) / 2) * wide
        lamp = "#343f54"
        if shown or state.verdict:
            lamp = "#f5c542" if state.bits[bit] else "#3f7fe0"
        if asks and bit == state.asked:
            hue = {0: "white", 1: "truth", -1: "danger"}[int(state.verdict)]
            canvas.circle(x, 100, 0.46 * wide, hue)
        canvas.circle(x, 100, 0.4 * wide, lamp)
        canvas.circle(x - 0.1 * wide, 100 - 0.12 * wide, 0.09 * wide, palette.blend(lamp, "white", 0.5))
        if not shown and not state.verdict:
            canvas.text(x, 100, "?", 0.36 * wide, "grey", "center")
    left = 1 - state.time / state.length
    canvas.line(60, 200, 540, 200, "#343f54", 6)
    canvas.line(60, 200, 60 + 480 * left, 200, "#c8a26a", 6)
    if 0 < left < 1:
        for size, color in ((13, "#e8872b"), (7, "#ffe9a8")):
            canvas.circle(60 + 480 * left, 200, size, color)
    says = (
        "right"
        if state.verdict > 0
        else "wrong"
        if state.verdict < 0
        else "which one was it?"
        if asks
        else ""
    )
    canvas.text(300, 30, says, 18, "white", "center")


def keep_bits(obs, space, memory):
    """Keep the bits in mind."""
    bits = tuple(obs[2:] > 0) if memory is None else memory
    return int(bits[int(obs[1])]), bits


ENV = Environment(
    id="sandbox/MemoryChain-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(-1.0, float(MOST_BITS), (2 + MOST_BITS,), np.float32),
    action_space=spaces.Discrete(2),
    reward_threshold=0.98,
    action_names=("blue", "yellow"),
    obs_names=("time left", "asked", *(f"bit {bit}" for bit in range(MOST_BITS))),
    keys={"left": 0, "right": 1},
    turn_based=True,
    size=(600, 250),
    fps=6,
    baseline=keep_bits,
)
