"""Features learned by looking: what each block learns, and that policies on them train, resume and play."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.preprocessing import preprocess_obs

import envs
from agents.evaluate import evaluate_policy
from agents.player import Player
from agents.policies.features import KINDS, LearnedFeatures, look, random_sights
from agents.ppo.backbones import backbone_for
from agents.ppo.towers import Towers
from agents.settings import AgentSettings, settings_for
from agents.train import train
from agents.training.policy_choice import policy_of
from sandbox.blocks.som import SOM
from sandbox.errors import UserError
from sandbox.runs import Run

pytestmark = pytest.mark.thorough

BLOCKS = {"rbf": "RBFN", "autoencoder": "Autoencoder", "som": "SOM", "rbm": "RBM", "dbn": "DBN"}


def rate(_: float) -> float:
    return 1e-3


def taught(kind, target="cartpole", count=2000, extractor=True, **changes) -> Any:
    """Features that have looked, or the policy on them."""
    settings = dataclasses.replace(settings_for(target), policy=kind, **{"features": 16, **changes})
    environment = envs.find(target)
    policy_class, options = policy_of(settings, environment.observation_space)
    torch.manual_seed(0)
    policy: Any = policy_class(environment.observation_space, environment.action_space, rate, **options)
    look(policy, random_sights(target, count, 16, seed=1))
    return policy.features_extractor if extractor else policy


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["cartpole", "snake", "frozen_lake"])
def test_any_observation_becomes_features_on_the_fast_way(kind, target):
    policy = taught(kind, target, 300, extractor=False)
    block = policy.features_extractor.block
    assert type(block).__name__.endswith(BLOCKS[kind])
    assert not any(p.requires_grad for p in policy.features_extractor.parameters())
    obs = torch.from_numpy(random_sights(target, 400, 16, seed=2)[::50])
    backbone = backbone_for(policy)
    assert isinstance(backbone, Towers)
    features = backbone.prepare(obs)
    assert torch.isfinite(features).all()
    assert features.std(0).max() > 0, "all observations look alike"
    outputs, values = backbone.forward(features)
    theirs = policy.get_distribution(obs).distribution.logits
    torch.testing.assert_close(outputs.log_softmax(1), theirs.log_softmax(1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(values, policy.predict_values(obs)[:, 0], rtol=1e-4, atol=1e-5)


def prepared(target, count, seed):
    """Observations as an extractor gets them."""
    raw = torch.from_numpy(random_sights(target, count, 16, seed))
    ready = preprocess_obs(raw, envs.find(target).observation_space)
    assert isinstance(ready, torch.Tensor)
    return ready


def test_bumps_lie_where_observations_are():
    extractor = taught("rbf")
    x = extractor.before(prepared("cartpole", 500, seed=9))
    nearest = torch.cdist(x, extractor.block.centres).amin(1)
    assert nearest.mean() < 0.5 * x.norm(dim=1).mean()


def test_the_code_keeps_what_observations_are_made_of():
    extractor = taught("autoencoder", "snake", 4000, features=48)
    x = prepared("snake", 500, seed=9)
    rebuilt, flat = extractor.block(x.flatten(1)), x.flatten(1)
    assert (rebuilt - flat).square().mean() < 0.85 * (flat - flat.mean(0)).square().mean()
    torch.testing.assert_close(extractor(x).std(0), torch.ones(48), rtol=0.3, atol=0.3)


def test_a_map_has_a_place_for_every_kind_of_observation():
    features = taught("som")(prepared("cartpole", 2000, seed=9))
    torch.testing.assert_close(features.sum(1), torch.ones(2000))
    assert len(features.argmax(1).unique()) >= 14


@pytest.mark.parametrize("kind", ["rbm", "dbn"])
def test_machines_tell_what_is_seen_from_what_could_not_be(kind):
    extractor = taught(kind, "snake", 4000, features=48)
    x = prepared("snake", 500, seed=9).flatten(1)
    shuffled = torch.stack([column[torch.randperm(500)] for column in x.T], 1)
    for machine in getattr(extractor.block, "rbms", [extractor.block]):
        seen, other = machine(x), machine(shuffled)  # free energies
        assert (seen[:, None] < other).double().mean() > 0.57
        x, shuffled = machine.hidden_mean(x), machine.hidden_mean(shuffled)


def test_points_of_small_bounded_spaces_are_seen_too():
    box: Any = envs.find("mountain_car").observation_space
    seen = random_sights("mountain_car", 400, 16, seed=0)
    assert seen.shape == (800, 2)
    assert (seen >= box.low).all() and (seen <= box.high).all()
    assert seen[:400, 0].max() < 0.0 < seen[400:, 0].max()
    assert len(random_sights("cartpole", 400, 16, seed=0)) == 400
    assert np.array_equal(seen, random_sights("mountain_car", 400, 16, seed=0))
    play = random_sights("mountain_car", 400, 16, seed=0, look_at="play")
    space = random_sights("mountain_car", 400, 16, seed=0, look_at="space")
    assert np.array_equal(seen, np.concatenate([play, space]))
    with pytest.raises(UserError, match="those of cartpole are not"):
        random_sights("cartpole", 400, 16, seed=0, look_at="space")


def small(**changes) -> AgentSettings:
    changes = {"eval_episodes": 2, "final_episodes": 10, "stop_when_solved": False, **changes}
    return dataclasses.replace(settings_for("cartpole", changes.pop("agent", "ppo")), **changes)


def test_training_learns_resumes_exactly_and_plays(resumes_exactly):
    settings = small(policy="rbf", features=48, look_steps=2000, total_timesteps=1024 * 24)
    whole = resumes_exactly("cartpole", settings, {"seed": 2}, stop_at=1024 * 9)
    first, mine = whole.load_model(0)[0], whole.load_model()[0]
    frozen = [name for name in first if name.startswith("features_extractor.")]
    assert len(frozen) >= 4 and all(torch.equal(first[name], mine[name]) for name in frozen)
    player = Player.load(whole)
    learned = evaluate_policy("cartpole", player.act_batch, 20)["interval"]
    before = evaluate_policy("cartpole", Player.load(whole, 0).act_batch, 20)["interval"]
    assert learned.low > 2 * before.high


@pytest.mark.thorough
@pytest.mark.parametrize(("agent", "target"), [("a2c", "cartpole"), ("dqn", "cartpole"), ("sac", "pendulum")])
def test_other_agents_take_features_too(agent, target):
    settings = dataclasses.replace(
        settings_for(target, agent),
        policy="som",
        features=9,
        hidden=(16,),
        look_steps=200,
        total_timesteps=160,
        eval_episodes=2,
        final_episodes=2,
        **({"learning_starts": 100} if agent != "a2c" else {}),
    )
    run = Run.create(target, {"agent": agent, "seed": 0})
    for _ in train(target, settings, run):
        pass
    player = Player.load(run)
    maps = [m for m in player.policy.modules() if isinstance(m, SOM)]
    assert maps
    for other in maps:
        torch.testing.assert_close(other.codebook, maps[0].codebook)
    assert np.isfinite(run.metrics()[-1]["eval_return"])


def test_sizes_follow_the_observations():
    space = spaces.Box(-1, 1, (5,), np.float32)
    assert LearnedFeatures(space, "autoencoder", 64).features_dim == 5
    assert LearnedFeatures(space, "som", 50).features_dim == 49
    assert LearnedFeatures(space, "dbn", 20).features_dim == 20


@pytest.mark.parametrize("changes", [{"features": 0}, {"features": 1}, {"look_steps": 0}])
def test_too_little_to_learn_from_is_one_sentence(changes):
    settings = dataclasses.replace(settings_for("cartpole"), policy="rbf", **changes)
    with pytest.raises(UserError, match=f"{next(iter(changes))} must be from 2 to .*, not"):
        next(train("cartpole", settings, Run.create("cartpole", {"seed": 0})))
