"""Both frozen lakes against Gymnasium's, transition by transition, and the optimum by value iteration."""

import itertools

import numpy as np
import pytest
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

import envs

LAKES = {"frozen_lake": "4x4", "frozen_lake_8x8": "8x8"}


@pytest.fixture(params=list(LAKES))
def lake(request):
    """Our environment, and the map name of Gymnasium's."""
    return envs.find(request.param), LAKES[request.param]


@pytest.mark.parametrize("settings", [{}, {"success_rate": 0.8}, {"slippery": False}])
def test_every_transition_is_gymnasiums(lake, settings, step_states):
    ours, map_name = lake
    slippery, success_rate = settings.get("slippery", True), settings.get("success_rate", 1 / 3)
    table = FrozenLakeEnv(map_name=map_name, is_slippery=slippery, success_rate=success_rate).P
    cells, actions, draws, expected = [], [], [], []
    for cell, by_action in table.items():
        for action, outcomes in by_action.items():
            # Cells in which an episode ended lead nowhere.
            if outcomes[0][3] and outcomes[0][1] == cell:
                continue
            # What a generator gives that is about to draw the least and the greatest number of an outcome:
            # the probabilities agree to 2**-32.
            edges = np.cumsum([0.0, *(outcome[0] for outcome in outcomes)])
            for (low, high), outcome in zip(itertools.pairwise(edges), outcomes, strict=True):
                for draw in (np.ceil(low * 2**32), min(np.ceil(high * 2**32), 2**32) - 1):
                    cells.append(cell)
                    actions.append(action)
                    draws.append(int(draw))
                    expected.append(outcome)
    result = step_states(ours, {"cell": cells, "rng": np.array(draws, np.uint64)}, actions, **settings)
    probabilities, after, rewards, ends = map(np.array, zip(*expected, strict=True))
    np.testing.assert_array_equal(result.obs, after)
    np.testing.assert_array_equal(result.rewards, rewards)
    np.testing.assert_array_equal(result.terminated, ends)
    np.testing.assert_array_equal(result.states["prob"], probabilities)


def solve(table, steps):
    """The best probability to reach the goal within `steps`, and the best action by steps left and cell."""
    values, policy = np.zeros(len(table)), []
    for _ in range(steps):
        gains = np.array(
            [
                [
                    sum(p * (r + values[after] * (not end)) for p, after, r, end in outcomes)
                    for outcomes in by_action.values()
                ]
                for by_action in table.values()
            ]
        )
        policy.append(gains.argmax(axis=1))
        values = gains.max(axis=1)
    return values[0], policy[::-1]


def test_value_iteration_gives_the_optimum(lake, play):
    ours, map_name = lake
    best, policy = solve(FrozenLakeEnv(map_name=map_name).P, ours.max_episode_steps)
    # What Gymnasium's source says beside the reward thresholds.
    assert best == pytest.approx({"4x4": 0.74, "8x8": 0.91}[map_name], abs=0.005)
    # The plan for a whole episode's steps, followed as if they never got fewer, is nearly as good.
    episodes = 2000
    returns = play(ours, lambda cell, _: policy[0][cell], episodes).returns
    error = np.sqrt(best * (1 - best) / episodes)
    assert best - 0.01 - 4 * error < returns.mean() < best + 4 * error


def test_the_hand_written_player_beats_random(lake, play):
    ours, _ = lake
    assert play(ours, ours.baseline, 400).returns.mean() > 0.3
    assert play(ours, None, 400).returns.mean() < 0.1
