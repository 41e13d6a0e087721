"""The benchmark: its tables, how it counts, and the ratios that must hold on any machine."""

import pytest

from envs.engine import bench as bench_module
from envs.engine.bench import Contestant, bench, take_turns
from envs.engine.vector import BatchVectorEnv


def test_tables_are_complete():
    speeds, ratios, starts = bench(quick=True)
    for table in (speeds, ratios, starts):
        assert table.keys() == {"title", "columns", "rows", "note"}
        assert table["rows"]
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert [row[0] for row in speeds["rows"]] == list(bench_module.QUICK)
    assert all(value > 1000 for row in speeds["rows"] for value in row[1:])
    assert [row[0] for row in ratios["rows"]] == [64, 1024]
    # Half of what is promised, because the machine may be busy: 40 and 100 times over SyncVectorEnv, 4 and 2
    # times over Gymnasium's own vectorised CartPole.
    for (_, _, sync, _, vector, _), wanted in zip(ratios["rows"], ((20, 2), (50, 1)), strict=True):
        assert sync > wanted[0]
        assert vector > wanted[1]


def test_contestants_count_real_steps_only():
    contestant = Contestant(BatchVectorEnv("cartpole", 16, max_episode_steps=4))
    assert contestant.real_steps == pytest.approx(0.8, abs=0.01)
    assert contestant.steps_per_second(0.001) == pytest.approx(16 * 0.8 / 0.001, rel=0.02)


def test_everybody_gets_a_turn_in_every_round():
    order = []

    class Player(Contestant):
        def __init__(self, name):
            self.name = name

        def seconds_per_step(self, budget):
            order.append((self.name, budget))
            return 0.5

    times = take_turns({"a": Player("a"), "b": Player("b")}, 2, 0.1)
    assert order == [("a", 0.1), ("b", 0.1)] * 2
    assert times == {"a": [0.5, 0.5], "b": [0.5, 0.5]}
