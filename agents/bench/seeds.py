"""Eight seeds at once, beside the same eight seeds one after the other.

At once means one batched product in one process, or one in each of as many processes as there are cores, as
`sandbox train NAME --seeds 8` does. All are whole trainings: environments, updates, evaluations, checkpoints,
in turns, so that a busy machine slows all alike.
"""

from __future__ import annotations

import dataclasses
import functools
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from agents.settings import AgentSettings, settings_for
from agents.train import train
from agents.train_seeds import train_together
from sandbox.beside import Beside, can_fork, shares
from sandbox.devices import cores, one_thread
from sandbox.runs import Run

BENCH = {"name": "seeds", "title": "Several seeds at once", "long": True}
SEEDS = 8


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about four minutes, or a minute if quick.

    Args:
        quick: a single turn.

    Returns:
        Tables: title, columns, rows, note.
    """
    with one_thread():
        turns = 1 if quick else 5
        fixed = {"total_timesteps": 20_480, "stop_when_solved": False}
        pictures = {"total_timesteps": 8192, "num_steps": 32, "stop_when_solved": False}
        game, few = "minatar_breakout", {"batch_size": 256}
        cnn = dataclasses.replace(settings_for(game, agent="ppo"), **pictures)
        trainings = [
            ("cartpole", "20,480 steps each", dataclasses.replace(settings_for("cartpole"), **fixed)),
            ("cartpole", "until it is solved", settings_for("cartpole")),
            (game, "8,192 steps each, minibatches of 2,048", cnn),
            (game, "the same, minibatches of 256", dataclasses.replace(cnn, **few)),
        ]
        ways = _ways(cores() if can_fork() else 1)
        rows = [_row(target, how, settings, turns, ways) for target, how, settings in trainings]
    return [
        {
            "title": f"{SEEDS} seeds of PPO, whole trainings with evaluations and checkpoints",
            "columns": [
                "training",
                *(f"{way} s" for way in ways),
                *(f"{way}: times sooner" for way in [*ways][1:]),
            ],
            "rows": rows,
            "note": f"Medians of {turns} turns; times sooner than one after the other with one thread: the "
            "median of each turn's ratio, with the least and the most. Starting the first process is not "
            "counted, starting the others is.",
        }
    ]


Work = Callable[[str, AgentSettings, Path], None]


def _ways(processes: int) -> dict[str, Work]:
    """How the seeds are trained, by the words for it; the first is what the others are compared with."""
    ways: dict[str, Work] = {"one after the other": functools.partial(_one_after_the_other, threads=1)}
    if processes > 1:
        words = f"one after the other, {processes} threads"
        ways[words] = functools.partial(_one_after_the_other, threads=processes)
    ways["at once"] = functools.partial(_at_once, processes=1)
    if processes > 1:
        ways[f"at once, {processes} processes"] = functools.partial(_at_once, processes=processes)
    return ways


def _row(target: str, how: str, settings: AgentSettings, turns: int, ways: Mapping[str, Work]) -> list[str]:
    for work in ways.values():
        _timed(work, target, settings)  # compiles
    taken = [[_timed(work, target, settings) for work in ways.values()] for _ in range(turns)]
    seconds = [f"{median(each):.2f}" for each in zip(*taken, strict=True)]
    ratios = [[turn[0] / turn[i] for turn in taken] for i in range(1, len(ways))]
    return [f"{target}, {how}", *seconds, *map(_with_range, ratios)]


def _with_range(ratios: list[float]) -> str:
    return f"{median(ratios):.1f} [{min(ratios):.1f}, {max(ratios):.1f}]"


def _timed(work: Work, target: str, settings: AgentSettings) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        work(target, settings, Path(folder))
        return time.perf_counter() - begin


def _runs(target: str, folder: Path, threads: int) -> list[Run]:
    config = {"agent": "ppo", "threads": threads, "device": "cpu"}
    return [Run.create(target, {**config, "seed": seed}, folder) for seed in range(SEEDS)]


def _one_after_the_other(target: str, settings: AgentSettings, folder: Path, *, threads: int) -> None:
    for run in _runs(target, folder, threads):
        for _ in train(target, settings, run):
            pass


def _at_once(target: str, settings: AgentSettings, folder: Path, *, processes: int) -> None:
    own, *rest = shares(_runs(target, folder, 1), processes)
    helpers = [Beside(functools.partial(_train, target, settings, share)) for share in rest]
    _train(target, settings, own)
    for helper in helpers:
        if not helper.result():
            raise RuntimeError("A process that trained some of the seeds ended without a word.")


def _train(target: str, settings: AgentSettings, runs: Sequence[Run]) -> bool:
    for _ in train_together(target, settings, runs):
        pass
    return True
