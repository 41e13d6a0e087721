"""A stack of PPO models ends where each of them ends alone."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from agents.ppo.stacked import StackedPPO, obstacle
from agents.settings import PPOSettings
from agents.training.build import build_model
from agents.training.sb3_loops import begin, iterations
from agents.vec_env import make_vec_env
from sandbox.devices import random_states, restore_random_states, seed_everything

pytestmark = pytest.mark.filterwarnings(
    "ignore:You have specified a mini-batch size"
)  # the last one is smaller
UPDATES = 3
SMALL = PPOSettings(
    num_envs=6, num_steps=40, batch_size=64, num_epochs=2, learning_rate=3e-3, hidden=(16, 16),
    schedule="linear", ent_coef=0.01, max_grad_norm=0.3,
)  # fmt: skip

PICTURES = {"policy": "cnn", "channels": (4,), "hidden": (16,), "num_steps": 80}


def _model(name, settings, seed) -> tuple[Any, dict[str, torch.Tensor]]:
    seed_everything(seed)
    env = make_vec_env(name, settings.num_envs, seed, env_kwargs=settings.params)
    return build_model(settings, env, torch.device("cpu"), seed), random_states()


def _flat(model):
    return torch.cat([p.detach().flatten() for p in model.policy.parameters()])


def _stacked(name, settings, seeds, total) -> Any:
    built = [_model(name, settings, seed) for seed in seeds]
    models = [model for model, _ in built]
    for model in models:
        begin(model, total)
    return StackedPPO(models, [states for _, states in built])


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cartpole", {}),
        (
            "cartpole",
            {"activation": "relu", "hidden": (16,), "params": {"half_length": 1.0}},
        ),
        ("pendulum", {"num_steps": 210}),  # a Box, and episodes that are cut off
        ("minatar_breakout", PICTURES),  # which Stable-Baselines3 turns to (C, H, W)
        ("snake", {**PICTURES, "channels": (4, 8), "hidden": (24, 16)}),
    ],
)
def test_each_model_of_a_stack_ends_as_it_does_alone(name, changes):
    settings = dataclasses.replace(SMALL, **changes)
    total = UPDATES * settings.num_envs * settings.num_steps
    seeds = [3, 4, 11]
    alone = []
    for seed in seeds:
        model, _ = _model(name, settings, seed)
        for _ in iterations(model, total):
            pass
        alone.append((model, random_states()))
    stack = _stacked(name, settings, seeds, total)
    begun = [_flat(model) for model in stack.models]
    for _ in range(UPDATES):
        stack.collect()
        stack.train(total)
    stack.record()
    stack.hand_back()
    for i, (model, states) in enumerate(alone):
        twin = stack.models[i]
        assert (_flat(twin) - begun[i]).abs().max() > 0.005  # it has learned something
        # The products add up in another order: float32 keeps 1e-7 of it a step, and Adam's steps are 3e-3.
        torch.testing.assert_close(_flat(twin), _flat(model), atol=1e-5, rtol=1e-5)
        assert np.allclose(twin._last_obs, model._last_obs, atol=1e-4)
        assert twin.num_timesteps == model.num_timesteps and twin._n_updates == model._n_updates
        for key in ("r", "l"):
            episodes = [e[key] for e in model.ep_info_buffer]
            assert episodes and [e[key] for e in twin.ep_info_buffer] == pytest.approx(episodes, rel=1e-5)
        for key in ("torch", "numpy"):
            assert torch.equal(stack.random[i][key], states[key])
        for key in ("train/value_loss", "train/approx_kl", "train/entropy_loss", "train/explained_variance"):
            expected = model.logger.name_to_value[key]
            assert twin.logger.name_to_value[key] == pytest.approx(expected, rel=1e-3, abs=1e-5), key
        mine, other = (m.policy.optimizer.state_dict()["state"] for m in (twin, model))
        for index, state in other.items():
            assert mine[index]["step"] == state["step"]
            torch.testing.assert_close(mine[index]["exp_avg"], state["exp_avg"], atol=1e-5, rtol=1e-3)
    _compare_players(stack, [2, 0])


@torch.no_grad()
def _compare_players(stack, chosen):
    """What evaluations ask is what each policy would decide."""
    networks, models = stack.networks, [stack.models[i] for i in chosen]
    prepared = networks.prepare(torch.from_numpy(stack.obs)).unflatten(0, (len(stack.models), -1))
    for found, model in zip(networks.actor(chosen)(prepared[chosen]), models, strict=True):
        expected, _ = model.predict(model._last_obs, deterministic=True)
        assert np.allclose(stack.head.best(found).numpy(), expected, atol=1e-4)


@pytest.mark.thorough
def test_a_model_that_leaves_its_stack_goes_on_as_one_that_never_was_in_it():
    total = 3 * SMALL.num_envs * SMALL.num_steps
    alone, _ = _model("cartpole", SMALL, 5)
    for _ in iterations(alone, total):
        pass
    stack = _stacked("cartpole", SMALL, [4, 5], total)
    stack.collect()
    stack.train(total)
    stack.hand_back()
    model = stack.models[1]
    restore_random_states(stack.random[1])
    for _ in iterations(model, total):
        pass
    torch.testing.assert_close(_flat(model), _flat(alone), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("snake", {"policy": "autoencoder"}, "only MLPs"),
        ("cartpole", {"target_kl": 0.1}, "target_kl"),
        ("cartpole", {"policy": "lstm"}, "only MLPs"),
    ],
)
def test_what_cannot_be_stacked_says_why(name, changes, words):
    model, _ = _model(name, dataclasses.replace(SMALL, **changes), 0)
    assert words in obstacle(model)
