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
    """Measure; takes about four minutes, or a minute if quick.

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
        pictures = {"total_timesteps": 8192, "num_steps": 32, "stop_when_solved": False}
        game, few = "minatar_breakout", {"batch_size": 256}
        cnn = dataclasses.replace(settings_for(game, agent="ppo"), **pictures)
        trainings = [
            ("cartpole", "20,480 steps each", dataclasses.replace(settings_for("cartpole"), **fixed)),
            ("cartpole", "until it is solved", settings_for("cartpole")),
            (game, "8,192 steps each, minibatches of 2,048", cnn),
            (game, "the same, minibatches of 256", dataclasses.replace(cnn, **few)),
        ]
        rows = [_row(target, how, settings, turns) for target, how, settings in trainings]
    finally:
        set_threads(threads)
    return [
        {
            "title": f"{SEEDS} seeds of PPO, whole trainings with evaluations and checkpoints",
            "columns": [
                "training", "one after the other s", "at once s", "times sooner", "processor time",
            ],
            "rows": rows,
            "note": f"One thread; medians of {turns} turns; the ratio is the median of each turn's, with the "
            "least and the most. Processor time is the same ratio in seconds of the processor. Starting the "
            "process is not counted.",
        }
    ]  # fmt: skip


def _row(target: str, how: str, settings: AgentSettings, turns: int) -> list[str]:
    _timed(_at_once, target, settings)  # compiles
    alone, together = [], []
    for _ in range(turns):
        alone.append(_timed(_one_after_the_other, target, settings))
        together.append(_timed(_at_once, target, settings))
    ratios = [[a[i] / b[i] for a, b in zip(alone, together, strict=True)] for i in range(2)]
    seconds = [f"{median(times[0] for times in each):.2f}" for each in (alone, together)]
    return [f"{target}, {how}", *seconds, *(_with_range(ratio) for ratio in ratios)]


def _with_range(ratios: list[float]) -> str:
    return f"{median(ratios):.1f} [{min(ratios):.1f}, {max(ratios):.1f}]"


Work = Callable[[str, AgentSettings, Path], None]


def _timed(work: Work, target: str, settings: AgentSettings) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        begin, processor = time.perf_counter(), time.process_time()
        work(target, settings, Path(folder))
        return time.perf_counter() - begin, time.process_time() - processor


def _runs(target: str, folder: Path) -> list[Run]:
    config = {"agent": "ppo", "threads": 1, "device": "cpu"}
    return [Run.create(target, {**config, "seed": seed}, folder) for seed in range(SEEDS)]


def _one_after_the_other(target: str, settings: AgentSettings, folder: Path) -> None:
    for run in _runs(target, folder):
        for _ in train(target, settings, run):
            pass


def _at_once(target: str, settings: AgentSettings, folder: Path) -> None:
    for _ in train_together(target, settings, _runs(target, folder)):
        pass
