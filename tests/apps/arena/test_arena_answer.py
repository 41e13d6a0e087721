"""The sentence below the Arena's heading."""

from apps.arena.answer import sentence
from apps.arena.scores import RANDOM, WRITTEN
from apps.studio.charts.intervals import Score

RANDOMLY = Score(name=RANDOM, mean=22.0, low=20.0, high=24.0)


def agent(mean: float) -> Score:
    return Score(name="agent at step 8,192", mean=mean, low=mean - 2, high=mean + 2, tries=100)


def written(mean: float) -> Score:
    return Score(name=WRITTEN, mean=mean, low=mean - 1, high=mean + 1)


def test_an_agent_is_told_with_those_it_beats_and_whether_it_is_solved():
    told = sentence("cartpole", "done", [RANDOMLY, written(300.0), agent(480.0)], 475.0)
    assert told == (
        "The agent at step 8,192 has a mean return of **480.0** over 100 unseen episodes; "
        "the hand-written player 300.0, random actions 22.0. Solved: 475 or more."
    )
    assert "Solved" not in sentence("cartpole", "done", [agent(400.0)], 475.0)


def test_a_player_that_is_clearly_ahead_is_told_first():
    told = sentence("cartpole", "done", [RANDOMLY, written(500.0), agent(480.0)], 475.0)
    assert told.startswith(
        "The hand-written player still does better, with a mean return of 500.0; the agent"
    )
    assert told.endswith("over 100 unseen episodes, random actions 22.0.")
    assert not sentence("cartpole", "done", [written(482.5), agent(480.0)], None).startswith("The hand")


def test_before_there_is_an_agent_it_says_what_to_beat():
    assert sentence("snake", None, [RANDOMLY], None) == (
        "No agent has learned snake yet; press *Train*. To beat: random actions 22.0."
    )
    assert sentence("snake", "running", [], None) == "An agent is learning snake."
