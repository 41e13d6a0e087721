"""Two players in the same episodes: who wins, what counts, and how sure a difference is."""

import numpy as np
import pytest

from agents.viewing.race import Race
from agents.viewing.race_session import RaceWatcher
from agents.viewing.racer import Racer, racer_of, run_at
from agents.viewing.standing import FEW, Standing
from envs.engine.canvas.window import Press, Window
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval

WRITTEN, CHANCE = Racer("baseline"), Racer("random")


def to_the_end(race: Race) -> Race:
    while not race.over:
        race.play()
    return race


def test_both_play_the_same_episode_on_one_clock():
    race = Race("cartpole", (WRITTEN, CHANCE), seed=7)
    first, second = race.episodes
    assert np.array_equal(first.moment.obs, second.moment.obs)
    race.play()
    assert (first.moment.step, second.moment.step) == (1, 1)
    to_the_end(race)
    assert first.moment.step > second.moment.step, "who is over waits"
    assert race.winner == 0
    assert race.results == {7: (first.moment.episode_return, second.moment.episode_return)}
    race.restart(8)
    assert np.array_equal(first.moment.obs, second.moment.obs) and race.step == 0


def test_the_same_player_ties_with_itself():
    race = to_the_end(Race("catch", (WRITTEN, WRITTEN)))
    assert race.winner is None
    assert race.standing.won == (0, 0, 1)


def test_only_whole_episodes_of_the_same_two_count_and_each_seed_once():
    race = to_the_end(Race("cartpole", (CHANCE, WRITTEN)))
    race.restart(0)
    to_the_end(race)
    assert race.standing.episodes == 1, "the same episode again"
    race.restart(1)
    race.play()
    race.change(0, WRITTEN)
    assert race.standing.episodes == 0 and race.standing.names[0] == WRITTEN.name
    to_the_end(race)
    assert not race.results, "somebody else played its beginning"
    race.restart(2)
    to_the_end(race)
    race.turn({"gravity": 3.0})
    assert not race.results and {each.params["gravity"] for each in race.episodes} == {3.0}
    race.turn({})
    assert {each.params["gravity"] for each in race.episodes} == {9.8}


def test_back_takes_only_those_back_who_were_still_playing():
    race = to_the_end(Race("cartpole", (WRITTEN, CHANCE)))
    ended, last = race.episodes[1].moment, race.step
    race.back()
    assert race.step == last - 1 and not race.over
    assert race.episodes[1].moment is ended


def test_the_difference_is_that_of_pairs():
    first, second = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0], [9.0, 19.0, 29.0, 39.0, 50.0, 62.0]
    standing = Standing(("a", "b"), (first, second))
    assert standing.won == (4, 1, 1)
    assert standing.difference == bootstrap_interval([1.0, 1.0, 1.0, 1.0, 0.0, -2.0])
    assert "neither" in standing.verdict()
    clear = Standing(("a", "b"), (second, [value + 1 for value in second]))
    assert clear.verdict().startswith("Clearly better: b, by 1 in"), clear.verdict()
    assert clear.improvement is not None and clear.improvement.mean < 0.5
    few = Standing(("a", "b"), ([1.0] * (FEW - 1), [0.0] * (FEW - 1)))
    assert few.difference is None and few.improvement is None
    assert "Clearly" not in few.verdict()


def test_words_for_racers():
    import torch

    run = Run.create("cartpole", {"kind": "agent"}, state="done")
    with pytest.raises(UserError, match="no checkpoint"):
        racer_of(run.name)
    for step in (0, 1000, 5000):
        run.save_checkpoint(step, {"weight": torch.zeros(1)}, {"step": step})
    assert racer_of("baseline") == WRITTEN
    assert (racer_of(run.name).step, racer_of(f"{run.name}@1400").step) == (5000, 1000)
    assert run_at(f"{run.path}@12")[1] == 12
    with pytest.raises(UserError, match="nobody"):
        racer_of("nobody@3")
    with pytest.raises(UserError, match="agent"):
        racer_of("agent")


def test_the_window_says_who_won_and_waits_for_both():
    watcher = RaceWatcher(Race("catch", (WRITTEN, CHANCE), seed=3), episodes=2)
    with Window("test", watcher.episode.world.size, headless=(900, 500), count=2) as window:
        assert len(window.frame().pictures) == 2
        while not watcher.race.over:
            watcher.play_one()
        watcher.draw(window.frame())
        before = window.frame().whole.pixels.copy()
        seed = watcher.race.seed
        watcher.play_one()
        assert watcher.race.seed == seed + 1 and watcher.race.step == 0
        watcher.draw(window.frame())
        assert (window.frame().whole.pixels != before).any()
        watcher.handle(Press("space", False), window)
        assert watcher.paused
        watcher.handle(Press("right", False), window)
        watcher.handle(Press("left", False), window)
        assert watcher.race.step == 0
        while not watcher.closed:
            watcher.play_one()
    assert watcher.race.standing.episodes == 2
