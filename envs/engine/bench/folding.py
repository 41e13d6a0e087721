"""How low a search folds the chains of `envs.fold`, beside the lowest energies known.

Replica exchange with pull moves (Thachuk, Shmygelska & Hoos 2007, "A replica exchange Monte Carlo algorithm
for protein folding in the HP model"; the moves are those of Lesh, Mitzenmacher & Whitesides 2003): several
folds at different temperatures wander by the Metropolis rule, and neighbours in temperature change places.
What it finds is played in the environment, which has the last word about the energy.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numba import njit

import envs
from envs.engine.core.single import SingleEnv
from envs.fold import CHAINS, LEFT, OPTIMA, RIGHT, STRAIGHT

BENCH = {"name": "folding", "title": "Folding"}
COLD, HOT, REPLICAS = 0.32, 0.44, 5
"""Temperatures in units of a contact, and how many folds."""

MOVES, ROUNDS = 500, 200
"""Moves between two exchanges; exchanges in one call, after which the clock is looked at."""

MASK = 127
"""The lattice is a torus of 128 by 128 places: a chain of 64 residues cannot meet itself around it."""

RIGHTS, DOWNS = (1, 0, -1, 0), (0, 1, 0, -1)

SECONDS, QUICK_SECONDS = 60.0, 2.0


class Found(NamedTuple):
    """What a search came to."""

    energy: int
    places: np.ndarray
    """`(n, 2)` i8: x and y of each residue."""
    seconds: float
    """Processor time until it was found."""


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Fold all chains.

    Args:
        quick: only a few seconds, and the shortest chains; for tests and a first look.

    Returns:
        One table as a dict: "title", "columns", "rows" and "note".
    """
    budget = QUICK_SECONDS if quick else SECONDS
    rows = []
    for sequence, chain in enumerate(CHAINS[:2] if quick else CHAINS):
        found = search(sequence, budget)
        energy, player = play(sequence, turns(found.places)), play_greedily(sequence)
        rows.append([f"{len(chain)}-mer", chain, OPTIMA[sequence], energy, round(found.seconds, 2), player])
    return [
        {
            "title": "HP folding on the square lattice: lowest energies",
            "columns": ["chain", "sequence", "lowest known", "search", "after s", "hand-written player"],
            "rows": rows,
            "note": "Search: replica exchange with pull moves, one thread, seed 0, at most "
            f"{budget:.0f} s of processor time for each chain; each fold was then played in "
            "sandbox/Fold-v0, which gave the energy. Lowest known: literature, see envs/fold.py.",
        }
    ]


def search(sequence: int, seconds: float, seed: int = 0) -> Found:
    """Fold a chain until its lowest known energy, or until the time is up.

    Args:
        sequence: number of the chain.
        seconds: of processor time.
        seed: of the random moves.
    """
    chain = CHAINS[sequence]
    hydrophobic = np.array([letter == "H" for letter in chain])
    n = len(chain)
    xs = np.tile(np.arange(n) + 32, (REPLICAS, 1))
    ys = np.full((REPLICAS, n), 64)
    grids = np.zeros((REPLICAS, MASK + 1, MASK + 1), np.int64)
    grids[:, 64, 32 : 32 + n] = np.arange(n) + 1
    energies, best = np.zeros(REPLICAS, np.int64), np.zeros((2, n), np.int64)
    best[0] = xs[0]
    temperatures = np.linspace(COLD, HOT, REPLICAS)
    lowest, found = 0, 0.0
    _wander(xs, ys, grids, energies, hydrophobic, temperatures, best, 0, 0, 0)  # compiles
    begin = time.process_time()
    chunk = 0
    while lowest > OPTIMA[sequence] and time.process_time() - begin < seconds:
        chunk += 1
        after = _wander(
            xs, ys, grids, energies, hydrophobic, temperatures, best, lowest, ROUNDS, seed + 1000 * chunk
        )
        if after < lowest:
            lowest, found = int(after), time.process_time() - begin
    # The torus is cut open: each residue beside the one before it.
    steps = (np.diff(best, axis=1) + 64 & MASK) - 64
    places = np.concatenate([np.zeros((2, 1), np.int64), steps.cumsum(axis=1)], axis=1)
    return Found(lowest, places.T, found)


def turns(places: np.ndarray) -> list[int]:
    """The actions that lay a chain out so; the environment puts its first two residues side by side."""
    steps = np.diff(places, axis=0)
    sides = [int(a[0] * b[1] - a[1] * b[0]) for a, b in pairwise(steps)]
    # y points down: a positive side is to the right.
    return [(LEFT, STRAIGHT, RIGHT)[side + 1] for side in sides]


def play(sequence: int, actions: list[int]) -> int:
    """The energy that the environment gives a fold."""
    env = SingleEnv(envs.find("fold"), sequence=sequence)
    env.reset(seed=0)
    energy = 0
    for action in actions:
        energy = int(env.step(action)[4]["energy"])
    return energy


def play_greedily(sequence: int) -> int:
    """The energy that the hand-written player gets."""
    env = SingleEnv(envs.find("fold"), sequence=sequence)
    obs, info = env.reset(seed=0)
    player, terminated = env.environment.baseline, False
    assert player is not None
    while not terminated:
        obs, _, terminated, _, info = env.step(player(obs, env.action_space))
    return int(info["energy"])


def _compiled(function):
    """Compiles with a cache on disk where there is a place for one."""
    try:
        return njit(cache=True)(function)
    except RuntimeError:  # numba found no writable folder
        return njit(function)


