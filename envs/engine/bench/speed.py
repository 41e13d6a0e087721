"""Speeds of the environments, measured where users feel them: at the public `VectorEnv.step`.

Contestants take turns in one process, so that whatever else the machine does meets all of them; ratios are
medians over these rounds. `peers.py` has the tables that compare, `cuda_speed.py` those of a GPU.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import Any

import gymnasium

import envs
from envs.engine.bench.contestants import Contestant, take_turns
from envs.engine.core.threads import cores
from envs.engine.cuda.cuda_compile import has_cuda

BENCH = {"name": "envs", "title": "Environments"}
SIZES = (1, 64, 1024, 8192)
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


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Measure everything.

    Args:
        quick: fewer and shorter rounds and two environments only; for tests and a first look.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".
    """
    from envs.engine.bench import cuda_speed, peers

    tables = [speed_table(quick)]
    if has_cuda():
        tables.append(cuda_speed.speed_table(chosen(quick), quick))
    else:
        tables[0]["note"] += " There is no GPU here, so nothing was measured on one."
    tables.append(peers.gymnasium_table(chosen(quick), quick))
    if peers.has_envpool():
        tables.append(peers.envpool_table(chosen(quick), quick))
    return [*tables, peers.python_table(chosen(quick), quick), start_table(quick)]


def chosen(quick: bool) -> list[str]:
    """Names of the environments to measure."""
    return list(QUICK) if quick else envs.names()


def speed_table(quick: bool) -> dict[str, Any]:
    """Steps per second of each environment at several sizes of the batch, and of the largest in threads."""
    rounds, budget = (3, 0.02) if quick else (9, 0.15)
    threads, largest = cores(), SIZES[-1]
    rows = []
    for name in chosen(quick):
        env_id = envs.find(name).id
        crowd: dict[Any, Contestant] = {
            n: Contestant(gymnasium.make_vec(env_id, num_envs=n, num_threads=1)) for n in SIZES
        }
        crowd["threads"] = Contestant(gymnasium.make_vec(env_id, num_envs=largest, num_threads=threads))
        times = take_turns(crowd, rounds, budget)
        speeds = [crowd[key].steps_per_second(statistics.median(times[key])) for key in crowd]
        gain = statistics.median(
            one / all_of_them for one, all_of_them in zip(times[largest], times["threads"], strict=True)
        )
        rows.append([name, *(round(speed) for speed in speeds), round(gain, 2)])
    return {
        "title": "Steps per second",
        "columns": [
            "environment",
            *(f"{n:,} env{'s' if n > 1 else ''}" for n in SIZES),
            f"{largest:,} envs, {threads} threads",
            "times one thread",
        ],
        "rows": rows,
        "note": "gymnasium.make_vec(id, num_envs=n, num_threads=1).step(actions) with random actions, "
        "NEXT_STEP autoreset, steps spent on resets not counted; median of "
        f"{rounds} rounds of {budget} s. Threads: as many of {threads} as pay.",
    }


def start_table(quick: bool) -> dict[str, Any]:
    """Seconds until the first step: in the first process ever, and in later ones."""
    repeats = 1 if quick else 5
    rows = []
    for name in chosen(quick)[:1] if quick else chosen(quick):
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


def _start(name: str, cache: str) -> tuple[float, float]:
    """Seconds of imports and of the way from there to the first step, in a new process."""
    settings = {**os.environ, "SANDBOX_CACHE": cache}
    run = subprocess.run(
        [sys.executable, "-c", START, name], env=settings, capture_output=True, text=True, check=True
    )
    imported, started = json.loads(run.stdout.splitlines()[-1])
    return imported, started
