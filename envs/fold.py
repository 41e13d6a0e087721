"""Fold a chain of hydrophobic and polar residues on a square lattice so that hydrophobic ones touch.

The HP model (Dill 1985, "Theory for the folding and stability of globular proteins") in two dimensions. The
chains are the benchmarks of Unger & Moult 1993, "Genetic algorithms for protein folding simulations", and
their successors, with the lowest energies known:

- `sequence` 0: 20 residues, -9;  1: 24, -9;  2: 25, -8;  3: 36, -14
- `sequence` 4: 48, -23;  5: 50, -21;  6: 60, -36;  7: 64, -42

The first two residues lie in place. A step adds the next one: to the left of the way the chain came (0),
straight on (1) or to the right (2). Where that place is taken, the next free one of straight, left and
right is used. The reward is the number of new contacts: hydrophobic residues side by side that are not
neighbours in the chain. The return is minus the energy of the fold. A chain that finds no free place is
stuck: the episode ends, and the reward takes back all contacts. It also ends with the last residue.

The observation is a picture of 15x15 places around the last residue, turned so that the chain came from
below, with 3 channels (uint8): hydrophobic residues (255), polar ones (255), and, row by row from the top
left, the residues still to come (255 hydrophobic, 127 polar).

`info` has the energy and whether the chain is stuck.
"""

import itertools

import numpy as np
from gymnasium import spaces

from envs.engine import palette
from envs.engine.environment import Environment, Param

CHAINS = (
    "HPHPPHHPHPPHPHHPPHPH",
    "HHPPHPPHPPHPPHPPHPPHPPHH",
    "PPHPPHHPPPPHHPPPPHHPPPPHH",
    "PPPHHPPHHPPPPPHHHHHHHPPHHPPPPHHPPHPP",
    "PPHPPHHPPHHPPPPPHHHHHHHHHHPPPPPPHHPPHHPPHPPHHHHH",
    "HHPHPHPHPHHHHPHPPPHPPPHPPPPHPPPHPPPHPHHHHPHPHPHPHH",
    "PPHHHPHHHHHHHHPPPHHHHHHHHHHPHPPPHHHHHHHHHHHHPPPPHHHHHHPHHPHP",
    "HHHHHHHHHHHHPHPHPPHHPPHHPPHPPHHPPHHPPHPPHHPPHHPPHPHPHHHHHHHHHHHH",
)
OPTIMA = (-9, -9, -8, -14, -23, -21, -36, -42)
MAX_LENGTH = 64
LETTERS = np.frombuffer("".join(chain.ljust(MAX_LENGTH) for chain in CHAINS).encode(), np.uint8)
HYDROPHOBIC, NOTHING = 72, 32  # the letters H and space
VIEW = 15
REACH = VIEW // 2

STATE = np.dtype(
    [
        ("x", "i1", (MAX_LENGTH,)),
        ("y", "i1", (MAX_LENGTH,)),
        ("sequence", "i4"),
        ("placed", "i4"),
        ("energy", "i4"),
        ("stuck", "?"),
    ]
)

PARAMS = {
    "sequence": Param(
        0, low=0, high=len(CHAINS) - 1, help="which chain (see the rules), from the next episode on"
    )
}

LEFT, STRAIGHT, RIGHT = range(3)


def residue(state, index):
    """The letter of a residue; a space beyond the end of the chain."""
    return LETTERS[state.sequence * MAX_LENGTH + index] if index < MAX_LENGTH else NOTHING


def reset(state, params):
    """Write the first state of an episode."""
    state.sequence = params.sequence
    state.placed = 2
    state.x[1] = 1


def at(state, x, y):
    """The index of the residue in a place, -1 for a free one."""
    found = -1
    for i in range(state.placed):
        if state.x[i] == x and state.y[i] == y:
            found = i
    return found


def step(state, action, params):
    """Play one action; returns reward and terminated."""
    last = state.placed - 1
    x, y = int(state.x[last]), int(state.y[last])
    ahead_x, ahead_y = x - int(state.x[last - 1]), y - int(state.y[last - 1])
    for k in range(4):
        # The place asked for, then straight, left and right. Left of (a, b) is (b, -a): y points down.
        turn = action if k == 0 else (STRAIGHT, LEFT, RIGHT)[k - 1]
        new_x, new_y = x + ahead_x, y + ahead_y
        if turn != STRAIGHT:
            side = 1 if turn == LEFT else -1
            new_x, new_y = x + side * ahead_y, y - side * ahead_x
        if at(state, new_x, new_y) < 0:
            return place(state, new_x, new_y)
    state.stuck = True
    lost = state.energy
    state.energy = 0
    return float(lost), True


def place(state, x, y):
    """Add the next residue in a free place; returns reward and terminated."""
    index = state.placed
    contacts = 0
    if residue(state, index) == HYDROPHOBIC:
        for i in range(index - 1):
            near = abs(state.x[i] - x) + abs(state.y[i] - y) == 1
            if near and residue(state, i) == HYDROPHOBIC:
                contacts += 1
    state.x[index] = x
    state.y[index] = y
    state.placed += 1
    state.energy -= contacts
    return float(contacts), residue(state, state.placed) == NOTHING


