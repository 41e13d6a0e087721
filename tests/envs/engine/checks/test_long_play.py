"""Playing long before use: what is remembered, and what a replay of a rollout finds."""

import numpy as np
import pytest

import envs
from envs.engine.checks import long_play
from envs.engine.core.batch import Batch
from envs.engine.core.batch_arrays import Arrays
from envs.engine.errors import BrokenEnvironment


def test_rules_are_played_once_before_use_and_again_when_they_change(write_environment, monkeypatch):
    calls = []
    monkeypatch.setattr(long_play, "play_long", lambda environment, *_, **settings: calls.append(settings))
    environment = envs.find(write_environment("Once"))
    for params in (None, {}, {"gain": 2.0}, {"gain": 2.0}, {"gain": 1.0}):
        long_play.play_before_use(environment, params)
    assert [call["params"] for call in calls] == [None, {"gain": 2.0}]
    write_environment("Once", step="state.count += 2.0\nreturn 0.0, False")
    long_play.play_before_use(envs.find(environment.file))
    assert len(calls) == 3


def test_the_limit_of_episodes_is_that_of_the_training(write_environment):
    step = "state.count += 1\nif state.count == 3000:\n    state.cells[4] = 1\nreturn 0.0, False"
    path = write_environment("Forget", step=step, observe="obs[0] = 0.0")
    environment = envs.find(path)
    # Its usual limit of 20 steps would hide the fault, as it does in training.
    long_play.play_before_use(environment)
    for _ in range(2):
        with pytest.raises(BrokenEnvironment, match="line 18, in step: IndexError"):
            long_play.play_long(environment, 30.0, limit=None)


def test_a_replay_names_the_line(write_environment):
    path = write_environment(
        "Replayed", step="state.count += action\nx = np.inf if state.count == 5 else 0.0\nreturn x, False"
    )
    batch = Batch(envs.find(path), 3)
    batch.seed(0)
    batch.reset(Arrays(batch).obs)
    before = batch.states.copy()
    with pytest.raises(BrokenEnvironment, match="line 18, in step: the reward is inf in step 4 of"):
        long_play.replay(batch, before[1], np.array([1, 1, 2, 1, 0]))
    long_play.replay(batch, before[1], np.array([1, 1, 2, 2, 0]))
    assert (batch.states == before).all()
