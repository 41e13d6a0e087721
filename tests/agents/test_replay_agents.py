"""TD3, TQC and QR-DQN: they learn what chance cannot, and show how they think returns are spread."""

import dataclasses
import importlib.util
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.environments import find_target
from agents.player import Player
from agents.settings import QRDQNSettings, TD3Settings, TQCSettings, settings_for
from agents.train import train
from agents.training.build import build_model
from agents.vec_env import make_vec_env
from agents.viewing.panel import Column
from envs.engine.canvas import DisplayList
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.settings import check

contrib = pytest.importorskip("sb3_contrib")
AIM = "test/Aim-v0"


class Aim(gym.Env):
    """Eight times a number is shown that must be pointed at; each is worth minus the square of the error."""

    observation_space = spaces.Box(-1, 1, (1,), np.float32)
    action_space = spaces.Box(-2, 2, (1,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        super().reset(seed=seed)
        self.shown = 0
        return self._next(), {}

    def step(self, action: Any):
        reward = -float((action[0] - 2 * self.obs[0]) ** 2)
        self.shown += 1
        return self._next(), reward, self.shown == 8, False, {}

    def _next(self) -> np.ndarray:
        self.obs = self.np_random.uniform(-1, 1, 1).astype(np.float32)
        return self.obs


@pytest.fixture
def aim():
    gym.register(AIM, Aim)
    yield AIM
    gym.registry.pop(AIM)


def model_of(name: str, agent: str, **changes: Any) -> Any:
    settings = dataclasses.replace(settings_for(name, agent), num_envs=2, hidden=(8,), **changes)
    return build_model(settings, make_vec_env(find_target(name).name, 2, 0), torch.device("cpu"), 0)


POINTING: dict[str, Any] = {"hidden": (16,), "gamma": 0.0, "batch_size": 32, "gradient_steps": 2}
# 0 is perfect. The best that does not look, the middle, is worth -10.7, random play -21.3.
LEARNED = [
    ("td3", {**POINTING, "total_timesteps": 1600, "learning_rate": 5e-3, "action_noise": 0.3}, -2.0),
    ("tqc", {**POINTING, "total_timesteps": 1600, "learning_rate": 1e-2, "num_quantiles": 5}, -2.0),
    # Random play gets -0.8 of 1.
    (
        "qrdqn",
        {
            "total_timesteps": 6000,
            "num_quantiles": 10,
            "learning_rate": 2e-3,
            "hidden": (32,),
            "learning_starts": 500,
            "train_freq": 4,
            "gamma": 0.95,
        },
        0.3,
    ),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("agent", "changes", "least"), LEARNED, ids=[case[0] for case in LEARNED])
def test_each_learns_what_chance_cannot(agent, changes, least, aim):
    target = "catch" if agent == "qrdqn" else aim
    changes = {"learning_starts": 200, **changes, "eval_every": 10**6, "final_episodes": 40}
    run = Run.create(target, {"agent": agent, "seed": 0})
    for _ in train(target, dataclasses.replace(settings_for(target, agent), **changes), run):
        pass
    last = run.metrics()[-1]
    assert last["eval_low"] > least
    assert Player.load(run).act(np.zeros(find_target(target).spaces()[0].shape)).value is not None


@pytest.mark.parametrize(
    ("name", "agent", "kind", "blocks"),
    [
        ("pendulum", "td3", TD3Settings, 6),
        ("pendulum", "tqc", TQCSettings, 7),
        ("catch", "qrdqn", QRDQNSettings, 2),
    ],
)
def test_their_networks_are_blocks_and_begin_with_settings_of_their_own(name, agent, kind, blocks):
    assert isinstance(settings_for(name, agent), kind)
    policy = model_of(name, agent, **({"num_critics": 3} if agent == "tqc" else {})).policy
    assert sum(isinstance(module, MLP) for module in policy.modules()) == blocks


def test_qr_dqn_shows_the_quantiles_of_its_choice():
    policy = model_of("catch", "qrdqn", num_quantiles=7).policy
    space = find_target("catch").spaces()[0]
    player = Player(policy, space)
    obs = np.ones(space.shape or (), np.float32)
    decision = player.act(obs)
    with torch.no_grad():
        plain = policy.quantile_net(torch.from_numpy(obs)[None])[0].numpy()  # (Q, K)
    assert decision.q_values is not None and decision.quantiles is not None
    np.testing.assert_allclose(decision.q_values, plain.mean(0), atol=1e-6)
    assert decision.action == policy.predict(obs, deterministic=True)[0] == decision.q_values.argmax()
    np.testing.assert_allclose(decision.quantiles, np.sort(plain[:, decision.action]), atol=1e-6)
    assert decision.value == pytest.approx(decision.quantiles.mean(), abs=1e-6)
    young = Player(policy, space, explores=1.0)
    assert len({young.act(obs, deterministic=False).action for _ in range(60)}) == len(decision.q_values)


def test_tqc_shows_the_quantiles_of_all_critics():
    policy = model_of("pendulum", "tqc", num_quantiles=4, num_critics=3).policy
    decision = Player(policy, find_target("pendulum").spaces()[0]).act(np.zeros(3, np.float32))
    assert decision.quantiles is not None and decision.quantiles.shape == (12,)
    assert (np.diff(decision.quantiles) >= 0).all() and decision.q_values is None
    assert decision.value == pytest.approx(decision.quantiles.mean(), abs=1e-6)


def test_td3_plays_with_noise_until_it_is_trained():
    policy, space = model_of("pendulum", "td3").policy, find_target("pendulum").spaces()[0]
    obs = np.zeros((400, 3), np.float32)
    spread = Player(policy, space, explores=0.1).act_batch(obs, deterministic=False).std()
    assert spread == pytest.approx(0.2, rel=0.15)  # actions go from -2 to 2
    assert Player(policy, space, explores=0.1).act_batch(obs).std() == pytest.approx(0.0, abs=1e-6)


def test_ticks_lie_where_the_values_are():
    canvas = DisplayList((300, 700))
    Column(canvas).ticks([-1.0, 0.0, 3.0, float("nan")], "model")
    at = [op[1] for op in canvas.ops if op[0] == "line"]
    assert len(at) == 3 and at == pytest.approx([30, 30 + 240 / 4, 270])
    assert [op[3] for op in canvas.ops if op[0] == "text"] == ["−1", "3"]


def test_without_sb3_contrib_it_is_a_sentence(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "sb3_contrib" else found(name)
    )
    for agent, name in (("qrdqn", "catch"), ("tqc", "pendulum")):
        with pytest.raises(UserError, match=r"need the package sb3-contrib: pip install sb3-contrib$"):
            model_of(name, agent)
    model_of("pendulum", "td3")


def test_not_all_quantiles_can_be_left_out():
    with pytest.raises(UserError, match="Of 5 quantiles, 5 cannot be left out"):
        check(TQCSettings(num_quantiles=5, dropped_quantiles=5))
