"""How good each task gets, how long that takes, and what the training loop costs: `sandbox bench tasks`."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sandbox import catalog
from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task
from sandbox.task import train_task
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised

SEEDS = 5


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Trains every task with its first preset, and measures what `fit` adds to a bare loop.

    Args:
        quick: one seed instead of five, fewer rounds.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".
    """
    threads = torch.get_num_threads()
    try:
        return [first_presets(range(1 if quick else SEEDS)), overhead(5 if quick else 15)]
    finally:
        torch.set_num_threads(threads)


def first_presets(seeds: range) -> dict[str, Any]:
    """Every task with its first preset, from each seed, beside its baseline."""
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
    return {
        "title": "Tasks, first preset",
        "columns": ["task", "figure", "mean", "interval", "worst seed", "seconds of training", "baseline"],
        "rows": rows,
        "note": f"On held-out data: mean of {count} with its 95 % bootstrap interval over seeds; median "
        "of the seconds, evaluations not counted.",
    }


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


def overhead(rounds: int, steps: int = 1500) -> dict[str, Any]:
    """The loop with all that it does, against the bare steps of the same small MLP, in turns."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    batches = ShuffledBatches(
        torch.randn(1024, 16, generator=generator),
        torch.randint(0, 4, (1024,), generator=generator),
        batch_size=64,
        seed=0,
    )

    def bare() -> None:
        model = MLP(16, (64, 64), 4)
        optimizer = torch.optim.AdamW(model.parameters())
        for step in range(steps):
            inputs, targets = batches(step)
            loss = nn.functional.cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def looped() -> None:
        model = MLP(16, (64, 64), 4)
        learner = Supervised(model, torch.optim.AdamW(model.parameters()), nn.functional.cross_entropy)
        for _ in fit(learner, batches, steps):
            pass

    ways: dict[str, Callable[[], None]] = {"bare loop": bare, "fit": looped}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        # Whatever else the machine does hits both alike: they take turns, and who begins changes.
        for name in sorted(ways, reverse=bool(round_ % 2)):
            begin = time.process_time()
            ways[name]()
            if round_:  # the first round warms up
                seconds[name].append(time.process_time() - begin)
    ratio = statistics.median(b / a for a, b in zip(seconds["bare loop"], seconds["fit"], strict=True))
    micro = {name: 1e6 * statistics.median(values) / steps for name, values in seconds.items()}
    return {
        "title": "What the loop costs: a 16-64-64-4 MLP, batches of 64, one thread",
        "columns": ["loop", "microseconds of CPU per step", "against the bare loop"],
        "rows": [["bare loop", micro["bare loop"], 1.0], ["fit", micro["fit"], ratio]],
        "note": f"Median of {rounds} rounds of {steps:,} steps in turns; the ratio is the median over pairs.",
    }
