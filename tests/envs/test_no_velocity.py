"""Cart-pole and pendulum of which only positions are seen: the same worlds, less in sight."""

import numpy as np
import pytest

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays

PAIRS = {"cartpole": ([0, 2], (500.0, 500.0)), "pendulum": ([0, 1], (-250.0, -60.0))}


@pytest.mark.parametrize("name", PAIRS)
def test_it_plays_as_the_whole_one_does_with_only_positions_in_sight(name):
    whole, part = envs.find(name), envs.find(f"{name}_no_velocity")
    seen, _ = PAIRS[name]
    batches = [Batch(environment, 5, max_episode_steps=120) for environment in (whole, part)]
    arrays = [Arrays(batch) for batch in batches]
    for batch, array in zip(batches, arrays, strict=True):
        batch.seed(3)
        batch.reset(array.obs)
    whole.action_space.seed(0)
    ended = 0
    for _ in range(250):
        np.testing.assert_array_equal(arrays[0].obs[:, seen], arrays[1].obs)
        actions = np.array([whole.action_space.sample() for _ in range(5)], whole.action_space.dtype)
        steps = [array.step(batch, actions) for batch, array in zip(batches, arrays, strict=True)]
        for key in ("rewards", "terminated", "truncated"):
            np.testing.assert_array_equal(steps[0][key], steps[1][key])
        ended += int((steps[0]["terminated"] | steps[0]["truncated"]).sum())
    assert ended >= 5
    assert part.observation_space.shape == (2,)
    assert part.max_episode_steps == whole.max_episode_steps


@pytest.mark.parametrize("name", PAIRS)
def test_who_remembers_the_last_position_plays_well(name, play):
    environment = envs.find(f"{name}_no_velocity")
    low, high = PAIRS[name][1]
    assert low <= play(environment, environment.baseline, episodes=30).returns.mean() <= high


def test_who_does_not_remember_lets_the_pole_fall(play):
    environment = envs.find("cartpole_no_velocity")

    def leaning(obs, space):
        return int(obs[1] + 0.1 * obs[0] > 0)

    assert play(environment, leaning, episodes=30).returns.mean() < 100
