"""A race as frames for the browser: both pictures, who won, and a pause to read it."""

import json

from agents.viewing.racer import Racer
from apps.arena.race_stage import HOLD, RaceStage


def test_both_pictures_come_and_the_end_is_said_and_stays():
    stage = RaceStage("cartpole", (Racer("baseline"), Racer("random")), {})
    frames = list(stage.feed.payload()["frames"])
    assert stage.feed.payload()["titles"] == ["Hand-written player", "Random actions"]
    while not stage.race.results:
        stage.feed.answer({"stream": stage.feed.stream, "batch": stage.feed.batch + 1, "count": 200})
        frames += json.loads(json.dumps(stage.feed.payload()))["frames"]
    assert all(frame["d"] and len(frame["others"]) == 1 for frame in frames)
    hows = [[how for _, how in frame["said"]] for frame in frames]
    assert hows[0] == ["on", "on"]
    ends = [i for i, how in enumerate(hows) if how == ["won", "lost"]]
    assert len(ends) >= HOLD * stage.feed.scene.fps, "it stays on the screen"
    assert "Won so far: 1 to 0" in frames[ends[0]]["board"]
    assert "Won so far: 0 to 0" in frames[ends[0] - 1]["board"]
    over = next(frame for frame in frames if "over at step" in frame["said"][1][0])
    assert over["t"] < 200


def test_physics_begin_the_tally_anew():
    stage = RaceStage("catch", (Racer("baseline"), Racer("baseline")), {})
    stage.feed.answer({"stream": stage.feed.stream, "batch": 1, "count": 100})
    assert stage.race.standing.won[2]
    stage.turn({})
    assert stage.race.standing.won[2], "nothing has changed"
    stage = RaceStage("cartpole", (Racer("baseline"), Racer("baseline")), {})
    stream = stage.feed.stream
    stage.turn({"gravity": 2.0})
    assert stage.feed.stream != stream
    assert {episode.params["gravity"] for episode in stage.race.episodes} == {2.0}
