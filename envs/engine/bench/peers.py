"""Speeds of the environments beside those of others: Gymnasium, EnvPool, and their own rules uncompiled."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import warnings
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

import envs
from envs.engine.bench.contestants import Contestant, take_turns
from envs.engine.core.batch import Batch
from envs.engine.vector import BatchVectorEnv

SIZES = (64, 1024)
"""Sizes of the batches that are compared."""


def namesake(name: str) -> str:
    """The id of one of our environments without our prefix: that of the same one elsewhere."""
    return envs.find(name).id.partition("/")[2]


def gymnasium_table(names: Sequence[str], quick: bool) -> dict[str, Any]:
    """The environments that Gymnasium has as well, against its vector environments."""
    rounds, budget = (3, 0.02) if quick else (9, 0.1)
    rows = []
    for name in names:
        if namesake(name) not in gymnasium.registry:
            continue
        hand_vectorised = gymnasium.spec(namesake(name)).vector_entry_point is not None
        for n in SIZES:
            crowd = {"ours": ours(name, n), "sync": _of_gymnasium(name, n, "sync")}
            if hand_vectorised:
                crowd["vector"] = _of_gymnasium(name, n, "vector_entry_point")
            times = take_turns(crowd, rounds, budget)
            row = [name, n, _speed(crowd["ours"], times["ours"])]
            row += _times_faster(times, "sync")
            row += _times_faster(times, "vector") if hand_vectorised else ["", ""]
            rows.append(row)
    return {
        "title": "Against Gymnasium",
        "columns": [
            "environment", "envs", "steps/s", "times SyncVectorEnv", "rounds", "times its own vector env",
            "rounds ",
        ],
        "rows": rows,
        "note": f"Public VectorEnv.step, one thread, in turns in one process; median of {rounds} rounds of "
        f"{budget} s. Of these environments Gymnasium has vectorised only CartPole by hand.",
    }  # fmt: skip


def has_envpool() -> bool:
    """Whether EnvPool is installed."""
    return importlib.util.find_spec("envpool") is not None


def envpool_table(names: Sequence[str], quick: bool) -> dict[str, Any]:
    """The environments that EnvPool has as well, against it: with one thread, and as it comes."""
    rounds, budget = (3, 0.02) if quick else (15, 0.1)
    envpool: Any = importlib.import_module("envpool")
    known = set(envpool.list_all_envs())
    rows = []
    for name in names:
        if namesake(name) not in known:
            continue
        for n in SIZES:
            crowd = {"ours": ours(name, n)}
            for key, settings in (("one", {"num_threads": 1}), ("default", {})):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    pool = envpool.make_gymnasium(namesake(name), num_envs=n, **settings)
                crowd[key] = Contestant(_Pool(pool, n), actions=_pool_actions(name, n))
            times = take_turns(crowd, rounds, budget)
            row: list[Any] = [name, n, _speed(crowd["ours"], times["ours"])]
            for key in ("one", "default"):
                row.append(_speed(crowd[key], times[key]))
                row += _times_faster(times, key)
            rows.append(row)
    return {
        "title": "Against EnvPool",
        "columns": [
            "environment", "envs", "steps/s", "EnvPool, 1 thread", "times", "rounds", "EnvPool as it comes",
            "times ", "rounds ",
        ],
        "rows": rows,
        "note": f"EnvPool {envpool.__version__}, synchronous, through make_gymnasium(id, num_envs=n).step; "
        f"ours through the public VectorEnv.step with one thread, in turns in one process; "
        f"median of {rounds} rounds of {budget} s.",
    }  # fmt: skip


def python_table(names: Sequence[str], quick: bool) -> dict[str, Any]:
    """Compiled rules against the same ones in plain Python."""
    rounds, budget = (3, 0.02) if quick else (7, 0.1)
    compiled, plain, steps = SIZES[1], 8, 32 if quick else 128
    rows = []
    for name in names:
        environment = envs.find(name)
        vector = BatchVectorEnv(environment, plain, max_episode_steps=environment.max_episode_steps)
        vector.batch = Batch(
            environment, plain, max_episode_steps=environment.max_episode_steps, backend="python"
        )
        with np.errstate(all="ignore"):
            crowd = {"compiled": ours(name, compiled), "plain": Contestant(vector, steps=steps)}
            times = take_turns(crowd, rounds, budget)
        fast, slow = (_speed(crowd[key], times[key]) for key in ("compiled", "plain"))
        rows.append([name, fast, slow, round(fast / slow)])
    return {
        "title": "Compiled against plain Python",
        "columns": ["environment", "compiled, steps/s", "plain Python, steps/s", "times"],
        "rows": rows,
        "note": f"The same functions, {compiled:,} copies compiled and {plain} as they stand, both behind "
        f"the public VectorEnv.step with one thread; medians of {rounds} rounds of {budget} s.",
    }


def ours(name: str, num_envs: int) -> Contestant:
    """An environment of ours in one thread."""
    return Contestant(gymnasium.make_vec(envs.find(name).id, num_envs=num_envs, num_threads=1))


class _Pool:
    """EnvPool with the attribute that Gymnasium's vector environments have."""

    def __init__(self, pool: Any, num_envs: int) -> None:
        self.reset, self.step, self.num_envs = pool.reset, pool.step, num_envs


def _pool_actions(name: str, num_envs: int) -> list[np.ndarray]:
    """Random actions for EnvPool, which takes `Discrete` ones as int32."""
    space = envs.find(name).action_space
    space.seed(0)
    kind = np.int32 if isinstance(space, spaces.Discrete) else space.dtype
    return [np.array([space.sample() for _ in range(num_envs)], kind) for _ in range(64)]


def _of_gymnasium(name: str, num_envs: int, mode: str) -> Contestant:
    return Contestant(gymnasium.make_vec(namesake(name), num_envs=num_envs, vectorization_mode=mode))


def _speed(contestant: Contestant, times: list[float]) -> int:
    return round(contestant.steps_per_second(statistics.median(times)))


def _times_faster(times: dict[Any, list[float]], other: str) -> list[Any]:
    """How many times the seconds of ours another one takes: the median, and the least and the most."""
    ratios = [theirs / mine for mine, theirs in zip(times["ours"], times[other], strict=True)]
    return [round(statistics.median(ratios), 1), f"{min(ratios):.1f} to {max(ratios):.1f}"]
