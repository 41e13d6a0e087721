"""CartPole against Gymnasium's own, step for step."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

import envs
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.core.single import SingleEnv

FIELDS = ("x", "x_dot", "theta", "theta_dot")


def test_equals_gymnasium_over_10000_random_steps():
    reference = CartPoleEnv()
    ours = SingleEnv("cartpole")
    rng = np.random.default_rng(0)
    ends = 0
    over = True
    for _ in range(10_000):
        if over:
            ours.reset(seed=0)
            reference.reset(seed=int(rng.integers(2**31)))
            # Wider than the start states, so that all four limits and fast poles are met.
            spread = rng.uniform(-1, 1, 4) * rng.choice([0.05, 1.0]) * np.array([2.3, 2.0, 0.2, 2.0])
            reference.state = spread.copy()
            for name, value in zip(FIELDS, spread, strict=True):
                ours.state[name] = value
        action = int(rng.integers(2))
        expected = reference.step(action)
        found = ours.step(action)
        np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-6)
        state = [float(ours.state[name]) for name in FIELDS]
        assert reference.state is not None
        np.testing.assert_allclose(state, reference.state, rtol=0, atol=1e-9)
        assert found[1:4] == expected[1:4]
        over = expected[2]
        ends += over
    assert ends > 300


def test_whole_episodes_stay_equal_without_copying():
    reference = CartPoleEnv()
    environment = envs.find("cartpole")
    batch = Batch(environment, 1)
    arrays = Arrays(batch)
    for seed in range(20):
        batch.seed(seed)
        batch.reset(arrays.obs)
        reference.reset(seed=seed)
        reference.state = np.array([batch.states[name][0] for name in FIELDS])
        actions = np.random.default_rng(seed).integers(0, 2, 400)
        for action in actions:
            obs, _, terminated, _, _ = reference.step(int(action))
            step = arrays.step(batch, np.array([action]))
            last = step["final_obs" if terminated else "obs"][0]
            np.testing.assert_allclose(last, obs, rtol=0, atol=1e-6)
            assert step["terminated"][0] == terminated
            if terminated:
                break


def test_start_states_are_uniform_like_gymnasium():
    n = 20_000
    batch = Batch(envs.find("cartpole"), n)
    batch.seed(0)
    arrays = Arrays(batch)
    batch.reset(arrays.obs)
    assert np.abs(arrays.obs).max() < 0.05
    np.testing.assert_allclose(arrays.obs.mean(axis=0), 0, atol=0.001)
    np.testing.assert_allclose(arrays.obs.std(axis=0), 0.1 / 12**0.5, rtol=0.02)


def test_is_cut_off_after_500_steps_without_termination():
    environment = envs.find("cartpole")
    env = gym.make("sandbox/CartPole-v1")
    obs, _ = env.reset(seed=1)
    assert environment.baseline is not None
    for t in range(1, 501):
        obs, reward, terminated, truncated, _ = env.step(environment.baseline(obs, env.action_space))
        assert (reward, terminated, truncated) == (1.0, False, t == 500)


@pytest.mark.parametrize(("gravity", "slower"), [(1.0, True), (25.0, False)])
def test_gravity_is_what_makes_the_pole_fall(gravity, slower):
    steps = {}
    for value in (9.8, gravity):
        env = gym.make("sandbox/CartPole-v1", gravity=value)
        env.reset(seed=0)
        count, terminated = 0, False
        while not terminated and count < 500:
            terminated = env.step(count % 2)[2]
            count += 1
        steps[value] = count
    assert (steps[gravity] > steps[9.8]) is slower
