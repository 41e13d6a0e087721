"""Environments that Gymnasium has, too: the same spaces, limits and thresholds."""

import gymnasium
import pytest

import envs

TWINS = {
    "Acrobot-v1": "acrobot",
    "CartPole-v1": "cartpole",
    "CliffWalking-v1": "cliff_walking",
    "CliffWalkingSlippery-v1": "cliff_walking",
    "FrozenLake-v1": "frozen_lake",
    "FrozenLake8x8-v1": "frozen_lake_8x8",
    "MountainCar-v0": "mountain_car",
    "MountainCarContinuous-v0": "mountain_car_continuous",
    "Pendulum-v1": "pendulum",
}
"""Names of ours by Gymnasium's ids."""


@pytest.mark.parametrize("gymnasium_id", TWINS)
def test_spaces_and_limits_are_gymnasiums(gymnasium_id):
    theirs, ours = gymnasium.make(gymnasium_id), gymnasium.make(envs.find(TWINS[gymnasium_id]).id)
    assert theirs.observation_space == ours.observation_space
    assert theirs.action_space == ours.action_space
    assert theirs.spec is not None and ours.spec is not None
    assert theirs.spec.max_episode_steps == ours.spec.max_episode_steps
    assert theirs.spec.reward_threshold == ours.spec.reward_threshold
