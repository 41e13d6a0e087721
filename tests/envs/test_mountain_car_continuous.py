"""MountainCarContinuous against Gymnasium's MountainCarContinuous-v0, and a player who rocks it out."""

import numpy as np
import pytest
from gymnasium.envs.classic_control.continuous_mountain_car import Continuous_MountainCarEnv

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

CAR = envs.find("mountain_car_continuous")


def gymnasium_steps(count):
    """Steps of Gymnasium's own, from everywhere on the track: states, actions, then what came of them."""
    env = Continuous_MountainCarEnv()
    rng = np.random.default_rng(0)
    states, actions, results = [], [], []
    for i in range(count):
        if i % 10 == 0:
            env.state = rng.uniform(env.low_state, env.high_state).astype(np.float32)
        action = rng.uniform(-1.5, 1.5, 1).astype(np.float32)  # beyond the space, too: cost is not clipped
        states.append(env.state)
        actions.append(action)
        results.append(env.step(action)[:3])
    return np.array(states), np.array(actions), *map(np.array, zip(*results, strict=True))


def test_every_step_is_gymnasiums(step_states):
    states, actions, next_obs, next_rewards, ends = gymnasium_steps(10_000)
    ours = step_states(CAR, {"position": states[:, 0], "velocity": states[:, 1]}, actions)
    np.testing.assert_allclose(ours.obs, next_obs, rtol=0, atol=2e-7)
    np.testing.assert_array_equal(ours.terminated, ends)
    np.testing.assert_allclose(ours.rewards, next_rewards, rtol=0, atol=1e-6)
    # Both ends of the track were reached.
    assert ends.sum() > 100
    assert np.isclose(next_obs, (-1.2, 0.0)).all(axis=1).sum() > 20


def test_a_whole_episode_is_gymnasiums():
    ours, theirs = SingleEnv(CAR), Continuous_MountainCarEnv()
    obs, _ = ours.reset(seed=0)
    theirs.state = obs.copy()
    terminated, steps = False, 0
    while not terminated:
        action = np.array([1.0 if obs[1] >= 0 else -1.0], np.float32)
        obs, reward, terminated, *_ = ours.step(action)
        other = theirs.step(action)
        np.testing.assert_allclose(obs, other[0], rtol=0, atol=1e-5)
        assert reward == pytest.approx(other[1]) and terminated == other[2]
        steps += 1
    assert 60 < steps < 150


def test_first_positions_are_spread_like_gymnasiums():
    batch = Batch(CAR, 4000)
    batch.seed(0)
    batch.reset(np.zeros((4000, 2), np.float32))
    positions = batch.states["position"]
    assert np.quantile(positions, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx(
        [-0.6, -0.55, -0.5, -0.45, -0.4], abs=0.008
    )
    assert not batch.states["velocity"].any()


@pytest.mark.parametrize(("goal_velocity", "enough"), [(0.0, True), (0.05, False)])
def test_goal_velocity_asks_for_speed(goal_velocity, enough, step_states):
    states = {"position": 0.43, "velocity": 0.03}
    result = step_states(CAR, states, [[1.0]], goal_velocity=goal_velocity)
    assert result.terminated[0] == enough
    assert result.rewards[0] == pytest.approx(99.9 if enough else -0.1)


def test_the_hand_written_player_gets_out(play):
    played = play(CAR, CAR.baseline)
    assert played.terminated.all()
    assert played.returns.min() > 85
