"""Eight seeds as one batched product, beside the same eight seeds one after the other.

Both are the whole training of `sandbox train`: environments, updates, evaluations, checkpoints, with one
thread, in turns, so that a busy machine slows both alike.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from agents.settings import AgentSettings, settings_for
from agents.train import train
from agents.train_seeds import train_together
from sandbox.devices import set_threads
from sandbox.runs import Run

BENCH = {"name": "seeds", "title": "Several seeds at once", "long": True}
SEEDS = 8


def bench(quick: bool) -> list[dict[str, Any]]:
    """Measure; takes about two minutes, or half a minute if quick.

    Args:
        quick: a single turn.

    Returns:
        Tables: title, columns, rows, note.
    """
    threads = set_threads(None)
    set_threads(1)
    try:
        turns = 1 if quick else 5
        fixed = {"total_timesteps": 20_480, "stop_when_solved": False}
        trainings = {
            "cartpole, 20,480 steps each": dataclasses.replace(settings_for("cartpole"), **fixed),
            "cartpole, until it is solved": settings_for("cartpole"),
        }
        rows = [_row(name, settings, turns) for name, settings in trainings.items()]
    finally:
        set_threads(threads)
    return [
        {
            "title": f"{SEEDS} seeds of PPO in CartPole, whole trainings with evaluations and checkpoints",
            "columns": [
                "training", "one after the other s", "at once s", "times sooner", "processor time",
            ],
            "rows": rows,
            "note": f"One thread; medians of {turns} turns; the ratio is the median of each turn's. "
            "Processor time is the same ratio in seconds of the processor.",
        }
    ]  # fmt: skip


def _row(name: str, settings: AgentSettings, turns: int) -> list[str]:
    _timed(_at_once, settings)  # compiles
    alone, together = [], []
    for _ in range(turns):
        alone.append(_timed(_one_after_the_other, settings))
        together.append(_timed(_at_once, settings))
    ratios = [[a[i] / b[i] for a, b in zip(alone, together, strict=True)] for i in range(2)]
    seconds = [f"{median(times[0] for times in each):.2f}" for each in (alone, together)]
    return [name, *seconds, *(f"{median(ratio):.1f}" for ratio in ratios)]


def _timed(work: Callable[[AgentSettings, Path], None], settings: AgentSettings) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        begin, processor = time.perf_counter(), time.process_time()
        work(settings, Path(folder))
        return time.perf_counter() - begin, time.process_time() - processor


def _runs(folder: Path) -> list[Run]:
    config = {"agent": "ppo", "threads": 1, "device": "cpu"}
    return [Run.create("cartpole", {**config, "seed": seed}, folder) for seed in range(SEEDS)]


def _one_after_the_other(settings: AgentSettings, folder: Path) -> None:
    for run in _runs(folder):
        for _ in train("cartpole", settings, run):
            pass


def _at_once(settings: AgentSettings, folder: Path) -> None:
    for _ in train_together("cartpole", settings, _runs(folder)):
        pass
