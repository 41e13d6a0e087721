"""The benchmark: its tables, how it counts, and the ratios that must hold on any machine."""

import sys
from types import SimpleNamespace

import gymnasium as gym
import pytest

from envs.engine.bench import peers
from envs.engine.bench import speed as bench_module
from envs.engine.bench.contestants import Contestant, take_turns
from envs.engine.bench.speed import bench
from envs.engine.cuda.cuda_compile import has_cuda
from envs.engine.vector import BatchVectorEnv


@pytest.mark.thorough
def test_tables_are_complete():
    tables = {table["title"]: table for table in bench(quick=True)}
    speeds, ratios = tables["Steps per second"], tables["Against Gymnasium"]
    for table in tables.values():
        assert table.keys() == {"title", "columns", "rows", "note"}
        assert table["rows"]
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert [row[0] for row in speeds["rows"]] == list(bench_module.QUICK)
    assert all(value > 1000 for row in speeds["rows"] for value in row[1:-1])
    assert ("Steps per second on a GPU" in tables) == has_cuda()
    assert ("There is no GPU here" in speeds["note"]) == (not has_cuda())
    assert [row[:2] for row in ratios["rows"]] == [["cartpole", 64], ["cartpole", 1024]]
    # Half of what is promised, because the machine may be busy: 40 and 100 times over SyncVectorEnv, 4 and 2
    # times over Gymnasium's own vectorised CartPole.
    for (_, _, _, sync, _, vector, _), wanted in zip(ratios["rows"], ((20, 2), (50, 1)), strict=True):
        assert sync > wanted[0]
        assert vector > wanted[1]
    assert all(row[-1] > 100 for row in tables["Compiled against plain Python"]["rows"])


def test_envpool_is_measured_where_it_is_installed(monkeypatch):
    made = []

    def make(env_id, num_envs, **settings):
        made.append((env_id, num_envs, settings))
        return gym.make_vec(env_id, num_envs=num_envs, vectorization_mode="sync")

    pool = SimpleNamespace(__version__="9", list_all_envs=lambda: ["CartPole-v1"], make_gymnasium=make)
    monkeypatch.setitem(sys.modules, "envpool", pool)
    monkeypatch.setattr(peers, "SIZES", (4,))
    table = peers.envpool_table(["cartpole", "snake"], quick=True)
    assert made == [("CartPole-v1", 4, {"num_threads": 1}), ("CartPole-v1", 4, {})]
    assert [row[:2] for row in table["rows"]] == [["cartpole", 4]]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])


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
