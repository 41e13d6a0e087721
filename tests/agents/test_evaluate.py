"""Evaluation: whole episodes, the same ones for every player, with an interval."""

import gymnasium as gym
import numpy as np
import pytest

import envs
from agents.evaluate import FIRST_SEED, HandWritten, baseline_policy, evaluate_policy, random_policy
from sandbox.errors import UserError


def play_alone(target, act, seed):
    """The return and length of one episode, played the plain way."""
    env = gym.make(target)
    obs, _ = env.reset(seed=seed)
    total, steps, over = 0.0, 0, False
    while not over:
        obs, reward, terminated, truncated, _ = env.step(act(obs))
        total, steps, over = total + float(reward), steps + 1, terminated or truncated
    env.close()
    return total, steps


def lean(obs):
    """Push to the side the pole leans to; a policy for one CartPole observation."""
    return int(obs[2] > 0)


@pytest.mark.parametrize("target", ["cartpole", "sandbox/CartPole-v1", "CartPole-v1"])
def test_returns_are_those_of_episodes_played_alone(target):
    found = evaluate_policy(target, lambda obs: (obs[:, 2] > 0).astype(np.int64), episodes=7, seed=5)
    alone = [
        play_alone(envs.find("cartpole").id if target == "cartpole" else target, lean, 5 + i)
        for i in range(7)
    ]
    assert found["returns"] == [total for total, _ in alone]
    assert found["lengths"] == [steps for _, steps in alone]
    assert len(set(found["lengths"])) > 1
    assert found["interval"].mean == pytest.approx(np.mean(found["returns"]))
    assert found["interval"].low <= found["interval"].mean <= found["interval"].high


def test_a_policy_sees_only_episodes_that_go_on():
    rows = []

    def act(obs):
        rows.append(len(obs))
        return np.zeros(len(obs), np.int64)

    found = evaluate_policy("cartpole", act, episodes=10)
    assert rows[0] == 10
    assert sum(rows) == sum(found["lengths"])
    assert found["seed"] == FIRST_SEED


def test_truncated_episodes_end():
    found = evaluate_policy("cartpole", policy_of("cartpole"), episodes=5)
    assert found["returns"] == [500.0] * 5
    assert found["interval"].low == found["interval"].high == 500.0


def policy_of(name):
    policy = baseline_policy(envs.find(name))
    assert policy is not None
    return policy


@pytest.mark.parametrize("name", ["frozen_lake", "pendulum", "snake"])
def test_a_baseline_beats_chance(name):
    chance = evaluate_policy(name, random_policy(envs.find(name).action_space), episodes=200)
    baseline = evaluate_policy(name, policy_of(name), episodes=200)
    assert baseline["interval"].low > chance["interval"].high


def test_a_hand_written_player_remembers_each_episode_by_itself():
    environment = envs.find("memory_chain")
    policy = policy_of("memory_chain")
    for _ in range(2):  # and begins anew when all are over
        assert evaluate_policy("memory_chain", policy, episodes=20)["returns"] == [1.0] * 20
    # Episodes of different lengths: those that go on keep what is theirs.
    obs = np.zeros((3, *(environment.observation_space.shape or ())), np.float32)
    obs[:, 2] = [1, -1, 1]
    assert policy(obs).tolist() == [1, 0, 1]
    assert isinstance(policy, HandWritten)
    policy.keep(np.array([False, True, True]))
    assert policy(np.zeros_like(obs)[:2]).tolist() == [0, 1]


def test_random_policy_is_repeatable_and_uniform():
    space = gym.spaces.Discrete(3)
    first = random_policy(space, seed=1)(np.zeros((3000, 2)))
    again = random_policy(space, seed=1)(np.zeros((3000, 2)))
    assert np.array_equal(first, again)
    assert np.allclose(np.bincount(first) / 3000, 1 / 3, atol=0.05)
    box = gym.spaces.Box(-1, 1, (2,))
    assert box.contains(random_policy(box)(np.zeros((1, 4)))[0])


def test_continuous_actions_and_episodes_without_end(monkeypatch):
    monkeypatch.setattr("agents.evaluate.LONGEST", 20)
    space = gym.spec("Pendulum-v1").make().action_space
    found = evaluate_policy("Pendulum-v1", random_policy(space), episodes=2)
    assert found["lengths"] == [20, 20]


def test_parameters_of_the_environment_count():
    def left(obs):
        return np.zeros(len(obs), np.int64)

    usual = evaluate_policy("cartpole", left, episodes=20)
    weak = evaluate_policy("cartpole", left, episodes=20, params={"force": 1.0})
    assert weak["interval"].low > usual["interval"].high


def test_no_episode_is_a_mistake():
    with pytest.raises(UserError, match="At least 1 episode is needed for a mean, not 0"):
        evaluate_policy("cartpole", policy_of("cartpole"), episodes=0)
