"""MountainCar against Gymnasium's MountainCar-v0, and a player who rocks it out of the valley."""

import numpy as np
import pytest
from gymnasium.envs.classic_control.mountain_car import MountainCarEnv

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

CAR = envs.find("mountain_car")


def gymnasium_steps(count):
    """Steps of Gymnasium's own, from everywhere on the track: states, actions, then what came of them."""
    env = MountainCarEnv()
    rng = np.random.default_rng(0)
    states, actions, results = [], [], []
    for i in range(count):
        if i % 10 == 0:  # random players never leave the valley by themselves
            env.state = rng.uniform(env.low, env.high)
        action = int(rng.integers(3))
        states.append(env.state)
        actions.append(action)
        results.append(env.step(action)[:3])
    return np.array(states), np.array(actions), *map(np.array, zip(*results, strict=True))


def test_every_step_is_gymnasiums(step_states):
    states, actions, next_obs, next_rewards, ends = gymnasium_steps(10_000)
    ours = step_states(CAR, {"position": states[:, 0], "velocity": states[:, 1]}, actions)
    np.testing.assert_allclose(ours.obs, next_obs, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(ours.rewards, next_rewards)
    np.testing.assert_array_equal(ours.terminated, ends)
    # Both ends of the track were reached.
    assert ends.sum() > 100
    assert np.isclose(next_obs, (-1.2, 0.0)).all(axis=1).sum() > 20


def test_a_whole_episode_is_gymnasiums():
    ours, theirs = SingleEnv(CAR), MountainCarEnv()
    ours.reset(seed=0)
    theirs.state = np.array([ours.state.position, 0.0])
    rng = np.random.default_rng(0)
    for action in map(int, rng.integers(3, size=200)):
        one, other = ours.step(action), theirs.step(action)
        assert one[0] == pytest.approx(other[0], abs=1e-6)
        assert one[1:3] == other[1:3]


def test_first_positions_are_spread_like_gymnasiums():
    batch = Batch(CAR, 4000)
    batch.seed(0)
    batch.reset(np.zeros((4000, 2), np.float32))
    positions = batch.states["position"]
    assert positions.min() >= -0.6
    assert positions.max() < -0.4
    assert np.quantile(positions, [0.25, 0.5, 0.75]) == pytest.approx([-0.55, -0.5, -0.45], abs=0.008)
    assert not batch.states["velocity"].any()


@pytest.mark.parametrize(("goal_velocity", "enough"), [(0.0, True), (0.05, False)])
def test_goal_velocity_asks_for_speed(goal_velocity, enough, step_states):
    result = step_states(CAR, {"position": 0.48, "velocity": 0.03}, [2], goal_velocity=goal_velocity)
    assert result.terminated[0] == enough


def test_the_hand_written_player_gets_out(play):
    played = play(CAR, CAR.baseline)
    assert played.terminated.all()
    assert played.lengths.max() < 135
    assert not play(CAR, None).terminated.any()
