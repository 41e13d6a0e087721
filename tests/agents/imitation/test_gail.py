"""Imitation: what is shown, what is judged, and that the environment's reward is never learned from."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.envs import (
    IdentityEnv,
    IdentityEnvBox,
    IdentityEnvMultiBinary,
    IdentityEnvMultiDiscrete,
)
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv

import agents.bench.imitation
import envs
from agents.batch_vec_env import BatchVecEnv
from agents.environments import find_target
from agents.evaluate import FIRST_SEED, evaluate_policy
from agents.export import export
from agents.imitation import GAIL, Demonstrations, Discriminator
from agents.imitation.discriminator import moved
from agents.imitation.expert import DEMONSTRATION_SEED, find_expert, record
from agents.player import Player
from agents.settings import GAILSettings, settings_for
from agents.train import train
from agents.vec_env import make_vec_env
from sandbox.errors import UserError
from sandbox.runs import Run

pytestmark = pytest.mark.thorough


def small(target: str = "cartpole", **changes) -> Any:
    changes = {"eval_episodes": 2, "final_episodes": 20, "total_timesteps": 6144, **changes}
    return dataclasses.replace(settings_for(target, "gail"), **changes)


def trained(settings, target="cartpole", seed=0) -> Run:
    run = Run.create(target, {"agent": "gail", "seed": seed})
    for _ in train(target, settings, run):
        pass
    return run


@pytest.fixture
def noise(monkeypatch):
    """In training the environment's rewards are noise; evaluations do not go this way."""
    honest, draws = BatchVecEnv.step_into, np.random.default_rng(0)

    def step_into(self, actions, obs, rewards):
        found = honest(self, actions, obs, rewards)
        rewards[:] = 100 * draws.standard_normal(len(rewards))
        return found

    def use():
        monkeypatch.setattr(BatchVecEnv, "step_into", step_into)

    return use


@pytest.mark.thorough
def test_it_learns_from_demonstrations_while_rewards_are_noise(noise):
    noise()
    settings = small(total_timesteps=80_000, demonstrations="4", eval_every=10**9)
    run = trained(settings, seed=1)
    expert = run.config["expert"]
    assert expert["name"] == "baseline" and expert["episodes"] == 4 and expert["pairs"] == 2000
    first, last = evaluate_policy("cartpole", Player.load(run, 0).act_batch, 20), run.metrics()[-1]
    assert first["interval"].high < 100
    assert last["eval_return"] > 400
    assert last["step"] >= settings.total_timesteps  # that it has solved the environment does not stop it
    for name in ("discriminator_loss", "right_on_expert", "right_on_agent", "policy_loss", "return"):
        assert name in last, name


def test_rewards_of_the_environment_change_nothing(noise):
    true = trained(small())
    noise()
    other = trained(small())
    mine, theirs = true.load_model()[0], other.load_model()[0]
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert true.metrics()[-1]["eval_return"] == other.metrics()[-1]["eval_return"]
    assert true.metrics()[-1]["expert_return"] == 500


def test_demonstrations_are_whole_episodes_of_the_expert_that_nobody_else_plays():
    expert = find_expert("frozen_lake")
    shown = record("frozen_lake", expert, 5, seed=3)
    assert shown.ends == 5 and len(shown.returns) == 5
    assert np.array_equal(expert.act(shown.obs.numpy()), shown.actions.numpy())
    alone = evaluate_policy("frozen_lake", expert.act, 5, DEMONSTRATION_SEED + 3000)
    assert alone["returns"] == shown.returns.tolist() and sum(alone["lengths"]) == len(shown.actions)
    assert DEMONSTRATION_SEED > FIRST_SEED + 10**9
    again, other = record("frozen_lake", expert, 5, seed=3), record("frozen_lake", expert, 5, seed=4)
    assert torch.equal(again.obs, shown.obs) and not torch.equal(other.obs[:40], shown.obs[:40])
    # The limit of steps is not an end.
    assert record("cartpole", find_expert("cartpole"), 2, seed=0).ends == 0


KINDS = [lambda: IdentityEnv(4), lambda: IdentityEnvMultiDiscrete(3), lambda: IdentityEnvMultiBinary(2)]


