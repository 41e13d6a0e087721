"""Running moments: those of VecNormalize, carried by the policy wherever it goes."""

from typing import Any

import numpy as np
import pytest
import stable_baselines3
import torch
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.running_mean_std import RunningMeanStd
from stable_baselines3.common.vec_env import VecNormalize

from agents import PPO, make_vec_env
from agents.evaluate import evaluate
from agents.export import export
from agents.player import Player
from agents.policies import BlockCnnPolicy
from agents.policies.normalisation import NormalisedFeatures, ReturnScale, merge
from agents.policies.recurrent import MemoryPolicy
from agents.ppo.towers import Towers
from agents.settings import PPOSettings
from agents.train import train
from agents.training.policy_choice import policy_of
from sandbox.errors import UserError
from sandbox.runs import Run


def learned(policy: Any = "MlpPolicy", name: str = "mountain_car", steps=512, **options: Any):
    model = PPO(
        policy, make_vec_env(name, 8, seed=0), n_steps=16, batch_size=64, seed=0, device="cpu", **options
    )
    model.set_logger(Logger(None, []))
    model.learn(steps)
    return model


def test_moments_are_those_of_all_samples():
    rng = np.random.default_rng(0)
    parts = [rng.normal(5, 3, (n, 4)) for n in (1, 20, 300)]
    stock = RunningMeanStd(shape=(4,))
    mean, var, count = torch.zeros(4), torch.ones(4), torch.tensor(1e-4)
    for part in parts:
        stock.update(part)
        merge(mean, var, count, torch.from_numpy(part))
    np.testing.assert_allclose(mean, stock.mean, rtol=1e-5)
    np.testing.assert_allclose(var, stock.var, rtol=1e-5)
    assert count == pytest.approx(321.0001)


def test_rewards_are_scaled_as_by_vec_normalize():
    rng = np.random.default_rng(0)
    rewards, dones = rng.normal(1, 2, (400, 3)).astype(np.float32), rng.random((400, 3)) < 0.05

    class Fixed(VecNormalize):
        def __init__(self):
            self.ret_rms, self.returns, self.gamma, self.epsilon = (
                RunningMeanStd(shape=()),
                np.zeros(3),
                0.9,
                1e-8,
            )

    stock = Fixed()
    for row, ended in zip(rewards, dones, strict=True):
        stock._update_reward(row)
        stock.returns[ended] = 0
    scale, sums = ReturnScale(), np.zeros(3)
    first = scale.scaled(rewards[:100], dones[:100], sums, 0.9)
    second = scale.scaled(rewards[100:], dones[100:], sums, 0.9)
    np.testing.assert_allclose(sums, stock.returns)
    assert scale.deviation() == pytest.approx(np.sqrt(stock.ret_rms.var + 1e-8), rel=1e-5)
    np.testing.assert_allclose(second, np.clip(rewards[100:] / scale.deviation(), -10, 10), rtol=1e-6)
    assert first.dtype == np.float32


@pytest.mark.parametrize("policy", ["MlpPolicy", MemoryPolicy])
def test_moments_move_between_updates_only(policy):
    options: dict[str, Any] = {}
    if policy is MemoryPolicy:
        options = {"policy_kwargs": {"kind": "gru", "memory": 8}}
    model = learned(policy, normalize="both", steps=128, **options)
    features = model.policy.features_extractor
    assert isinstance(features, NormalisedFeatures) and model.slow_because is None
    machine, rollout, scale = model._machine, model._rollout, model.policy.get_submodule("return_scale")
    assert machine is not None and rollout is not None and isinstance(scale, ReturnScale)
    assert policy != "MlpPolicy" or isinstance(machine.backbone, Towers)
    obs = rollout.obs[:-1].flatten(0, 1)
    torch.testing.assert_close(features.mean, obs.mean(0), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(features.var, obs.var(0, correction=0), atol=1e-4, rtol=1e-3)
    assert features.count == pytest.approx(128, rel=1e-5)
    scaled = features.forward(obs)
    assert scaled.mean(0).abs().max() < 0.05 and (scaled.std(0) - 1).abs().max() < 0.05
    # Rewards were -1 each; what was learned from is in deviations of their discounted sums.
    expected = -1 / scale.deviation()
    ends = {(step, int(i)) for step, envs, _ in rollout.bootstraps for i in envs}
    plain = [[(t, i) not in ends for i in range(8)] for t in range(16)]
    np.testing.assert_allclose(rollout.rewards.numpy()[plain], expected, rtol=1e-5)
    model.learn(256, reset_num_timesteps=False)
    assert model.logger.name_to_value["train/clip_fraction"] < 0.9


def test_what_carries_no_moments_is_refused():
    for policy in (BlockCnnPolicy, "CnnPolicy", "MultiInputPolicy"):
        with pytest.raises(UserError, match="normalize is for"):
            learned(policy, "minatar_breakout", normalize="both")
    space = make_vec_env("minatar_breakout", 1).observation_space
    with pytest.raises(UserError, match="scaled already"):
        policy_of(PPOSettings(normalize="observations"), space)
    assert policy_of(PPOSettings(normalize="rewards"), space)[1]["scale_returns"]


def test_a_saved_model_goes_on_with_its_moments(tmp_path):
    model = learned(normalize="both")
    model.save(tmp_path / "model.zip")
    twin = PPO.load(tmp_path / "model.zip", make_vec_env("mountain_car", 8, seed=1))
    assert twin.normalize == "both"
    for name, value in model.policy.state_dict().items():
        assert torch.equal(value, twin.policy.state_dict()[name])
    twin.learn(256)


@pytest.mark.thorough
def test_trainings_resume_play_and_export_with_them(tmp_path):
    settings = PPOSettings(
        total_timesteps=4096, num_envs=8, num_steps=32, batch_size=64, normalize="both", final_episodes=10
    )
    whole = Run.create("mountain_car", {"agent": "ppo", "seed": 0}, None)
    list(train("mountain_car", settings, whole))
    halted = Run.create("mountain_car", {"agent": "ppo", "seed": 0}, None)
    for progress in (half := train("mountain_car", settings, halted)):
        if progress.step >= 1024:
            half.close()
            break
    list(train("mountain_car", settings, halted, resume=True))
    expected, _ = whole.load_model(None)
    for name, value in halted.load_model(None)[0].items():
        assert torch.equal(value, expected[name]), name
    player = Player.load(whole)
    obs = np.array([[-0.5, 0.01], [0.3, -0.02]], np.float32)
    export(whole, "sb3", tmp_path / "stock.zip")
    stock = stable_baselines3.PPO.load(tmp_path / "stock.zip")
    rows = torch.from_numpy(obs)
    chances: Any = stock.policy.get_distribution(rows).distribution
    probabilities = chances.probs
    values = stock.policy.predict_values(rows)[:, 0]
    for i, one in enumerate(obs):
        decision = player.act(one)
        assert decision.probabilities is not None
        np.testing.assert_allclose(decision.probabilities, probabilities[i].detach(), atol=1e-5)
        assert decision.value == pytest.approx(values[i].item(), rel=1e-4, abs=1e-4)
    assert evaluate(whole, 5)["returns"]
