"""Folding against energies worked out from scratch; what a search reaches is in engine/test_folding.py."""

import itertools

import numpy as np
import pytest

import envs
from envs.engine.core.single import SingleEnv
from envs.fold import CHAINS, LEFT, OPTIMA, RIGHT, STRAIGHT

FOLD = envs.find("fold")


def energy(chain, places):
    """Energy of a fold by its definition: pairs of H side by side that are no neighbours in the chain."""
    where = {place: i for i, place in enumerate(places)}
    assert len(where) == len(places)  # self-avoiding
    pairs = set()
    for (x, y), i in where.items():
        for beside in ((x + 1, y), (x, y + 1)):
            j = where.get(beside)
            if j is not None and abs(i - j) > 1 and chain[i] == chain[j] == "H":
                pairs.add((i, j))
    return -len(pairs)


def places_of(state):
    return list(
        zip(state["x"][: state["placed"]].tolist(), state["y"][: state["placed"]].tolist(), strict=True)
    )


def test_the_chains_are_the_benchmark():
    assert [len(chain) for chain in CHAINS] == [20, 24, 25, 36, 48, 50, 60, 64]
    assert [chain.count("H") for chain in CHAINS] == [10, 10, 9, 16, 25, 24, 43, 42]
    assert len(OPTIMA) == len(CHAINS)


@pytest.mark.parametrize("sequence", range(len(CHAINS)))
def test_energies_of_random_folds(sequence):
    chain, env = CHAINS[sequence], SingleEnv(FOLD, sequence=sequence)
    rng = np.random.default_rng(0)
    for episode in range(20):
        env.reset(seed=episode)
        total, terminated, info = 0.0, False, {}
        while not terminated:
            _, reward, terminated, _, info = env.step(int(rng.choice(3, p=(0.3, 0.4, 0.3))))
            total += reward
            places = places_of(env.state)
            assert all(abs(x - u) + abs(y - v) == 1 for (x, y), (u, v) in itertools.pairwise(places))
            assert info["energy"] == -total
            if not info["stuck"]:
                assert info["energy"] == energy(chain, places)
        assert info["stuck"] or len(places_of(env.state)) == len(chain)


def test_a_turn_is_seen_from_the_chain():
    env = SingleEnv(FOLD)
    env.reset(seed=0)
    for action in (STRAIGHT, LEFT, LEFT, RIGHT):
        env.step(action)
    # To the right, up on the screen, back to the left, up again.
    assert places_of(env.state) == [(0, 0), (1, 0), (2, 0), (2, -1), (1, -1), (1, -2)]


def test_what_is_taken_is_walked_around():
    env = SingleEnv(FOLD)
    env.reset(seed=0)
    for action in (LEFT, LEFT, LEFT):
        env.step(action)
    # The third turn would end on the first residue: straight on instead.
    assert places_of(env.state)[-1] == (-1, -1)


def test_a_stuck_chain_loses_its_contacts():
    env = SingleEnv(FOLD, sequence=7)  # begins with twelve hydrophobic residues
    env.reset(seed=0)
    # Into a spiral, to its middle.
    spiral = (STRAIGHT, STRAIGHT, RIGHT, STRAIGHT, RIGHT, STRAIGHT, RIGHT, RIGHT)
    steps = [env.step(action) for action in (*spiral, STRAIGHT)]
    rewards = [reward for _, reward, _, _, _ in steps]
    assert [terminated for _, _, terminated, _, _ in steps] == [False] * 8 + [True]
    assert rewards == [0, 0, 0, 0, 0, 0, 1, 3, -4]
    info = steps[-1][4]
    assert info["stuck"]
    assert sum(rewards) == 0
    assert info["energy"] == 0


def test_the_picture_turns_with_the_chain():
    """The same turns give the same pictures, whichever way the chain lies."""
    pictures = []
    for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        env = SingleEnv(FOLD)
        env.reset(seed=0)
        env.state.x[1], env.state.y[1] = x, y
        rows = [env.step(action)[0] for action in (LEFT, STRAIGHT, RIGHT, RIGHT, STRAIGHT, RIGHT)]
        pictures.append(np.stack(rows))
    for picture in pictures[1:]:
        np.testing.assert_array_equal(picture, pictures[0])
    last = pictures[0][-1]
    assert last[:, :, :2].any(axis=2).sum() == 8
    assert last[7, 7, :2].any()  # the last residue
    assert last[8, 7, :2].any()  # where it came from
    rest = [{"H": 255, "P": 127}[letter] for letter in CHAINS[0][8:]]
    assert last[:, :, 2].reshape(-1)[:12].tolist() == rest
    assert not last[:, :, 2].reshape(-1)[12:].any()


def test_the_hand_written_player_beats_random(play):
    for sequence in (0, 3):
        greedy = play(FOLD, FOLD.baseline, 1, sequence=sequence).returns.mean()
        assert greedy > 2 * play(FOLD, None, 100, sequence=sequence).returns.mean()
