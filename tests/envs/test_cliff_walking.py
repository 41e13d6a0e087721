"""CliffWalking against Gymnasium's, transition by transition, and the optimum by value iteration."""

import numpy as np
import pytest
from gymnasium.envs.toy_text.cliffwalking import CliffWalkingEnv

import envs

CLIFF = envs.find("cliff_walking")
IMPOSSIBLE = range(37, 48)  # the cliff and the flag: no step begins there


@pytest.mark.parametrize("slippery", [False, True])
def test_every_transition_is_gymnasiums(slippery, step_states):
    table = CliffWalkingEnv(is_slippery=slippery).P
    cells, actions, draws, expected = [], [], [], []
    for cell in set(table) - set(IMPOSSIBLE):
        for action, outcomes in table[cell].items():
            # What a generator gives that is about to draw the least and the greatest number of an outcome:
            # the probabilities agree to 2**-32.
            edges = np.arange(len(outcomes) + 1) / len(outcomes)
            for k, outcome in enumerate(outcomes):
                for draw in (np.ceil(edges[k] * 2**32), np.ceil(edges[k + 1] * 2**32) - 1):
                    cells.append(cell)
                    actions.append(action)
                    draws.append(int(draw))
                    expected.append(outcome)
    states = {"cell": cells, "rng": np.array(draws, np.uint64)}
    result = step_states(CLIFF, states, actions, slippery=slippery)
    probabilities, after, rewards, ends = map(np.array, zip(*expected, strict=True))
    np.testing.assert_array_equal(result.obs, after)
    np.testing.assert_array_equal(result.rewards, rewards)
    np.testing.assert_array_equal(result.terminated, ends)
    np.testing.assert_array_equal(result.states["prob"], probabilities)


def solve(table):
    """The best undiscounted return from the start, and the best action of each cell."""
    values, change = np.zeros(48), np.inf
    gains = np.zeros((48, 4))
    while change > 1e-9:
        for cell in set(table) - set(IMPOSSIBLE):
            for action, outcomes in table[cell].items():
                gains[cell, action] = sum(
                    p * (r + values[after] * (not end)) for p, after, r, end in outcomes
                )
        change = np.abs(gains.max(axis=1) - values).max()
        values = gains.max(axis=1)
    return values[36], gains.argmax(axis=1)


def test_value_iteration_gives_the_optimum(play):
    best, policy = solve(CliffWalkingEnv().P)
    assert best == -13
    played = play(CLIFF, lambda cell, _: policy[cell], 3)
    assert played.returns.tolist() == [-13, -13, -13]
    assert played.terminated.all()


def test_value_iteration_holds_on_slippery_ground(play):
    best, policy = solve(CliffWalkingEnv(is_slippery=True).P)
    played = play(CLIFF, lambda cell, _: policy[cell], 500, slippery=True)
    assert played.terminated.all()
    assert played.returns.mean() == pytest.approx(best, abs=4 * played.returns.std() / 500**0.5)


def test_a_fall_costs_100_and_leads_back(step_states):
    result = step_states(CLIFF, {"cell": 30}, [2])
    assert (result.obs[0], result.rewards[0], result.terminated[0]) == (36, -100, False)
    assert result.states["falls"][0] == 1


def test_the_hand_written_player_takes_the_shortest_way(play):
    assert (play(CLIFF, CLIFF.baseline).returns == -13).all()
    assert play(CLIFF, None, max_steps=200).returns.mean() < -500