@pytest.mark.parametrize("kind", [*KINDS, lambda: IdentityEnvBox(eps=0.5)])
def test_any_space_is_judged(kind):
    env = DummyVecEnv([kind] * 4)
    model = GAIL("MlpPolicy", env, n_steps=32, batch_size=64, discriminator_rate=1e-2, seed=0, device="cpu")
    env.observation_space.seed(0)
    obs = torch.from_numpy(np.stack([env.observation_space.sample() for _ in range(400)]))
    model.imitate(Demonstrations(obs, obs, 0, torch.zeros(1).double()))  # the right answer is what is seen
    model.learn(128 * 8)
    other = obs[torch.randperm(400)]
    scores = [model.discriminator(model.discriminator.rows(obs, actions)) for actions in (obs, other)]
    assert scores[0].mean() > scores[1].mean() + 0.15


def test_pictures_are_judged_the_same_whichever_way_they_lie():
    environment = envs.find("snake")
    assert environment.observation_space.shape == (10, 10, 4)
    shown = record("snake", find_expert("snake"), 1, seed=0)
    judges = []
    for space in (environment.observation_space, spaces.Box(0, 255, (4, 10, 10), np.uint8)):
        torch.manual_seed(0)
        judges.append(Discriminator(space, environment.action_space, (8,)))
        judges[-1].look(shown.obs, shown.actions)
        rows = judges[-1].rows(shown.obs, shown.actions)
        assert rows.shape == (len(shown.obs), 404) and rows.min() >= 0 and rows.max() == 1
    straight, turned = judges
    score = straight(straight.rows(shown.obs, shown.actions))
    # As it comes from the environment, to one who sees it turned; and turned already.
    for obs in (shown.obs, shown.obs.movedim(-1, 1)):
        torch.testing.assert_close(turned(turned.rows(obs, shown.actions)), score)


def test_a_discriminator_of_pictures_tells_what_was_done_in_episodes_that_it_has_not_seen():
    shown, unseen = (record("maze", find_expert("maze"), 8, seed=seed) for seed in (0, 1))
    env = make_vec_env("maze", 8)
    options: Any = {"discriminator_steps": 60, "discriminator_batch": 64}
    model = GAIL("BlockCnnPolicy", env, seed=0, device="cpu", **options)
    model.set_logger(Logger(folder=None, output_formats=[]))
    model.imitate(shown)
    model._learn(shown.obs, (shown.actions + 1) % 4)
    assert not model.discriminator.training
    right, wrong = (
        model.discriminator(model.discriminator.rows(unseen.obs, (unseen.actions + turn) % 4))
        for turn in (0, 1)
    )
    assert (right > wrong).float().mean() > 0.8


def test_pictures_are_moved_whole_and_zeros_come_in():
    pictures = torch.arange(1, 2 * 3 * 4 * 4 + 1).view(2, 3, 4, 4).repeat(40, 1, 1, 1)
    found, seen = moved(pictures, 1), set()
    for before, after in zip(pictures, found, strict=True):
        padded = torch.nn.functional.pad(before, (1, 1, 1, 1))
        where = [
            (down, right)
            for down in range(3)
            for right in range(3)
            if torch.equal(after, padded[:, down : down + 4, right : right + 4])
        ]
        assert len(where) == 1
        seen.update(where)
    assert len(seen) == 9 and moved(pictures, 0) is pictures


def rewards(ends, absorbing, form="logit"):
    """Rewards of one rollout of an untrained policy, whose poles fall, and which steps are ends."""
    options: Any = {"absorbing": absorbing, "reward_form": form, "discriminator_steps": 0, "gae_lambda": 0.0}
    model = GAIL(
        "MlpPolicy", make_vec_env("cartpole", 8), n_steps=64, gamma=0.9, seed=0, device="cpu", **options
    )
    shown = record("cartpole", find_expert("cartpole"), 2, seed=0)
    model.imitate(dataclasses.replace(shown, ends=ends))
    model.learn(1)
    rollout: Any = model._rollout
    return rollout.rewards, rollout.dones


def test_an_end_is_worth_what_the_expert_thinks_of_it(monkeypatch):
    monkeypatch.setattr("agents.imitation.gail.MEMORY", 0.0)
    plain, ended = rewards(0, absorbing=False)
    assert 5 < ended.sum() < 100
    never = rewards(0, absorbing=True)[0] - plain
    often = rewards(5000, absorbing=True)[0] - plain
    # To an expert who never ends an episode, ends are bad and every other step is a little good; the other
    # way round for one who ends more often than the agent.
    assert (never[ended] < -0.5).all() and (never[~ended] > 0).all()
    assert (often[ended] > 0.5).all() and (often[~ended] < 0).all()
    assert never[~ended].std() < 1e-6
    assert (rewards(0, False, "positive")[0] > 0).all() and (rewards(0, False, "negative")[0] < 0).all()


