"""PQN: returns and gradients as they are defined, masks heeded, exact resume, and it learns."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import envs
from agents import make_vec_env
from agents.bench.pqn import CONTESTS, bench, table
from agents.evaluate import evaluate_policy
from agents.export import export
from agents.player import Player
from agents.policies.features import LearnedFeatures
from agents.pqn import PQN
from agents.pqn.networks import Autograd, HandWritten
from agents.pqn.policy import QPolicy, RunningScale
from agents.pqn.returns import lambda_returns
from agents.settings import PQNSettings, agent_for, settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.runs import Run

SMALL: dict[str, Any] = {"num_envs": 8, "num_steps": 8, "hidden": (16, 16), "batch_size": 32}


@pytest.mark.parametrize("gamma", [0.9, -1.0])
@pytest.mark.parametrize("q_lambda", [0.0, 0.6, 1.0])
def test_returns_are_those_of_their_definition(gamma, q_lambda):
    random = np.random.default_rng(0)
    T, N = 7, 3
    rewards, best = random.normal(size=(T, N)), random.normal(size=(T + 1, N))
    dones = random.random((T, N)) < 0.3
    wanted = np.zeros((T + 1, N))
    wanted[T] = best[T]
    for t in reversed(range(T)):
        ahead = (1 - q_lambda) * best[t + 1] + q_lambda * wanted[t + 1]
        wanted[t] = rewards[t] + gamma * np.where(dones[t], 0.0, ahead)
    found = lambda_returns(rewards.astype("f4"), best.astype("f4"), dones, gamma, q_lambda)
    np.testing.assert_allclose(found, wanted[:T], atol=1e-5)


def policy_for(target: str, **options: Any) -> QPolicy:
    environment = envs.find(target)
    torch.manual_seed(0)
    return QPolicy(environment.observation_space, environment.action_space, lambda _: 1e-3, **options)


def test_gradients_written_out_are_those_of_autograd():
    by_hand, stock = (policy_for("cartpole", net_arch=[24, 16]) for _ in range(2))
    with torch.no_grad():
        for parameter in by_hand.parameters():  # also gains that are not 1 and offsets that are not 0
            parameter.add_(0.1 * torch.randn_like(parameter))
    stock.load_state_dict(by_hand.state_dict())
    obs = torch.randn(40, 4)
    ours, theirs = HandWritten(by_hand), Autograd(stock)
    for network in (ours, theirs):
        network.see(obs)
    grad = torch.randn(40, 2)
    outputs = [network.forward(network.prepare(obs)) for network in (ours, theirs)]
    torch.testing.assert_close(*outputs, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.act(ours.prepare(obs))[0], outputs[1], atol=1e-5, rtol=1e-5)
    for network in (ours, theirs):
        network.backward(grad)
    pairs = zip(by_hand.named_parameters(), stock.parameters(), strict=True)
    for (name, mine), other in pairs:
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-4, rtol=1e-4, msg=name)


def test_bumps_promise_nothing_before_they_are_learned():
    features = {"features_extractor_class": LearnedFeatures, "features_extractor_kwargs": {"kind": "rbf"}}
    policy = policy_for("mountain_car", net_arch=[], **features)
    network, obs = HandWritten(policy), torch.randn(40, 2) * 0.01
    last: Any = list(policy.q_net.children())[-1]
    assert not policy(obs).any() and not last.bias.requires_grad
    network.forward(network.prepare(obs))
    network.backward(torch.ones(40, 3))
    # Features share out 1.
    torch.testing.assert_close(last.weight.grad.sum(1), torch.full((3,), 40.0))
    usual: Any = list(policy_for("mountain_car", net_arch=[8], **features).q_net.children())[-1]
    assert usual.bias.requires_grad


def test_the_scale_of_observations_is_that_of_all_that_was_seen():
    parts = [torch.randn(50, 3) * 5 + 2, torch.randn(20, 3), torch.randn(500, 3) - 7]
    scale = RunningScale(3)
    for part in parts:
        scale.see(part)
    whole = torch.cat(parts)
    torch.testing.assert_close(scale.mean, whole.mean(0), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(scale.variance, whole.var(0, correction=0), atol=1e-3, rtol=1e-4)
    constant = RunningScale(1)
    constant.see(torch.full((9, 1), 4.0))
    assert constant(torch.tensor([[4.0], [5.0]])).tolist() == [[0.0], [1.0]]


@pytest.mark.thorough
def test_other_activations_and_pictures_go_through_autograd():
    assert HandWritten.supports(policy_for("cartpole"))
    assert not HandWritten.supports(policy_for("cartpole", activation_fn=nn.Tanh))
    model = PQN("CnnPolicy", make_vec_env("snake", 4), n_steps=4, batch_size=8, device="cpu", seed=0)
    model.learn(32)
    assert isinstance(model._parts()[0], Autograd) and model.policy.obs_scale is None


@pytest.mark.thorough
@pytest.mark.parametrize("target", ["connect_four", "cartpole"])
def test_a_rollout_is_what_was_played(target):
    """Actions are allowed, and the buffer of Stable-Baselines3 shows observations, actions and rewards."""
    env = make_vec_env(target, 6, seed=3, env_kwargs={"opponent": 0} if target == "connect_four" else None)
    model = PQN("MlpPolicy", env, n_steps=45, batch_size=64, device="cpu", seed=1, exploration_final_eps=1.0)
    seen = []

    class Spy:
        def __call__(self, local: dict, _: dict) -> bool:
            seen.append((local["actions"].copy(), np.array(local["rewards"][local["t"]])))
            return True

    model.learn(6 * 45, callback=Spy())
    buffer = model.rollout_buffer
    np.testing.assert_array_equal(buffer.actions[:, :, 0], np.stack([actions for actions, _ in seen]))
    np.testing.assert_array_equal(buffer.rewards, np.stack([rewards for _, rewards in seen]))
    if target == "connect_four":
        # A stone for a full column loses, and nobody plays one: whoever moves last never loses.
        assert buffer.rewards.min() == 0.0 and buffer.rewards.max() == 1.0
        columns, rows = buffer.actions[:, :, 0].astype(int), buffer.observations
        t, i = np.indices(columns.shape)
        assert (rows[t, i, 2, :, columns].max(-1) == 255).all()  # a stone may land there


def test_saved_and_loaded_it_plays_the_same(tmp_path):
    model = PQN("MlpPolicy", make_vec_env("cartpole", 4), n_steps=8, batch_size=16, device="cpu", seed=0)
    model.learn(64)
    model.save(tmp_path / "model")
    again = PQN.load(tmp_path / "model", device="cpu")
    obs = np.random.default_rng(0).normal(size=(50, 4)).astype("f4")
    np.testing.assert_array_equal(model.predict(obs)[0], again.predict(obs)[0])
    loaded, kept = again.policy.state_dict(), model.policy.state_dict()
    assert loaded.keys() == kept.keys() and all(torch.equal(loaded[name], kept[name]) for name in kept)


@pytest.mark.thorough
def test_stopped_and_resumed_it_ends_bit_identical(resumes_exactly, tmp_path):
    settings = dataclasses.replace(
        settings_for("cartpole", "pqn"), **SMALL, total_timesteps=1280, eval_episodes=2, final_episodes=2
    )
    whole = resumes_exactly("cartpole", settings, {"agent": "pqn", "seed": 4}, stop_at=640)
    with pytest.raises(
        UserError, match="PQN's layer normalisation, which Stable-Baselines3 alone cannot load"
    ):
        export(whole, "sb3", tmp_path)


def test_q_values_are_rewards_as_they_are():
    policy = policy_for("cartpole", reward_scale=0.1)
    player = Player(policy, envs.find("cartpole").observation_space)
    obs = np.array([0.1, 0.2, 0.3, 0.4], "f4")
    decision = player.act(obs)
    assert decision.q_values is not None and decision.probabilities is None
    with torch.no_grad():
        np.testing.assert_allclose(decision.q_values, 10 * policy(torch.from_numpy(obs)[None])[0], rtol=1e-5)
    assert decision.action == decision.q_values.argmax() and decision.value == decision.q_values.max()
    other = player.act(obs, mask=np.arange(2) != decision.action)
    assert other.action == 1 - decision.action


def test_the_chance_of_random_actions_falls_as_it_says():
    settings = PQNSettings(total_timesteps=1000, exploration_fraction=0.5, exploration_final_eps=0.1)
    assert [settings.exploration(step) for step in (0, 250, 500, 1000)] == pytest.approx(
        [1.0, 0.55, 0.1, 0.1]
    )


def test_self_play_is_for_two_players():
    with pytest.raises(UserError, match="two players"):
        next(train("cartpole", PQNSettings(self_play=True), Run.create("cartpole", {"agent": "pqn"})))
    with pytest.raises(UserError, match="pendulum"):
        settings_for("pendulum", "pqn")


def test_a_preset_says_which_agent_comes_first():
    assert agent_for("minatar_breakout") == "pqn" and agent_for("cartpole") == agent_for("fold") == "ppo"
    assert all(isinstance(settings_for(contest.target, "pqn"), PQNSettings) for contest in CONTESTS)


def test_what_never_arrives_is_given_up_and_says_so():
    endless, contest = float("inf"), CONTESTS[0]
    shown = table(contest, {"PQN": [1.0, 2.0, 3.0], "DQN": [4.0, endless, endless]}, 10.0)
    assert shown["rows"] == [
        ["PQN", "2.00", "3 of 3", "1.00, 2.00, 3.00"],
        ["DQN", "not within 10 s", "1 of 3", "4.00, -, -"],
    ]
    assert shown["note"].endswith("PQN is more than 5.0 times as soon.")
    neither = table(contest, {"PQN": [endless], "DQN": [4.0]}, 10.0)
    assert neither["rows"][0][1] == "not within 10 s" and "times as soon" not in neither["note"]
    with pytest.raises(UserError, match="do not meet in 'cartpol'"):
        bench(True, ["cartpol"])


@pytest.mark.thorough
def test_against_itself_it_learns_who_wins():
    """A board of 4x4 where one more stone wins: the values of the game, for whoever moves."""
    settings = dataclasses.replace(
        settings_for("connect_four", "pqn"),
        total_timesteps=200_000,
        params={"opponent": 1.0, "rows": 4.0, "columns": 4.0},
        final_episodes=200,
        eval_every=200_000,
        self_play=True,
        policy="mlp",
        hidden=(128,),
        learning_rate=1e-3,
    )
    run = Run.create("connect_four", {"agent": "pqn", "seed": 0, "threads": 1, "device": "cpu"})
    for _ in train("connect_four", settings, run):
        pass
    at_random = evaluate_policy("connect_four", Player.load(run, 0).playing(), 100, params=settings.params)
    # Against random play, which it never met.
    assert run.metrics()[-1]["eval_low"] > at_random["interval"].high + 0.1
