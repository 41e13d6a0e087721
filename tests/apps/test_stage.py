"""Episodes as frames for the browser, for every kind of observation and action."""

import json
from itertools import pairwise

import numpy as np
import pytest

from apps.arena.limits import POINTS, grid
from apps.arena.stage import Stage
from envs.engine.environment import Param

KINDS = ("cartpole", "snake", "pendulum", "frozen_lake")
"""Numbers, pixels, continuous actions, a discrete observation."""


@pytest.mark.parametrize("target", KINDS)
def test_watching_gives_frames_that_json_knows(target):
    stage = Stage(target, "watch", "random", {})
    opening = stage.feed.payload()
    assert [frame["t"] for frame in opening["frames"]] == [0]
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "count": 60})
    frames = json.loads(json.dumps(stage.feed.payload()))["frames"]
    assert len(frames) >= 60
    sees = stage.scene.sees
    assert sees is not None
    numbers = len(sees["names"]) if sees["kind"] == "numbers" else 10 * 10 * len(sees["names"])
    for frame in frames:
        assert frame["d"][0][0] == "background"
        assert len(frame["o"]) == numbers
        if frame["p"] is not None:
            assert sum(frame["p"]) == pytest.approx(1.0, abs=0.01)
    # Steps follow each other, and an episode's end is followed by the next one's beginning.
    steps = [frame["t"] for frame in opening["frames"] + frames]
    assert all(later in (now, now + 1, 0) for now, later in pairwise(steps))


def test_a_board_that_is_seen_lowest_row_first_is_shown_as_it_stands():
    stage = Stage("connect_four", "watch", "random", {})
    lands = np.reshape(stage.feed.payload()["frames"][0]["o"], (6, 7, 3))[..., 2]
    assert lands[-1].sum() >= 6  # one stone at most lies there
    assert not lands[:-2].any()


def test_a_person_plays_until_the_end_and_once_more():
    stage = Stage("cartpole", "play", "human", {})
    batch = 0
    while not stage.feed.finished:
        batch += 1
        stage.feed.answer({"stream": stage.feed.stream, "batch": batch, "actions": [0, None, 0]})
        assert batch < 100
    assert stage.returns == [stage.feed.frames[-1]["g"]]
    assert f"{stage.returns[0]:g}" in stage.feed.notice
    assert "Press a key to play again" in stage.feed.notice
    before = stage.feed.stream
    stage.feed.answer({"stream": before, "batch": batch + 1, "restart": True})
    assert stage.feed.stream != before
    assert not stage.feed.notice
    assert [frame["t"] for frame in stage.feed.frames] == [0]


@pytest.mark.parametrize("nonsense", [7, -1, "left", [0, 1], {"a": 1}, 1e99])
def test_nonsense_from_the_browser_is_no_action(nonsense):
    stage = Stage("cartpole", "play", "human", {})
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "actions": [nonsense]})
    assert [frame["t"] for frame in stage.feed.frames] == [1]


def test_physics_turn_in_the_middle_of_an_episode():
    stage = Stage("cartpole", "watch", "baseline", {})
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "count": 20})
    stream = stage.feed.stream
    stage.turn({})
    assert stage.feed.stream == stream
    stage.turn({"gravity": 1.0})
    assert stage.feed.stream != stream
    assert stage.episode.params["gravity"] == 1.0
    assert stage.feed.frames[0]["t"] == 20
    stage.turn({})
    assert stage.episode.params["gravity"] == 9.8, "back to the default"
    with pytest.raises(Exception, match="gravity") as caught:
        stage.turn({"gravity": 1000.0})
    assert getattr(caught.type, "user_error", False)


def test_age_is_scrubbed_without_a_new_episode(make_run):
    run = make_run("cartpole", "done")
    stage = Stage("cartpole", "watch", "agent", {}, run)
    assert stage.loaded == 200
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "count": 5})
    step = stage.episode.moment.step
    value = stage.feed.frames[-1]["v"]
    stage.scrub(0)
    assert stage.loaded == 0
    assert stage.feed.frames[0]["t"] == step
    assert stage.feed.frames[0]["v"] != value
    stage.scrub(None)
    assert stage.loaded == 200


def test_who_follows_a_training_gets_its_newest_agent(make_run):
    run = make_run("cartpole", "running")
    stage = Stage("cartpole", "watch", "agent", {}, run)
    tensors, _ = run.load_model(100)
    run.save_checkpoint(300, tensors, {"step": 300, "agent": "ppo"}, None)
    for batch in range(1, 6):
        stage.feed.answer({"stream": stage.feed.stream, "batch": batch, "count": 240})
    assert stage.returns
    assert stage.loaded == 300


def test_an_unknown_environment_is_a_sentence():
    with pytest.raises(Exception, match="cartpol") as caught:
        Stage("cartpol", "watch", "random", {})
    assert getattr(caught.type, "user_error", False)


@pytest.mark.parametrize(
    "param", [Param(9.8, low=0.0, high=30.0), Param(0.1, low=0.01, high=2.0), Param(100, low=20, high=1000)]
)
def test_grid_of_a_parameter_covers_its_range_and_has_its_default(param):
    values = grid(param, param.default)
    assert values == sorted(values)
    assert len(values) <= POINTS
    assert param.default in values
    assert param.low <= values[0] <= values[-1] <= param.high
    if isinstance(param.default, int):
        assert all(value == round(value) for value in values)
