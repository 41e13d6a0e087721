"""A bonus for novelty: new is what the map has hardly seen, the bonus ends, and scores are without it."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.callbacks import BaseCallback

from agents import PPO, make_vec_env
from agents.exploration import CuriousPPO, CuriousPQN
from agents.exploration.novelty import SOMNovelty
from agents.settings import GAILSettings, settings_for
from agents.train import train
from agents.train_seeds import why_not_together
from agents.training.build import build_model
from sandbox.errors import UserError
from sandbox.runs import Run

SMALL: dict[str, Any] = {"n_steps": 8, "batch_size": 32, "seed": 0, "novelty_units": 25}


@pytest.mark.parametrize(
    ("space", "known", "new"),
    [
        (spaces.Discrete(12), torch.randint(6, (600,)), torch.arange(6, 12)),
        (
            spaces.Box(-1.0, 1.0, (2,), np.float32),
            -torch.rand(600, 2),
            torch.rand(20, 2) * 0.5 + 0.5,
        ),
    ],
)
def test_what_was_hardly_seen_is_new_until_it_was_seen(space, known, new):
    torch.manual_seed(0)
    novelty = SOMNovelty(space, 25, 40)
    bonus = novelty.bonus(known)
    for _ in range(20):
        bonus = novelty.bonus(known)
        assert torch.isfinite(bonus).all() and bonus.min() > 0
    before = novelty.newness(new)
    assert before.min() > 3 * novelty.newness(known).mean()
    assert novelty.bonus(torch.cat([known, new]))[-len(new) :].min() > 3 * bonus.mean()
    for _ in range(40):
        novelty.bonus(torch.cat([known, new]))
    assert novelty.newness(new).mean() < 0.5 * before.mean()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [CuriousPPO, CuriousPQN])
def test_the_bonus_is_added_to_what_is_learned_from_and_to_nothing_else(kind):
    played: list[np.ndarray] = []

    class Listen(BaseCallback):
        def _on_step(self) -> bool:
            infos = self.locals["infos"]
            played.extend(info["episode"]["r"] for info in infos if "episode" in info)
            return True

    env = make_vec_env("deep_sea", 64, seed=0, side=4.0)
    model = kind("MlpPolicy", env, gamma=1.0, novelty_weight=2.0, novelty_fraction=0.5, **SMALL)
    added: list[torch.Tensor] = []
    bonus = model.bonus
    model.bonus = lambda obs: added.append(bonus(obs)) or added[-1]
    model.learn(64 * 8 * 4, callback=Listen())
    assert [round(float(each.square().mean().sqrt()) > 0, 1) for each in added] == [True, True, False, False]
    assert added[0].mean() > added[1].mean() > 0
    # The rules give 1 - 0.01 at most, whatever the bonus was.
    assert played and max(played) <= 0.99 and min(played) >= -0.01
    if kind is CuriousPPO:
        assert model._rollout is not None and float(model._rollout.rewards.max()) <= 1.0


def test_rewards_of_a_rollout_hold_the_bonus():
    env = make_vec_env("deep_sea", 16, seed=0, side=10.0)
    model = CuriousPPO("MlpPolicy", env, novelty_weight=3.0, **SMALL)
    model.bonus = lambda obs: torch.full(obs.shape[:2], 7.0)
    model.learn(16 * 8)
    assert model._rollout is not None
    rewards = model._rollout.rewards
    # Nobody finds the treasure: the environment gives 0 or -0.001.
    assert rewards.min() >= 6.99 and rewards.max() <= 7.0
    buffered = model.rollout_buffer.rewards
    np.testing.assert_allclose(buffered, rewards.numpy())


def test_settings_reach_the_agent_and_wrong_ones_are_one_sentence():
    settings = dataclasses.replace(settings_for("deep_sea"), num_envs=16, novelty="som", novelty_units=16)
    env = make_vec_env("deep_sea", 16)
    model = build_model(settings, env, torch.device("cpu"), 0)
    assert isinstance(model, CuriousPPO) and model.novelty.som.shape == (4, 4)
    plain = dataclasses.replace(settings, novelty="none")
    assert type(build_model(plain, env, torch.device("cpu"), 0)) is PPO
    assert why_not_together("deep_sea", settings) == "only PPO is stacked"
    run = Run.create("cartpole", {"agent": "gail"})
    with pytest.raises(UserError, match="gail takes no bonus"):
        next(train("cartpole", GAILSettings(novelty="som"), run))
    with pytest.raises(UserError, match="at most 4,096"):
        SOMNovelty(spaces.Box(0, 255, (64, 64, 3), np.uint8), 25, 10)


@pytest.mark.thorough
@pytest.mark.parametrize("agent", ["ppo", "pqn"])
def test_stopped_and_resumed_it_ends_bit_identical(agent, resumes_exactly):
    changes = {"num_envs": 8, "num_steps": 8, "hidden": (16,), "batch_size": 32, "novelty": "som"}
    changes |= {"total_timesteps": 1280, "eval_episodes": 2, "final_episodes": 2, "novelty_fraction": 1.0}
    settings = dataclasses.replace(settings_for("cartpole", agent), **changes)
    whole = resumes_exactly("cartpole", settings, {"agent": agent, "seed": 4}, stop_at=640)
    assert float(whole.load_resume()[1]["novelty/counts"].sum()) > 0


@pytest.mark.thorough
def test_with_it_a_seed_finds_the_treasure_that_never_does_without():
    settings = dataclasses.replace(settings_for("deep_sea"), novelty="som", total_timesteps=200_000)
    run = Run.create("deep_sea", {"agent": "ppo", "seed": 3, "threads": 1, "device": "cpu"})
    for _ in train("deep_sea", settings, run):
        pass
    assert run.metrics()[-1]["eval_return"] == pytest.approx(0.99)
