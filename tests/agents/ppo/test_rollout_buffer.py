"""Advantages and returns against Stable-Baselines3's rollout buffer."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer

from agents.ppo.rollout_buffer import Rollout, gae


@pytest.mark.parametrize(("gamma", "gae_lambda"), [(0.99, 0.95), (1.0, 1.0), (0.5, 0.0)])
def test_gae_equals_the_stock_buffer(gamma, gae_lambda):
    generator = np.random.default_rng(0)
    T, N = 17, 5
    rewards = generator.normal(size=(T, N)).astype(np.float32)
    values = generator.normal(size=(T + 1, N)).astype(np.float32)
    dones = generator.random((T, N)) < 0.2
    space = spaces.Box(-1, 1, (2,))
    buffer = RolloutBuffer(T, space, spaces.Discrete(2), "cpu", gae_lambda, gamma, N)
    starts = np.zeros(N)
    for t in range(T):
        buffer.add(
            np.zeros((N, 2)),
            np.zeros((N, 1)),
            rewards[t],
            starts,
            torch.from_numpy(values[t]),
            torch.zeros(N),
        )
        starts = dones[t]
    buffer.compute_returns_and_advantage(torch.from_numpy(values[T]), dones[T - 1])
    advantages = gae(rewards.copy(), values, dones, gamma, gae_lambda)
    np.testing.assert_allclose(advantages, buffer.advantages, rtol=1e-6, atol=1e-6)


def test_a_truncated_step_gets_the_value_of_its_final_observation():
    rollout = Rollout(3, 2, spaces.Box(-1, 1, (1,)), spaces.Discrete(2), 2)
    rollout.rewards.fill_(1.0)
    rollout.bootstraps = [(0, np.array([1]), np.ones((1, 1))), (2, np.array([0, 1]), np.zeros((2, 1)))]
    assert rollout.final_obs().shape == (3, 1)
    rollout.add_final_values(torch.tensor([10.0, 20.0, 30.0]), 0.5)
    assert rollout.rewards.tolist() == [[1, 6], [1, 1], [11, 16]]
