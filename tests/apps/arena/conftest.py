"""A real agent for the Arena's tests."""

import dataclasses

import pytest

from agents.settings import settings_for
from agents.train import train
from sandbox.runs import Run


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory) -> Run:
    """The page's first agent, its training cut short after two rollouts."""
    settings = dataclasses.replace(settings_for("cartpole"), total_timesteps=2048, final_episodes=2)
    run = Run.create("cartpole", {"agent": "ppo", "seed": 0}, tmp_path_factory.mktemp("runs"))
    for _ in train("cartpole", settings, run):
        pass
    run.update_status(state="done")
    return run
