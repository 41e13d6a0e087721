"""Elo numbers are those the games were played with, and ages play each game once."""

import numpy as np
import pytest

import envs
from agents.planning import ladder
from agents.planning.elo import UNIT, fit_elo, rate
from agents.planning.games import play_games
from agents.planning.ladder import RANDOM, WRITTEN, Ladder, opponents_of
from agents.planning.match import elo_difference
from sandbox.errors import UserError
from sandbox.runs import Run

FOUR = envs.find("connect_four")


def test_the_fit_finds_the_numbers_behind_the_scores():
    true = np.array([0.0, 150.0, 400.0, 900.0])
    expected = 1 / (1 + 10 ** ((true[None, :] - true[:, None]) / 400))
    games = 1000.0 * (1 - np.eye(4))
    assert fit_elo(games * expected, games) == pytest.approx(true, abs=3)
    assert fit_elo(games * expected, games, anchor=2)[2] == 0


def test_two_players_have_the_usual_difference_and_who_lost_all_has_a_number():
    results = np.array([1] * 70 + [0] * 10 + [-1] * 20)
    found = rate([(1, 0, ((results + 1) / 2).tolist())], 2)
    assert found[1].elo == pytest.approx(elo_difference(results), abs=2)
    assert found[1].low < found[1].elo < found[1].high
    assert found[0].elo == found[0].low == found[0].high == 0
    lost = rate([(0, 1, [1.0] * 50)], 2)[1]
    assert -1500 < lost.elo < -600 and np.isfinite([lost.low, lost.high]).all()
    assert abs(UNIT - 173.7) < 0.1


def column(which: int):
    """Plays into one column, so that whoever begins has four first."""
    return lambda: lambda obs: np.full(len(obs), which)


def test_each_pairing_begins_once_either_way():
    found = play_games(FOUR, [column(0), column(1), column(2)], [(0, 1), (1, 2), (2, 0)], opening=0)
    assert found.tolist() == [[1, -1]] * 3
    # Both fill the same column; the seventh stone is that of whoever began, and loses.
    assert play_games(FOUR, [column(0), column(0)], [(0, 1)], opening=0).tolist() == [[-1, 1]]
    with pytest.raises(UserError, match="two players"):
        play_games(envs.find("cartpole"), [], [])


@pytest.fixture
def run(monkeypatch) -> Run:
    """A run whose older age is the hand-written player; the younger takes the first free column."""
    import torch

    from agents.evaluate import HandWritten

    class Young:
        heeds_masks = True

        def __call__(self, obs, masks):
            return masks.argmax(1)

    class Aged:
        def __init__(self, step):
            self.step = step

        @staticmethod
        def load(run, step):
            return Aged(step)

        def playing(self, deterministic):
            assert deterministic
            return HandWritten(FOUR) if self.step else Young()

    monkeypatch.setattr(ladder, "Player", Aged)
    made = Run.create("connect_four", {"kind": "agent", "settings": {"params": {}}}, state="done")
    for step in (0, 500):
        made.save_checkpoint(step, {"weight": torch.zeros(1)}, {"step": step})
    return made


@pytest.mark.thorough
def test_ages_are_rated_and_no_game_is_played_twice(run, monkeypatch):
    first = Ladder(run)
    assert [each.name for each in first.entrants] == [
        RANDOM,
        "wins and blocks",
        WRITTEN,
        "step 0",
        "step 500",
    ]
    first.play(4)
    assert first.openings == 4
    assert first.games == 4 * 2 * 10
    elo = {each.entrant.name: each.rating.elo for each in first.rated()}
    assert elo[RANDOM] == 0 and elo["step 500"] > elo["step 0"] + 100
    assert elo["step 500"] == pytest.approx(elo[WRITTEN], abs=150), "they play alike"

    played = []
    real = ladder.play_games
    monkeypatch.setattr(ladder, "play_games", lambda *args: played.append(len(args[2])) or real(*args))
    second = Ladder(run)
    second.play(4)
    assert not played and second.games == first.games
    second.play(5)
    assert played == [6], "one opening more for each pairing without the environment's own opponent"
    (run.path / ladder.FILE).write_text('{"version": 1, "scores": {"a | b": [7]}}')
    assert Ladder(run).games == 0


def test_opponents_are_named_by_the_help_of_the_parameter():
    assert opponents_of(FOUR) == {2: "wins and blocks"}


def test_only_games_of_two_players_have_a_ladder():
    run = Run.create("cartpole", {"kind": "agent"}, state="done")
    with pytest.raises(UserError, match="two players"):
        Ladder(run)
