"""Imitate me: from play in the browser to an agent that plays like it."""

import numpy as np
import pytest

from agents.environments import find_target
from agents.imitation.recordings import read
from agents.player import Player
from agents.viewing.recording import Recording
from apps.arena import imitate
from apps.arena.controls import Choice
from apps.arena.stage import Stage
from sandbox.cli import main
from sandbox.errors import UserError
from sandbox.runs import list_runs, runs_dir


def stage_with(recording: Recording | None = None, target: str = "maze") -> Stage:
    stage = Stage(target, "play", "human", {}, pace="step")
    stage.record(Recording(None, stage.episode.world) if recording is None else recording)
    return stage


def press(stage: Stage, games: int) -> None:
    """Play as the browser does, a key at a time, what the hand-written player would."""
    environment = stage.episode.world.environment
    assert environment is not None
    for _ in range(games):
        if stage.episode.moment.over:
            stage.feed.answer({"stream": stage.feed.stream, "batch": stage.feed.batch + 1, "restart": True})
        while not stage.episode.moment.over:
            action = int(environment.baseline_step(stage.episode.moment.obs, None)[0])
            want = {"stream": stage.feed.stream, "batch": stage.feed.batch + 1, "actions": [action]}
            stage.feed.answer(want)


def test_too_little_play_is_one_sentence():
    recording = stage_with().recording
    assert recording is not None
    with pytest.raises(UserError, match="You have played 0 steps here; at least 50 are needed"):
        imitate.keep("maze", recording)
    assert not (runs_dir() / imitate.FOLDER).exists()


@pytest.mark.thorough
def test_play_in_the_browser_becomes_an_agent():
    stage = stage_with()
    press(stage, 3)
    recording = stage.recording
    assert recording is not None and recording.episodes == 3
    file = imitate.keep("maze", recording)
    assert imitate.recordings("maze") == [file] and not imitate.recordings("snake")
    shown = read(file, find_target("maze"))
    assert [round(value, 6) for value in shown.returns.tolist()] == [round(r, 6) for r in stage.returns]
    words = imitate.words(Choice("maze", {}), file, gail=False)
    short = ["--total-timesteps", "150", "--eval-every", "300", "--final-episodes", "1"]
    assert main(["train", *words, *short]) == 0
    (run,) = list_runs()  # the folder of recordings is no run
    right = Player.load(run).act_batch(shown.obs.numpy()) == shown.actions.numpy()
    assert right.mean() > 0.95
    words = imitate.words(Choice("maze", {"rooms": 3}), file, gail=True)
    assert words[words.index("--agent") + 1] == "gail" and "rooms" in words
    imitate._delete(file)
    assert not imitate.recordings("maze")


@pytest.mark.thorough
def test_the_button_starts_a_training_and_recordings_can_be_deleted(open_page, started, read):
    query = {"arena-tab": "Play"}
    at = open_page("arena", session={"arena:target": "maze"}, **query)
    assert "After a minute of play" in read(at)
    stage = at.session_state["arena:stage"][1]
    at.run()
    labels = {button.label for button in at.button}
    assert "Imitate me" not in labels
    press(stage, 2)
    at.run()
    button = {button.label: button for button in at.button}
    button["Forget the last game"].click().run()
    assert "Recorded: 1 game," in read(at)
    press(stage, 3)
    at.run()
    next(b for b in at.button if b.label == "Imitate me").click().run()
    (words,) = started
    file = imitate.recordings("maze")[0]
    assert words[words.index("--demonstrations") + 1] == str(file)
    assert words[words.index("--agent") + 1] == "clone"
    next(b for b in at.button if b.label.startswith("Delete")).click().run()
    assert not file.exists() and not at.exception


@pytest.mark.thorough
def test_physics_that_change_begin_a_recording_anew(open_page):
    at = open_page("arena", session={"arena:target": "maze"}, **{"arena-tab": "Play"})
    stage = at.session_state["arena:stage"][1]
    before = stage.recording
    at.slider(key="arena:maze:rooms").set_value(3).run()
    assert stage.recording is not before and stage.recording.params["rooms"] == 3
    assert np.array_equal(stage.recording._moments[0][0].obs, stage.episode.moment.obs)
