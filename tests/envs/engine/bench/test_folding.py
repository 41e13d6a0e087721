"""The folding search: it finds the known optima, and no move tears or crosses a chain."""

import numpy as np
import pytest

from envs.engine.bench import folding
from envs.engine.bench.folding import bench, play, search, turns
from envs.fold import CHAINS, LEFT, OPTIMA, RIGHT, STRAIGHT


def energy(chain, places):
    """By definition: minus the pairs of H side by side that are no neighbours in the chain."""
    places = [tuple(place) for place in places.tolist()]
    assert len(set(places)) == len(places)
    away = np.abs(np.diff(np.array(places), axis=0)).sum(axis=1)
    assert (away == 1).all()
    touching = 0
    for i, (x, y) in enumerate(places):
        for j in range(i + 2, len(places)):
            beside = abs(places[j][0] - x) + abs(places[j][1] - y) == 1
            touching += beside and chain[i] == chain[j] == "H"
    return -touching


@pytest.mark.thorough
@pytest.mark.parametrize("sequence", range(6))  # the 60- and 64-mer take longer
def test_the_known_optimum_is_found_and_is_one_in_the_environment(sequence):
    found = search(sequence, seconds=20.0)
    assert found.energy == OPTIMA[sequence] == energy(CHAINS[sequence], found.places)
    assert play(sequence, turns(found.places)) == found.energy


@pytest.mark.thorough  # the bench alone uses it, and compiling it takes a quarter of a minute
@pytest.mark.parametrize("temperature", [0.3, 1e9])
def test_moves_keep_the_chain_whole_and_the_books_right(temperature):
    """At a very high temperature everything is accepted: all kinds of moves are seen."""
    n, sequence = 25, 2
    hydrophobic = np.array([letter == "H" for letter in CHAINS[sequence]])
    xs, ys = np.tile(np.arange(n) + 32, (2, 1)), np.full((2, n), 64)
    grids = np.zeros((2, 128, 128), np.int64)
    grids[:, 64, 32 : 32 + n] = np.arange(n) + 1
    energies, best = np.zeros(2, np.int64), np.zeros((2, n), np.int64)
    arguments = xs, ys, grids, energies, hydrophobic, np.array([temperature, 2 * temperature]), best
    bent = 0
    for seed in range(30):
        folding._wander(*arguments, 0, 1, seed)
        for r in range(2):
            steps = np.stack([np.diff(xs[r]), np.diff(ys[r])], axis=1)
            steps = (steps + 64 & 127) - 64
            places = np.concatenate([np.zeros((1, 2), int), steps.cumsum(axis=0)])
            assert energy(CHAINS[sequence], places) == energies[r]
            assert (grids[r, ys[r], xs[r]] == np.arange(n) + 1).all()
            assert (grids[r] > 0).sum() == n
            bent += (np.abs(np.diff(steps, axis=0)).sum(axis=1) > 0).mean()
    assert bent / 60 > 0.3


def test_turns_are_the_actions_of_the_environment():
    # Right, up (y points down), left, up.
    places = np.array([(0, 0), (1, 0), (1, -1), (0, -1), (0, -2), (0, -3)])
    assert turns(places) == [LEFT, LEFT, RIGHT, STRAIGHT]


@pytest.mark.thorough
def test_the_table():
    (table,) = bench(quick=True)
    assert [row[:4] for row in table["rows"]] == [
        ["20-mer", CHAINS[0], -9, -9],
        ["24-mer", CHAINS[1], -9, -9],
    ]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert all(OPTIMA[i] <= row[5] < 0 for i, row in enumerate(table["rows"]))