@_compiled
def _energy(xs, ys, grid, hydrophobic):
    """Minus the pairs of hydrophobic residues side by side that are not neighbours in the chain."""
    contacts = 0
    for i in range(len(xs)):
        if hydrophobic[i]:
            for right, down in ((1, 0), (0, 1)):
                j = grid[(ys[i] + down) & MASK, (xs[i] + right) & MASK] - 1
                if j >= 0 and hydrophobic[j] and abs(i - j) > 1:
                    contacts += 1
    return -contacts


@_compiled
def _beside(x1, y1, x2, y2):
    """Whether two places of the torus are next to each other."""
    right, down = (x1 - x2) & MASK, (y1 - y2) & MASK
    return (right == 0 and (down == 1 or down == MASK)) or (down == 0 and (right == 1 or right == MASK))


@_compiled
def _pull(xs, ys, grid, old_xs, old_ys):
    """Pull the chain at a random residue, if there is room; the old places are in `old_xs`, `old_ys`."""
    n = len(xs)
    i = np.random.randint(0, n)
    ahead = 1 if np.random.randint(0, 2) == 0 else -1  # this side stays, the other one follows
    old_xs[:] = xs
    old_ys[:] = ys
    last = i - ahead
    if 0 <= i + ahead < n:
        # To the place beside the next residue, around a corner.
        x, y = xs[i + ahead], ys[i + ahead]
        right, down = -((ys[i] - y + 1 & MASK) - 1), (xs[i] - x + 1 & MASK) - 1
        if np.random.randint(0, 2) == 0:
            right, down = -right, -down
        to_x, to_y = (x + right) & MASK, (y + down) & MASK
        corner_x, corner_y = (xs[i] + right) & MASK, (ys[i] + down) & MASK
        if grid[to_y, to_x] != 0:
            return False
        follows = 0 <= last < n and not _beside(to_x, to_y, xs[last], ys[last])
        if follows and grid[corner_y, corner_x] != 0:
            return False
    else:
        # The end goes two places on, and all the chain behind it.
        first, second = np.random.randint(0, 4), np.random.randint(0, 4)
        corner_x, corner_y = (xs[i] + RIGHTS[first]) & MASK, (ys[i] + DOWNS[first]) & MASK
        to_x, to_y = (corner_x + RIGHTS[second]) & MASK, (corner_y + DOWNS[second]) & MASK
        if grid[corner_y, corner_x] != 0 or grid[to_y, to_x] != 0:
            return False
        follows = True
    xs[i], ys[i] = to_x, to_y
    if follows:
        xs[last], ys[last] = corner_x, corner_y
        j = last - ahead
        while 0 <= j < n and not _beside(xs[j], ys[j], xs[j + ahead], ys[j + ahead]):
            xs[j], ys[j] = old_xs[j + 2 * ahead], old_ys[j + 2 * ahead]
            j -= ahead
    return True


@_compiled
def _mark(xs, ys, grid, old_xs, old_ys):
    """Put the moved residues where they are now."""
    for k in range(len(xs)):
        grid[old_ys[k], old_xs[k]] = 0
    for k in range(len(xs)):
        grid[ys[k], xs[k]] = k + 1


@_compiled
def _wander(xs, ys, grids, energies, hydrophobic, temperatures, best, lowest, rounds, seed):
    """Move and exchange; a fold below `lowest` is written into `best`. Returns the lowest energy."""
    np.random.seed(seed)
    replicas, n = xs.shape
    old_xs, old_ys = np.empty(n, np.int64), np.empty(n, np.int64)
    for t in range(rounds):
        for r in range(replicas):
            for _ in range(MOVES):
                if not _pull(xs[r], ys[r], grids[r], old_xs, old_ys):
                    continue
                _mark(xs[r], ys[r], grids[r], old_xs, old_ys)
                energy = _energy(xs[r], ys[r], grids[r], hydrophobic)
                change = energy - energies[r]
                if change <= 0 or np.random.random() < np.exp(-change / temperatures[r]):
                    energies[r] = energy
                    if energy < lowest:
                        lowest = energy
                        best[0, :] = xs[r]
                        best[1, :] = ys[r]
                else:
                    # Back: what was moved is now the old place.
                    for k in range(n):
                        xs[r, k], old_xs[k] = old_xs[k], xs[r, k]
                        ys[r, k], old_ys[k] = old_ys[k], ys[r, k]
                    _mark(xs[r], ys[r], grids[r], old_xs, old_ys)
        for r in range(t % 2, replicas - 1, 2):
            gain = (1.0 / temperatures[r] - 1.0 / temperatures[r + 1]) * (energies[r] - energies[r + 1])
            if gain >= 0 or np.random.random() < np.exp(gain):
                energies[r], energies[r + 1] = energies[r + 1], energies[r]
                for k in range(n):
                    grids[r, ys[r, k], xs[r, k]] = 0
                    grids[r + 1, ys[r + 1, k], xs[r + 1, k]] = 0
                for k in range(n):
                    xs[r, k], xs[r + 1, k] = xs[r + 1, k], xs[r, k]
                    ys[r, k], ys[r + 1, k] = ys[r + 1, k], ys[r, k]
                for k in range(n):
                    grids[r, ys[r, k], xs[r, k]] = k + 1
                    grids[r + 1, ys[r + 1, k], xs[r + 1, k]] = k + 1
    return lowest
