"""How good each task gets, how long that takes, and what its baseline does: `sandbox bench tasks`."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from sandbox import catalog
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task
from sandbox.task import train_task

SEEDS = 5


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Trains every task with its first preset.

    Args:
        quick: one seed instead of five.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".
    """
    seeds = range(1 if quick else SEEDS)
    rows = []
    for entry in catalog.tasks():
        task = import_task(entry.name)
        finished = [train_once(entry.name, seed) for seed in seeds]
        interval = bootstrap_interval([figures[task.metric] for figures in finished])
        baseline = task.baseline(task.settings())
        rows.append(
            [
                entry.name,
                task.metric,
                f"{interval.mean:.4f}",
                f"{interval.low:.4f} to {interval.high:.4f}",
                f"{min(figures[task.metric] for figures in finished):.4f}",
                f"{statistics.median(figures['seconds'] for figures in finished):.1f}",
                f"{baseline.metrics[task.metric]:.4f} ({baseline.name})",
            ]
        )
    count = f"{len(seeds)} training seed{'s' * (len(seeds) > 1)}"
    return [
        {
            "title": "Tasks, first preset",
            "columns": [
                "task",
                "figure",
                "mean",
                "interval",
                "worst seed",
                "seconds of training",
                "baseline",
            ],
            "rows": rows,
            "note": f"On held-out data: mean of {count} with its 95 % bootstrap interval over seeds; median "
            "of the seconds, evaluations not counted.",
        }
    ]


def train_once(name: str, seed: int) -> dict[str, float]:
    """The last figures of one training, among them `seconds`.

    Raises:
        RuntimeError: the training failed; says why.
    """
    task, figures = import_task(name), {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(name, {"kind": "task", "seed": seed}, root=Path(folder))
        events = train_task(task, task.settings(), run)
        state = drive(run, events, lambda progress: figures.update(progress.metrics))
        if state != "done":
            raise RuntimeError(
                f"training {name} with seed {seed} ended as {state}: {run.status()['message']}"
            )
    return figures
