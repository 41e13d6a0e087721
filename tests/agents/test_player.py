"""Players: loaded from checkpoints, deciding quickly and as the policy does."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from gymnasium import spaces

from agents.environments import find_target
from agents.player import Player
from agents.settings import DQNSettings, settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.runs import Run


def trained(target: str, agent: str = "ppo", **changes) -> Run:
    settings = dataclasses.replace(
        settings_for(target, agent), **{"eval_episodes": 2, "final_episodes": 2, **changes}
    )
    run = Run.create(target, {"agent": agent, "seed": 0})
    for _ in train(target, settings, run):
        pass
    return run


def observations(target: str, count: int = 6) -> np.ndarray:
    space, _ = find_target(target).spaces()
    space.seed(0)
    return np.stack([np.asarray(space.sample()) for _ in range(count)]).clip(-5, 255)


CASES = [
    ("cartpole", "ppo", {"total_timesteps": 2048}),
    ("cartpole", "a2c", {"total_timesteps": 400}),
    ("cartpole", "dqn", {"total_timesteps": 1500, "learning_starts": 100}),
    ("snake", "ppo", {"total_timesteps": 512, "num_envs": 8, "num_steps": 16, "batch_size": 64}),
    ("Pendulum-v1", "ppo", {"total_timesteps": 512, "num_envs": 4, "num_steps": 16, "batch_size": 64}),
    ("Pendulum-v1", "sac", {"total_timesteps": 140, "learning_starts": 100, "hidden": (16,)}),
]


@pytest.mark.quick("ppo-*")
@pytest.mark.parametrize(("target", "agent", "changes"), CASES, ids=[f"{c[1]}-{c[0]}" for c in CASES])
def test_it_decides_as_the_policy_it_was_saved_from(target, agent, changes):
    run = trained(target, agent, **changes)
    player = Player.load(run.name)
    assert (player.target, player.params, player.run) == (target, {}, run.name)
    assert player.step == run.checkpoints()[-1]
    obs = observations(target)
    actions = player.act_batch(obs)
    expected, _ = player.policy.predict(obs, deterministic=True)
    np.testing.assert_allclose(actions, expected, atol=1e-5)
    assert actions.dtype == player.action_space.dtype
    for row, action in zip(obs, actions, strict=True):
        decision = player.act(row)
        np.testing.assert_allclose(decision.action, action, atol=1e-5)
        assert player.action_space.contains(decision.action)
        assert decision.value is not None and np.isfinite(decision.value)
        if isinstance(player.action_space, spaces.Discrete):
            assert isinstance(decision.action, int)
        if agent in ("ppo", "a2c") and isinstance(player.action_space, spaces.Discrete):
            assert decision.probabilities is not None
            assert decision.probabilities.sum() == pytest.approx(1)
            assert decision.action == decision.probabilities.argmax()
        else:
            assert decision.probabilities is None


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory):
    run = Run.create("cartpole", {"seed": 1}, root=tmp_path_factory.mktemp("runs"))
    settings = dataclasses.replace(settings_for("cartpole"), total_timesteps=4096, final_episodes=2)
    for _ in train("cartpole", settings, run):
        pass
    return run


def test_every_age_can_be_loaded(cartpole):
    steps = cartpole.checkpoints()
    assert steps[0] == 0 and steps[-1] == 4096
    young, old = Player.load(cartpole, 0), Player.load(cartpole)
    assert (young.step, old.step) == (0, 4096)
    obs = observations("cartpole")
    assert young.act(obs[0]).value != old.act(obs[0]).value
    with pytest.raises(UserError, match="nearest is 4096"):
        Player.load(cartpole, 5000)


def test_drawn_actions_follow_the_probabilities(cartpole):
    player = Player.load(cartpole, 0)
    obs = np.zeros((2000, 4), np.float32)
    probabilities = player.act(obs[0]).probabilities
    assert probabilities is not None
    share = player.act_batch(obs, deterministic=False).mean()
    assert share == pytest.approx(probabilities[1], abs=0.05)


IN_TURNS = """
import sys, time
import numpy as np
import torch
from agents.player import Player

torch.set_num_threads(1)
player, obs, times = Player.load(sys.argv[1]), np.zeros(4, np.float32), ([], [])
for _ in range(200):
    for act, taken in zip((player.act, player.policy.predict), times):
        start = time.perf_counter()
        act(obs, deterministic=True)
        taken.append(time.perf_counter() - start)
# The best of many, as other processes may take the processor away.
print(min(times[0]), min(times[1]))
"""


@pytest.mark.thorough
def test_a_decision_takes_less_time_than_the_prediction_of_stable_baselines3(cartpole):
    """It has probabilities and a value, too. In another process, as types are checked at each call here."""
    command = [sys.executable, "-c", IN_TURNS, str(cartpole.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ours, theirs = map(float, done.stdout.split())
    assert ours < theirs


def test_mistakes_are_one_sentence(cartpole):
    with pytest.raises(UserError, match=r"shape \(4,\)"):
        Player.load(cartpole).act(np.zeros(3))
    with pytest.raises(UserError, match="no run named"):
        Player.load("nothing-here")
    task = Run.create("vision/classify", {})
    with pytest.raises(UserError, match="learned a task"):
        Player.load(task)


def test_a_young_dqn_explores_as_it_did():
    settings = dataclasses.replace(
        settings_for("cartpole", "dqn"), total_timesteps=1000, learning_starts=100, exploration_fraction=0.5
    )
    assert isinstance(settings, DQNSettings)
    assert [settings.exploration(step) for step in (0, 99, 250, 500, 1000)] == pytest.approx(
        [1.0, 1.0, 1.0 - 0.95 / 2, 0.05, 0.05]
    )
    run = trained("cartpole", "dqn", total_timesteps=400, learning_starts=100)
    run.update_status(state="done")
    young, old = Player.at_age(run, 0), Player.at_age(run)
    obs = observations("cartpole", 1)[0]
    assert {young.act(obs).action for _ in range(50)} == {0, 1}
    assert len({old.act(obs).action for _ in range(50)}) == 1