def test_resume_is_exact(resumes_exactly):
    settings = small(total_timesteps=2048 * 4)
    whole = resumes_exactly("cartpole", settings, {"agent": "gail", "seed": 1}, stop_at=2048 * 2)
    _, tensors, values = whole.load_resume()
    assert values["model"]["absorbing_share"] > 0.1
    assert {"expert/obs", "discriminator/mean", "discriminator_optimizer/0/exp_avg"} <= tensors.keys()


@pytest.fixture(scope="module")
def player_of_gymnasium(tmp_path_factory):
    """A short training of PPO in somebody else's environment."""
    root = tmp_path_factory.mktemp("experts")
    run = Run.create("Pendulum-v1", {"agent": "ppo", "seed": 0}, root=root)
    settings = dataclasses.replace(
        settings_for("Pendulum-v1"), total_timesteps=256, num_envs=2, eval_episodes=1, final_episodes=1
    )
    for _ in train("Pendulum-v1", settings, run):
        pass
    return run


def test_the_agent_of_another_run_can_be_imitated_anywhere(player_of_gymnasium, tmp_path):
    changes = {"total_timesteps": 256, "num_envs": 2, "demonstrations": "2", "final_episodes": 2}
    run = trained(small("Pendulum-v1", expert=str(player_of_gymnasium.path), **changes), "Pendulum-v1")
    found = run.config["expert"]
    assert (found["name"], found["step"], found["pairs"]) == (player_of_gymnasium.name, 256, 400)
    assert found["low"] <= found["return"] <= found["high"]
    player = Player.load(run)
    obs = np.array([0.5, -0.5, 1.0], np.float32)
    stock = stable_baselines3.PPO.load(export(run, "sb3", tmp_path / "agent.zip"), device="cpu")
    np.testing.assert_allclose(stock.predict(obs, deterministic=True)[0], player.act(obs).action, rtol=1e-5)


def test_mistakes_are_one_sentence(player_of_gymnasium, monkeypatch):
    with pytest.raises(UserError, match="Pendulum-v1 has no hand-written player to imitate: train an agent"):
        find_expert("Pendulum-v1")
    with pytest.raises(UserError, match="plays Pendulum-v1; it cannot show how to play cartpole"):
        find_expert("cartpole", str(player_of_gymnasium.path))
    Run.create("cartpole", {"agent": "ppo"})
    with pytest.raises(UserError, match="Did you mean cartpole-001"):
        find_expert("cartpole", "cartpole-002")
    task = Run.create("vision/digits", {"kind": "task"})
    with pytest.raises(UserError, match="learned a task"):
        find_expert("cartpole", task.name)
    with pytest.raises(UserError, match="demonstrations must be from 1 to 100,000, not 0"):
        trained(small(demonstrations="0"))
    with pytest.raises(UserError, match="discriminator_steps must be from 1 to 10,000, not 0"):
        trained(small(discriminator_steps=0))
    with pytest.raises(UserError, match="at most 4,096 numbers, not 7,500"):
        Discriminator(spaces.Box(0, 255, (7500,), np.float32), spaces.Discrete(2), (8,))
    with pytest.raises(UserError, match="at most 131,072 numbers, not 187,500"):
        Discriminator(spaces.Box(0, 255, (250, 250, 3), np.uint8), spaces.Discrete(2), (8,))
    monkeypatch.setattr(GAIL, "_obstacle", lambda self: "it is somebody's own")
    with pytest.raises(UserError, match=r"our own PPO runs.*somebody's own"):
        trained(small())


def test_cloning_agrees_with_what_it_was_shown(monkeypatch):
    monkeypatch.setattr(agents.bench.imitation, "CLONING_STEPS", 400)
    settings = settings_for("cartpole", "gail")
    assert isinstance(settings, GAILSettings)
    shown = record("cartpole", find_expert("cartpole"), 1, seed=0)
    model = agents.bench.imitation.clone("cartpole", settings, shown, seed=0)
    player = Player(model.policy, find_target("cartpole").spaces()[0])
    assert (player.act_batch(shown.obs.numpy()) == shown.actions.numpy()).mean() > 0.85
