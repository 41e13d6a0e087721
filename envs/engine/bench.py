"""Speeds of the environments, measured where users feel them: at the public `VectorEnv.step`.

Contestants take turns in one process, so that whatever else the machine does meets all of them; ratios are
medians over these rounds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import gymnasium
from gymnasium.vector import VectorEnv

import envs

SIZES = (1, 64, 1024)
"""Sizes of the batches."""

QUICK = ("cartpole", "snake")
"""The environments of a quick look; the others would have to be compiled first."""

START = """
import json, sys, time
begin = time.perf_counter()
import envs, numba, numba.np.arraymath, filelock
from envs.engine.vector import BatchVectorEnv
imported = time.perf_counter()
vector = BatchVectorEnv(sys.argv[1], 2)
vector.reset(seed=0)
vector.step(vector.action_space.sample())
print(json.dumps([imported - begin, time.perf_counter() - imported]))
"""
"""Imports, then everything until the first step; numba imports `numba.np.arraymath` by itself, but later."""


class Contestant:
    """A vector environment that is stepped with random actions drawn beforehand."""

    def __init__(self, vector: VectorEnv, seed: int = 0) -> None:
        """Reset the environments and play them in, so that they are in the middle of their episodes."""
        self.vector = vector
        vector.action_space.seed(seed)
        self._actions = [vector.action_space.sample() for _ in range(64)]
        vector.reset(seed=seed)
        steps, resets = max(64, min(512, 16384 // vector.num_envs)), 0
        for t in range(steps):
            _, _, terminated, truncated, _ = vector.step(self._actions[t % 64])
            resets += int((terminated | truncated).sum())
        self.real_steps = 1.0 - resets / (steps * vector.num_envs)
        """Share of steps not spent on resets: in NEXT_STEP mode a reset takes a step of its own."""

    def seconds_per_step(self, budget: float) -> float:
        """Mean seconds of one `step` of all environments, over about `budget` seconds."""
        step, actions = self.vector.step, self._actions
        steps, begin = 0, time.perf_counter()
        while True:
            for row in actions[:8]:
                step(row)
            steps += 8
            seconds = time.perf_counter() - begin
            if seconds >= budget:
                return seconds / steps

    def steps_per_second(self, seconds_per_step: float) -> float:
        """Steps of single environments in a second, without those spent on resets."""
        return self.vector.num_envs * self.real_steps / seconds_per_step


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Measure everything.

    Args:
        quick: fewer and shorter rounds and two environments only; for tests and a first look.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".
    """
    return [speed_table(quick), ratio_table(quick), start_table(quick)]


def speed_table(quick: bool) -> dict[str, Any]:
    """Steps per second of each environment at several sizes of the batch."""
    rounds, budget = (3, 0.02) if quick else (9, 0.15)
    rows = []
    for name in QUICK if quick else envs.names():
        env_id = envs.find(name).id
        crowd = {n: Contestant(gymnasium.make_vec(env_id, num_envs=n)) for n in SIZES}
        times = take_turns(crowd, rounds, budget)
        speeds = [crowd[n].steps_per_second(statistics.median(times[n])) for n in SIZES]
        rows.append([name, *(round(speed) for speed in speeds)])
    return {
        "title": "Steps per second",
        "columns": ["environment", *(f"{n} env{'s' if n > 1 else ''}" for n in SIZES)],
        "rows": rows,
        "note": "One thread, gymnasium.make_vec(id, num_envs=n).step(actions) with random actions, NEXT_STEP "
        f"autoreset, steps spent on resets not counted; median of {rounds} rounds of {budget} s.",
    }


def ratio_table(quick: bool) -> dict[str, Any]:
    """CartPole against both of Gymnasium's vector environments, in turns."""
    rounds, budget = (3, 0.02) if quick else (15, 0.1)
    rows = []
    for n in SIZES[1:]:
        crowd = {
            "ours": Contestant(gymnasium.make_vec("sandbox/CartPole-v1", num_envs=n)),
            "vector": Contestant(
                gymnasium.make_vec("CartPole-v1", num_envs=n, vectorization_mode="vector_entry_point")
            ),
            "sync": Contestant(gymnasium.make_vec("CartPole-v1", num_envs=n, vectorization_mode="sync")),
        }
        times = take_turns(crowd, rounds, budget)
        row: list[Any] = [n, round(crowd["ours"].steps_per_second(statistics.median(times["ours"])))]
        for other in ("sync", "vector"):
            ratios = [b / a for a, b in zip(times["ours"], times[other], strict=True)]
            row.append(round(statistics.median(ratios), 1))
            row.append(f"{min(ratios):.1f} to {max(ratios):.1f}")
        rows.append(row)
    return {
        "title": "CartPole against Gymnasium",
        "columns": ["envs", "steps/s", "times SyncVectorEnv", "rounds", "times CartPoleVectorEnv", "rounds"],
        "rows": rows,
        "note": f"Public VectorEnv.step, one thread, in turns in one process; median of {rounds} rounds of "
        f"{budget} s. CartPoleVectorEnv is Gymnasium's own hand-vectorised CartPole.",
    }  # fmt: skip


def start_table(quick: bool) -> dict[str, Any]:
    """Seconds until the first step: in the first process ever, and in later ones."""
    repeats = 1 if quick else 5
    rows = []
    for name in QUICK[:1] if quick else envs.names():
        with tempfile.TemporaryDirectory() as folder:
            _, first = _start(name, folder)
            later = [_start(name, folder) for _ in range(repeats)]
        imports = statistics.median(imported for imported, _ in later)
        rows.append(
            [name, round(first, 2), round(statistics.median(s for _, s in later), 3), round(imports, 2)]
        )
    return {
        "title": "Seconds until the first step",
        "columns": ["environment", "first use (compiles)", "later processes", "imports, not included"],
        "rows": rows,
        "note": f"New process each, empty cache for the first; later ones: median of {repeats}.",
    }


def take_turns(crowd: dict[Any, Contestant], rounds: int, budget: float) -> dict[Any, list[float]]:
    """Seconds per step of each contestant in each round."""
    times: dict[Any, list[float]] = {key: [] for key in crowd}
    for _ in range(rounds):
        for key, contestant in crowd.items():
            times[key].append(contestant.seconds_per_step(budget))
    return times


def _start(name: str, cache: str) -> tuple[float, float]:
    """Seconds of imports and of the way from there to the first step, in a new process."""
    settings = {**os.environ, "SANDBOX_CACHE": cache}
    run = subprocess.run(
        [sys.executable, "-c", START, name], env=settings, capture_output=True, text=True, check=True
    )
    imported, started = json.loads(run.stdout.splitlines()[-1])
    return imported, started
