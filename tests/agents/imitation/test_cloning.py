"""Behavioural cloning: it learns from pairs alone, and goes on exactly."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from agents.imitation.expert import find_expert, record
from agents.player import Player
from agents.settings import settings_for
from agents.train import train
from sandbox.errors import UserError
from sandbox.runs import Run

pytestmark = pytest.mark.thorough


SHORT: dict[str, Any] = {"eval_every": 10**9, "eval_episodes": 1, "final_episodes": 1}
QUICK: dict[str, Any] = {"total_timesteps": 100, "demonstrations": "2", "batch_size": 64, **SHORT}


def run_of(target: str, **changes: Any) -> Run:
    settings = settings_for(target, "clone")
    changes = {**QUICK, **changes}
    run = Run.create(target, {"agent": "clone", "seed": 0})
    for _ in train(target, dataclasses.replace(settings, **changes), run):
        pass
    return run


def test_it_does_what_it_was_shown_without_playing():
    run = run_of("maze", total_timesteps=200, demonstrations="4", batch_size=256)
    shown, unseen = (record("maze", find_expert("maze"), 4, seed=seed) for seed in (0, 1))
    player = Player.load(run)
    assert (player.act_batch(shown.obs.numpy()) == shown.actions.numpy()).mean() > 0.95
    # A quarter of the actions would be right by chance.
    assert (player.act_batch(unseen.obs.numpy()) == unseen.actions.numpy()).mean() > 0.7
    assert player.act(shown.obs.numpy()[0]).value is None  # it knows no rewards
    last = run.metrics()[-1]
    assert last["step"] == 200 and last["cloning_loss"] < 0.3 and "return" not in last
    assert run.config["expert"]["pairs"] == len(shown.actions)


def test_resume_is_exact(resumes_exactly):
    settings = dataclasses.replace(settings_for("cartpole", "clone"), **QUICK)
    resumes_exactly("cartpole", settings, {"agent": "clone", "seed": 0}, stop_at=50)


def test_a_memory_is_refused_in_one_sentence():
    with pytest.raises(UserError, match=r"a memory is for .*; clone learns from single steps"):
        run_of("cartpole", policy="lstm")
    settings = dataclasses.replace(settings_for("cartpole", "gail"), policy="lstm", clone_steps=1)
    with pytest.raises(UserError, match="Cloning learns from single steps"):
        for _ in train("cartpole", settings, Run.create("cartpole", {"agent": "gail"})):
            pass


def test_gail_begins_with_cloning_and_goes_on_with_it():
    """Its first agent that plays has cloned; with PPO's own steps at nothing, so does the last."""
    changes: dict[str, Any] = {"total_timesteps": 128, "num_envs": 4, "learning_rate": 0.0, **SHORT}
    changes |= {"demonstrations": "2", "clone_steps": 100, "discriminator_batch": 32}
    settings = dataclasses.replace(settings_for("maze", "gail"), **changes)
    run = Run.create("maze", {"agent": "gail", "seed": 0})
    for _ in train("maze", settings, run):
        pass
    shown = record("maze", find_expert("maze"), 2, seed=0)
    right = [
        (Player.load(run, step).act_batch(shown.obs.numpy()) == shown.actions.numpy()).mean()
        for step in (0, 128)
    ]
    assert right[0] < 0.5 and right[1] > 0.8
    assert np.isfinite(run.metrics()[-1]["cloning_loss"])
