"""Saved models: round trips, and loading where only Stable-Baselines3 is."""

import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.vec_env import DummyVecEnv

from agents import PPO, make_vec_env


@pytest.fixture(scope="module")
def model():
    env = make_vec_env("cartpole", 8, seed=1)
    return PPO("MlpPolicy", env, n_steps=16, batch_size=64, seed=1, device="cpu").learn(1024)


OBS = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


def test_a_round_trip_keeps_predictions_and_training(model, tmp_path):
    model.save(tmp_path / "model.zip")
    again = PPO.load(tmp_path / "model.zip", make_vec_env("cartpole", 8, seed=1), device="cpu")
    np.testing.assert_array_equal(
        again.predict(OBS, deterministic=True)[0], model.predict(OBS, deterministic=True)[0]
    )
    mine, loaded = model.policy.optimizer.state_dict(), again.policy.optimizer.state_dict()
    for index, state in mine["state"].items():
        assert loaded["state"][index]["step"] == state["step"] > 0
        torch.testing.assert_close(loaded["state"][index]["exp_avg"], state["exp_avg"])
    before = again.policy.state_dict()["action_net.weight"].clone()
    again.learn(256, reset_num_timesteps=False)
    assert again.num_timesteps == 1024 + 256
    assert not torch.equal(again.policy.state_dict()["action_net.weight"], before)


def test_stock_loads_it_and_goes_on_training(model, tmp_path):
    model.save(tmp_path / "model.zip")
    stock = stable_baselines3.PPO.load(
        tmp_path / "model.zip", make_vec_env("cartpole", 8, seed=1), device="cpu"
    )
    assert type(stock.policy) is ActorCriticPolicy
    steps = [float(state["step"]) for state in stock.policy.optimizer.state.values()]
    stock.learn(128, reset_num_timesteps=False)
    # 8 x 16 samples in minibatches of 64, 10 epochs: 20 steps, the same for every parameter.
    assert [
        float(s["step"]) - b for s, b in zip(stock.policy.optimizer.state.values(), steps, strict=True)
    ] == [20.0] * len(steps)


@pytest.mark.thorough
def test_a_process_with_only_stable_baselines3_predicts_the_same(model, tmp_path):
    assert_stock_alone_predicts_the_same(model, OBS, tmp_path)


@pytest.mark.thorough
def test_so_does_it_with_a_cnn(tmp_path):
    space = spaces.Box(0, 255, (36, 40, 2), np.uint8)
    env = DummyVecEnv([lambda: Pictures(space)] * 2)
    model = PPO("CnnPolicy", env, n_steps=8, batch_size=16, seed=1, device="cpu").learn(32)
    assert model.slow_because is None
    obs = np.random.default_rng(0).integers(256, size=(20, 2, 36, 40), dtype=np.uint8)
    assert_stock_alone_predicts_the_same(model, obs, tmp_path)


class Pictures(gym.Env):
    def __init__(self, space):
        self.observation_space, self.action_space = space, spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.np_random.integers(256, size=(36, 40, 2), dtype=np.uint8), {}

    def step(self, action):
        return self.reset()[0], float(action), bool(self.np_random.random() < 0.2), False, {}


def assert_stock_alone_predicts_the_same(model, observations, tmp_path):
    model.save(tmp_path / "model.zip")
    np.save(tmp_path / "obs.npy", observations)
    script = f"""
import json, sys
import numpy as np
root = {str(Path(__file__).resolve().parents[2])!r}
sys.path = [p for p in sys.path if p and p != root]
sys.meta_path = [f for f in sys.meta_path if "editable" not in type(f).__module__ + repr(f)]
for name in ("agents", "sandbox", "envs"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise SystemExit(name + " is importable here, so this proves nothing")
import stable_baselines3
model = stable_baselines3.PPO.load("model.zip", device="cpu")
actions = model.predict(np.load("obs.npy"), deterministic=True)[0]
values = model.policy.predict_values(model.policy.obs_to_tensor(np.load("obs.npy"))[0])
print(json.dumps([actions.tolist(), values.flatten().tolist()]))
"""
    (tmp_path / "only_stock.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "only_stock.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    actions, values = json.loads(done.stdout)
    assert actions == model.predict(observations, deterministic=True)[0].tolist()
    with torch.no_grad():
        mine = model.policy.predict_values(torch.from_numpy(observations)).flatten()
    np.testing.assert_allclose(values, mine.numpy(), atol=1e-6)


def test_a_cnn_model_comes_back_too(tmp_path):
    env = make_vec_env("snake", 4, seed=0)
    model = PPO("BlockCnnPolicy", env, n_steps=8, batch_size=32, device="cpu").learn(32)
    model.save(tmp_path / "snake.zip")
    obs = np.stack([model.observation_space.sample() for _ in range(4)])
    again = PPO.load(tmp_path / "snake.zip", device="cpu")
    np.testing.assert_array_equal(
        again.predict(obs, deterministic=True)[0], model.predict(obs, deterministic=True)[0]
    )


def test_set_parameters_reaches_the_training(model):
    other = PPO("MlpPolicy", make_vec_env("cartpole", 8, seed=2), n_steps=16, batch_size=64, device="cpu")
    other.learn(256)
    other.set_parameters(model.get_parameters(), device="cpu")
    other.learn(128, reset_num_timesteps=False)
    steps = [float(state["step"]) for state in other.policy.optimizer.state.values()]
    expected = float(next(iter(model.policy.optimizer.state.values()))["step"]) + 20
    assert steps == [expected] * len(steps)