def observe(state, params, obs):
    """Write the observation."""
    last = state.placed - 1
    x, y = int(state.x[last]), int(state.y[last])
    ahead_x, ahead_y = x - int(state.x[last - 1]), y - int(state.y[last - 1])
    for i in range(state.placed):
        away_x, away_y = int(state.x[i]) - x, int(state.y[i]) - y
        row = REACH - (away_x * ahead_x + away_y * ahead_y)
        column = REACH + away_y * ahead_x - away_x * ahead_y
        if 0 <= row < VIEW and 0 <= column < VIEW:
            obs[row, column, 0 if residue(state, i) == HYDROPHOBIC else 1] = 255
    for i in range(state.placed, MAX_LENGTH):
        letter, place = residue(state, i), i - state.placed
        if letter != NOTHING:
            obs[place // VIEW, place % VIEW, 2] = 255 if letter == HYDROPHOBIC else 127


def draw(state, params, canvas):
    """Draw the state."""
    canvas.background("paper")
    count = int(state.placed)
    xs, ys = state.x[:count].astype(float), state.y[:count].astype(float)
    chain = CHAINS[state.sequence]
    # As large as fits, centred; room for a chain of some size from the start.
    span = max(8.0, xs.max() - xs.min() + 2, ys.max() - ys.min() + 2)
    side = 360 / span
    places = [
        (220 + side * (x - (xs.max() + xs.min()) / 2), 190 + side * (y - (ys.max() + ys.min()) / 2))
        for x, y in zip(xs, ys, strict=True)
    ]
    for i in range(-12, 13):
        for j in range(-10, 11):
            dot = places[0][0] % side + side * (i + 6), places[0][1] % side + side * (j + 5)
            if dot[1] < 385:
                canvas.circle(*dot, 0.04 * side, "silver")
    for i in range(count):
        for j in range(i + 3, count, 2):
            if chain[i] == chain[j] == "H" and abs(xs[i] - xs[j]) + abs(ys[i] - ys[j]) == 1:
                (x1, y1), (x2, y2) = places[i], places[j]
                for share in (0.1, 0.3, 0.5, 0.7, 0.9):
                    canvas.circle(x1 + share * (x2 - x1), y1 + share * (y2 - y1), 0.05 * side, "truth")
    for (x1, y1), (x2, y2) in itertools.pairwise(places):
        canvas.line(x1, y1, x2, y2, "slate", 0.13 * side)
    for i, (x, y) in enumerate(places):
        color = "#e0803a" if chain[i] == "H" else "#7fa7d9"
        canvas.circle(x, y, 0.31 * side, palette.blend(color, "ink", 0.45))
        canvas.circle(x, y, 0.27 * side, color)
        canvas.circle(x - 0.08 * side, y - 0.09 * side, 0.08 * side, palette.blend(color, "white", 0.6))
    x, y = places[-1]
    if state.stuck:
        for lean in (-0.2 * side, 0.2 * side):
            canvas.line(x - 0.2 * side, y - lean, x + 0.2 * side, y + lean, "danger", 5)
    draw_rest(state, canvas, chain)


def draw_rest(state, canvas, chain):
    """The residues to come, and the energy with the lowest one known."""
    canvas.rect(0, 392, 440, 48, "mist")
    for i, letter in enumerate(chain[state.placed :][:22]):
        canvas.circle(16 + 14 * i, 416, 5.2, "#e0803a" if letter == "H" else "#7fa7d9")
    best = OPTIMA[state.sequence]
    color = "danger" if state.stuck else "truth" if state.energy == best else "ink"
    canvas.text(378, 409, f"energy {state.energy}".replace("-", "−"), 16, color, "center")
    canvas.text(378, 428, f"lowest known {best}".replace("-", "−"), 11, "slate", "center")


def greedy(obs, space):
    """Where the new residue touches most; else where there are most hydrophobic ones around."""
    best, best_value = STRAIGHT, -np.inf
    hydrophobic, taken = obs[:, :, 0] > 0, obs[:, :, :2].any(axis=2)
    for action, (row, column) in ((STRAIGHT, (6, 7)), (LEFT, (7, 6)), (RIGHT, (7, 8))):
        if taken[row, column]:
            continue
        around = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        contacts = sum(bool(hydrophobic[place]) for place in around if place != (7, 7))
        # A place with no way on is a trap.
        ways = sum(not taken[place] for place in around)
        near = hydrophobic[row - 2 : row + 3, column - 2 : column + 3].sum()
        value = (10 * contacts if obs[0, 0, 2] == 255 else -contacts) + 0.5 * near - 100 * (ways == 0)
        if value > best_value:
            best, best_value = action, value
    return best


ENV = Environment(
    id="sandbox/Fold-v0",
    state=STATE,
    params=PARAMS,
    reset=reset,
    step=step,
    observe=observe,
    draw=draw,
    observation_space=spaces.Box(0, 255, (VIEW, VIEW, 3), np.uint8),
    action_space=spaces.Discrete(3),
    max_episode_steps=MAX_LENGTH,
    action_names=("left", "straight", "right"),
    keys={"left": LEFT, "up": STRAIGHT, "right": RIGHT},
    turn_based=True,
    size=(440, 440),
    fps=3,
    info=("energy", "stuck"),
    baseline=greedy,
)
