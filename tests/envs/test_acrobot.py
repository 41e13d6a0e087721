"""Acrobot against Gymnasium's Acrobot-v1, and a player who swings it up."""

import numpy as np
import pytest
from gymnasium.envs.classic_control.acrobot import AcrobotEnv

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.single import SingleEnv

ACROBOT = envs.find("acrobot")
FIELDS = ("theta_1", "theta_2", "theta_1_dot", "theta_2_dot")


def gymnasium_steps(count):
    """Steps of Gymnasium's own, from everywhere: states, actions, then what came of them."""
    env = AcrobotEnv()
    rng = np.random.default_rng(0)
    states, actions, results = [], [], []
    for i in range(count):
        if i % 50 == 0:  # from slow swings to wild spins, up to both speed limits
            env.state = rng.uniform(-1, 1, 4) * (np.pi, np.pi, 4 * np.pi, 9 * np.pi) * rng.uniform()
        action = int(rng.integers(3))
        states.append(env.state)
        actions.append(action)
        results.append(env.step(action)[:3])
    return np.array(states), np.array(actions), *map(np.array, zip(*results, strict=True))


def test_every_step_is_gymnasiums(step_states):
    states, actions, next_obs, next_rewards, ends = gymnasium_steps(10_000)
    ours = step_states(ACROBOT, dict(zip(FIELDS, states.T, strict=True)), actions)
    np.testing.assert_allclose(ours.obs, next_obs, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(ours.rewards, next_rewards)
    np.testing.assert_array_equal(ours.terminated, ends)
    assert ends.any()
    assert not ends.all()
    for column, limit in ((4, 4), (5, 9)):  # both speed limits were reached
        assert (np.abs(next_obs[:, column]) == np.float32(limit * np.pi)).any()


def test_first_states_are_spread_like_gymnasiums():
    batch = Batch(ACROBOT, 4000)
    batch.seed(0)
    batch.reset(np.zeros((4000, 6), np.float32))
    for name in FIELDS:
        values = batch.states[name]
        assert np.abs(values).max() <= 0.1
        assert np.quantile(values, [0.25, 0.5, 0.75]) == pytest.approx([-0.05, 0, 0.05], abs=0.008)


def energy(state):
    """Kinetic and potential energy of the two links with the default numbers, in J."""
    t1, t2, v1, v2 = (float(state[name]) for name in FIELDS)
    # Of the second link: its middle moves with the elbow and around it.
    square = v1**2 + (v1 + v2) ** 2 / 4 + v1 * (v1 + v2) * np.cos(t2)
    kinetic = 0.5 * (0.25 * v1**2 + v1**2) + 0.5 * (square + (v1 + v2) ** 2)
    return kinetic - 9.8 * (0.5 * np.cos(t1) + np.cos(t1) + 0.5 * np.cos(t1 + t2))


def test_without_torque_energy_is_kept():
    env = SingleEnv(ACROBOT, time_step=0.02)
    env.reset(seed=0)
    env.state.theta_1, env.state.theta_2 = 2.0, 0.5
    start = energy(env.state)
    for _ in range(500):
        env.step(1)
        env.state["over"] = 0  # energy is kept beyond the goal, too
    assert abs(float(env.state.theta_1_dot)) > 0.1
    assert energy(env.state) == pytest.approx(start, abs=1e-3)


def test_the_hand_written_player_swings_it_up(play):
    assert play(ACROBOT, ACROBOT.baseline).lengths.mean() < 150
    assert play(ACROBOT, None).lengths.mean() > 400
