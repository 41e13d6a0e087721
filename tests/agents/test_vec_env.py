"""Our batch as a Stable-Baselines3 VecEnv."""

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3 import A2C, DQN
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor, VecNormalize

from agents import make_vec_env
from agents.vec_env import BatchVecEnv
from envs.engine.errors import BadParameter
from sandbox.errors import UserError


def batch_of(name: str, count: int, seed: int | None = 0) -> BatchVecEnv:
    env = make_vec_env(name, count, seed=seed)
    assert isinstance(env, BatchVecEnv)
    return env


def test_it_plays_what_single_environments_play():
    batch = batch_of("cartpole", 5, seed=3)
    singles = DummyVecEnv([lambda: Monitor(gym.make("sandbox/CartPole-v1")) for _ in range(5)])
    singles.seed(3)
    np.testing.assert_array_equal(batch.reset(), singles.reset())
    generator = np.random.default_rng(0)
    finished = 0
    for _ in range(300):
        actions = generator.integers(0, 2, 5)
        mine, stock = batch.step(actions), singles.step(actions)
        for ours, theirs in zip(mine[:3], stock[:3], strict=True):
            assert isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray)
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
        for ours, theirs in zip(mine[3], stock[3], strict=True):
            assert ("episode" in ours) == ("episode" in theirs)
            if "episode" in ours:
                finished += 1
                assert (ours["episode"]["r"], ours["episode"]["l"]) == (
                    theirs["episode"]["r"],
                    theirs["episode"]["l"],
                )
                np.testing.assert_array_equal(ours["terminal_observation"], theirs["terminal_observation"])
                assert ours["TimeLimit.truncated"] is theirs["TimeLimit.truncated"] is False
    assert finished > 20


def test_truncation_is_told_from_termination():
    env = batch_of("cartpole", 2)
    env.reset()
    # Without gravity a pole that is left alone would not fall; steering keeps it up.
    env.set_attr("gravity", 0.0)
    assert env.get_attr("gravity") == [0.0, 0.0]
    truncated = 0
    obs = env.reset()
    for _ in range(600):
        env.step_async((obs[:, 2] + 0.5 * obs[:, 3] + 0.1 * obs[:, 1] > 0).astype(int))
        obs, _, _, infos = env.step_wait()
        truncated += sum(info.get("TimeLimit.truncated", False) for info in infos)
        assert all(info["episode"]["l"] == 500 for info in infos if info.get("TimeLimit.truncated"))
    assert truncated >= 1


def test_nothing_that_was_returned_is_written_again():
    env = batch_of("cartpole", 4)
    kept = [env.reset()]
    copies = [kept[0].copy()]
    finals = []
    for _ in range(60):
        env.step_async(np.ones(4, int))
        obs, rewards, dones, infos = env.step_wait()
        kept += [obs, rewards, dones]
        copies += [obs.copy(), rewards.copy(), dones.copy()]
        ended = [info["terminal_observation"] for info in infos if "episode" in info]
        finals += [(final, final.copy()) for final in ended]
        infos[0]["mine"] = 1
        assert "mine" not in infos[1]
    for array, copy in [*zip(kept, copies, strict=True), *finals]:
        np.testing.assert_array_equal(array, copy)
    assert finals


def test_state_fields_are_reported_while_an_episode_goes_on():
    env = make_vec_env("snake", 3, seed=0)
    env.reset()
    _, _, dones, infos = env.step(np.zeros(3, int))
    for done, info in zip(dones, infos, strict=True):
        assert done or (info["score"], info["length"]) == (0, 3)


def test_seeds_count_once_and_episodes_go_on():
    env = batch_of("cartpole", 3, seed=7)
    first, second = env.reset(), env.reset()
    assert not np.array_equal(first, second)
    env.seed(7)
    np.testing.assert_array_equal(env.reset(), first)


def test_a_snapshot_goes_on_alike():
    env = batch_of("cartpole", 3)
    env.reset()
    for _ in range(7):
        env.step(np.zeros(3, int))
    snapshot = env.snapshot()
    once = [env.step(np.ones(3, int))[:3] for _ in range(30)]
    env.restore(snapshot)
    again = [env.step(np.ones(3, int))[:3] for _ in range(30)]
    for a, b in zip(once, again, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.filterwarnings("ignore:The environment is already wrapped with a `Monitor`")
def test_stock_algorithms_and_wrappers_take_it():
    normalized = VecNormalize(make_vec_env("cartpole", 4, seed=0))
    A2C("MlpPolicy", normalized, device="cpu").learn(200)
    # Infos of finished environments are written to by VecNormalize and VecMonitor.
    monitored = VecMonitor(make_vec_env("cartpole", 4, seed=0))
    model = DQN("MlpPolicy", monitored, learning_starts=10, device="cpu").learn(200)
    returns, lengths = evaluate_policy(
        model, make_vec_env("cartpole", 4, seed=9), 8, return_episode_rewards=True, warn=True
    )
    assert returns == lengths


def test_pictures_and_other_attributes():
    env = batch_of("cartpole", 2)
    env.reset()
    assert [image.shape for image in env.get_images() if image is not None] == [(400, 600, 3)] * 2
    assert env.env_is_wrapped(Monitor) == [True, True]
    assert env.env_is_wrapped(gym.wrappers.TimeLimit) == [False, False]
    assert len(env.get_attr("x")) == 2
    with pytest.raises(AttributeError, match="no_such"):
        env.get_attr("no_such")
    with pytest.raises(AttributeError, match="compute_reward"):
        env.env_method("compute_reward")
    with pytest.raises(BadParameter, match="gravity"):
        env.set_attr("gravity", -1.0)
    env.close()


def test_other_gymnasium_ids_and_unknown_names():
    env = make_vec_env("Pendulum-v1", 2, seed=0, g=3.0)
    assert isinstance(env, DummyVecEnv) and env.get_attr("g") == [3.0, 3.0]
    with pytest.raises(UserError, match="Did you mean cartpole"):
        make_vec_env("cartpol", 2)
    with pytest.raises(BadParameter, match="gravity"):
        make_vec_env("cartpole", 2, gravityy=1.0)
