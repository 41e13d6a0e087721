"""PQN with a memory: updates see what was held while playing, exact resume, players, and that it needs it."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from agents import make_vec_env
from agents.evaluate import evaluate, evaluate_policy
from agents.export import export
from agents.player import Player
from agents.policies import CnnFeatures
from agents.policies.remembering import KINDS, Sequences
from agents.pqn import PQN
from agents.pqn.memory import MemoryNetwork, QMemoryPolicy
from agents.pqn.rollout import SequenceSamples, samples_of
from agents.settings import PQNSettings, settings_for
from agents.train import train
from agents.training.build import build_model
from agents.viewing.episode import Episode
from sandbox.errors import UserError
from sandbox.runs import Run


def pqn(kind: str, **options: Any) -> PQN:
    """In episodes of which some fall and some are cut off."""
    env = make_vec_env("cartpole", 8, 0, env_kwargs={"max_episode_steps": 12})
    options = {"n_steps": 16, "batch_size": 64, "seed": 0, "device": "cpu", **options}
    network = {"net_arch": [16], "kind": kind, "memory": 8, "normalize_obs": False}
    return PQN(QMemoryPolicy, env, policy_kwargs=network, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_sees_what_was_held_while_playing(kind):
    model = pqn(kind)
    model.learn(3 * 16 * 8)  # the third rollout begins in the middle of episodes
    # Returns are numbers here that tell which sample it is.
    played = dataclasses.replace(model._rollout, returns=torch.arange(16.0 * 8).view(16, 8))
    network = model._parts()[0]
    assert isinstance(network, MemoryNetwork) and played.memory is not None
    assert played.memory.any() and played.starts[1:].any()
    # An update has changed the policy since: see the same observations again and compare with the pieces.
    memory, again = played.memory, []
    with torch.no_grad():
        for t in range(16):
            memory = memory.masked_fill(played.starts[t][:, None], 0.0)
            q_values, memory = network.act(played.obs[t], memory)
            again.append(q_values.gather(1, played.actions[t][:, None])[:, 0])
        wanted = torch.stack(again).flatten()
        samples = samples_of(played, network, 32, torch.device("cpu"))
        assert isinstance(samples, SequenceSamples)
        minibatches = list(samples.epoch())
        assert len(minibatches) == 4  # of two environments, 16 steps each
        for batch in minibatches:
            assert isinstance(batch.obs, Sequences)
            found = network.forward(batch.obs).gather(1, batch.actions[:, None])[:, 0]
            torch.testing.assert_close(found, wanted[batch.returns.long()], atol=1e-5, rtol=1e-5)


def test_a_truncated_episode_is_valued_with_what_was_held_at_its_end():
    model, finals = pqn("lstm", gamma=0.5, q_lambda=0.0), []

    def spy(local: dict[str, Any], _: dict[str, Any]) -> bool:
        late = [(i, info["terminal_observation"]) for i, info in enumerate(local["infos"]) if _cut_off(info)]
        finals.extend((local["t"], i, obs.copy()) for i, obs in late)
        return True

    _, callback = model._setup_learn(16 * 8, spy)
    assert model.env is not None and isinstance(model.policy, QMemoryPolicy)
    model.collect_rollouts(model.env, callback, model.rollout_buffer, 16)
    played = model._rollout
    assert finals
    for t, i, final in finals:
        begin = int(played.starts[: t + 1, i].nonzero().max())
        seen: Tensor = torch.cat([played.obs[begin : t + 1, i], torch.from_numpy(final)[None]])
        with torch.no_grad():
            q_values, _ = model.policy.run(seen[None], model.policy.nothing(1))
        assert played.returns[t, i].item() == pytest.approx(1 + 0.5 * q_values[0, -1].max().item(), abs=1e-5)


def _cut_off(info: dict[str, Any]) -> bool:
    return bool(info.get("TimeLimit.truncated"))


def test_predict_takes_back_what_it_held_also_after_loading(tmp_path):
    model = pqn("gru")
    model.learn(16 * 8)
    model.save(tmp_path / "model")
    loaded = PQN.load(tmp_path / "model", device="cpu")
    obs = np.random.default_rng(0).normal(size=(5, 8, 4)).astype("f4")
    state, held = None, model.policy.nothing(8)
    for seen in obs:
        actions, state = loaded.predict(seen, state, deterministic=True)
        with torch.no_grad():
            q_values, held = model.policy.run(torch.from_numpy(seen)[:, None], held)
        np.testing.assert_array_equal(actions, q_values[:, 0].argmax(1))
        assert state is not None
        np.testing.assert_array_equal(state[0], held)


SMALL: dict[str, Any] = {"num_envs": 8, "num_steps": 16, "batch_size": 64, "hidden": (16,), "memory": 16}
SMALL |= {"total_timesteps": 1280, "eval_episodes": 2, "final_episodes": 2, "stop_when_solved": False}


def run_of(kind: str) -> tuple[PQNSettings, Run]:
    settings = settings_for("cartpole_no_velocity", "pqn")
    assert isinstance(settings, PQNSettings)
    run = Run.create("cartpole_no_velocity", {"agent": "pqn", "seed": 4, "threads": 1, "device": "cpu"})
    return dataclasses.replace(settings, policy=kind, learning_rate=3e-3, **SMALL), run


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["lstm", "rnn"])
def test_many_episodes_at_once_are_the_same_as_each_alone(kind, tmp_path):
    settings, run = run_of(kind)
    for _ in train("cartpole_no_velocity", settings, run):
        pass
    player = Player.load(run)
    assert player.remembers
    found = evaluate(run, episodes=6, seed=50)
    alone = []
    for seed in range(50, 56):
        *_, last = Episode("cartpole_no_velocity", player, seed=seed, ops=False)
        alone.append(last.step)
    assert found["lengths"] == alone
    assert evaluate_policy("cartpole_no_velocity", player.act_batch, 6, 50)["lengths"] != alone
    with pytest.raises(UserError, match=f"{kind} block, which Stable-Baselines3 alone cannot load"):
        export(run, "sb3", tmp_path)


@pytest.mark.thorough
def test_stopped_and_resumed_it_ends_bit_identical(resumes_exactly):
    settings, _ = run_of("lstm")
    whole = resumes_exactly("cartpole_no_velocity", settings, {"agent": "pqn", "seed": 4}, stop_at=640)
    assert whole.load_resume()[1]["env/memory"].any()


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "right"), [("lstm", True), ("gru", True), ("mlp", False)])
def test_only_a_memory_keeps_the_bit(kind, right):
    settings = dataclasses.replace(
        settings_for("memory_chain", "pqn"), policy=kind, total_timesteps=30_000, eval_every=10_000
    )
    run = Run.create("memory_chain", {"agent": "pqn", "seed": 0, "threads": 1, "device": "cpu"})
    for _ in train("memory_chain", settings, run):
        pass
    row = run.metrics()[-1]
    # A guess gives 1 or -1.
    assert (row["eval_low"] > 0.9) if right else (row["eval_high"] < 0.4)


@pytest.mark.thorough
def test_pictures_pass_through_a_cnn_first():
    settings = dataclasses.replace(settings_for("snake", "pqn"), policy="gru", **SMALL, channels=(4,))
    model = build_model(settings, make_vec_env("snake", 8), torch.device("cpu"), 0)
    model.learn(2 * 8 * 16)
    policy = model.policy
    assert isinstance(policy, QMemoryPolicy) and isinstance(policy.features_extractor, CnnFeatures)
    assert policy.obs_scale is None
