"""Pendulum against Gymnasium's Pendulum-v1, and a player who holds it upright."""

import numpy as np
import pytest
from gymnasium.envs.classic_control.pendulum import PendulumEnv

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

PENDULUM = envs.find("pendulum")


def gymnasium_steps(count):
    """Random steps of Gymnasium's own: states, actions, then what came of them."""
    env = PendulumEnv()
    env.action_space.seed(0)
    states, actions, results = [], [], []
    for i in range(count):
        if i % 200 == 0:
            env.reset(seed=i)
        # Beyond the limits as well: both must clip.
        action = 1.5 * env.action_space.sample()
        states.append(env.state)
        actions.append(action)
        results.append(env.step(action)[:3])
    return np.array(states), np.array(actions), *map(np.array, zip(*results, strict=True))


def test_every_step_is_gymnasiums(step_states):
    states, actions, next_obs, next_rewards, ends = gymnasium_steps(10_000)
    ours = step_states(PENDULUM, {"theta": states[:, 0], "theta_dot": states[:, 1]}, actions)
    np.testing.assert_allclose(ours.obs, next_obs, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.rewards, next_rewards, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(ours.terminated, ends)
    assert (np.abs(next_obs[:, 2]) == 8).any()  # the speed limit was reached


def test_first_states_are_spread_like_gymnasiums():
    batch = Batch(PENDULUM, 4000)
    batch.seed(0)
    batch.reset(np.zeros((4000, 3), np.float32))
    for name, bound in (("theta", np.pi), ("theta_dot", 1.0)):
        values = batch.states[name] / bound
        assert np.abs(values).max() <= 1
        # Quartiles of the uniform distribution, to four standard errors.
        assert np.quantile(values, [0.25, 0.5, 0.75]) == pytest.approx([-0.5, 0, 0.5], abs=0.07)


@pytest.mark.parametrize(("friction", "left"), [(0.0, 1.0), (1.0, 0.95**50)])
def test_friction_slows_a_free_swing(friction, left):
    env = SingleEnv(PENDULUM, friction=friction, gravity=0.0)
    env.reset(seed=0)
    env.state.theta_dot = 1.0
    for _ in range(50):
        env.step(np.zeros(1, np.float32))
    assert env.state.theta_dot == pytest.approx(left)


def test_the_hand_written_player_gets_it_upright(play):
    assert play(PENDULUM, PENDULUM.baseline).returns.mean() > -250
    assert play(PENDULUM, None).returns.mean() < -900
