"""How good tasks get, how long that takes, and what the training loop costs.

`sandbox bench tasks [TASK ...]`.
"""

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sandbox import registry
from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.errors import UserError, did_you_mean
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task
from sandbox.tasks.evaluation import baseline_figures
from sandbox.tasks.training import train_task
from sandbox.terminal import console
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised

BENCH = {"name": "tasks", "title": "Tasks", "takes": "names"}
SEEDS = 5
BY_DEFAULT = ("vision/classify",)
"""Measured if no task is named: five trainings of each there is would take long."""


def bench(quick: bool = False, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Trains tasks with their first preset, and measures what `fit` adds to a bare loop.

    Args:
        quick: one seed instead of five, fewer rounds.
        names: of tasks; by default `BY_DEFAULT`, and `all` is all there are.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".

    Raises:
        UserError: there is no such task.
    """
    known = [entry.name for entry in registry.tasks()]
    for name in names:
        if name not in (*known, "all"):
            raise UserError(f"There is no task {name!r}.{did_you_mean(name, known)}")
    chosen = known if "all" in names else list(names) or BY_DEFAULT
    threads = torch.get_num_threads()
    try:
        return [first_presets(chosen, range(1 if quick else SEEDS)), overhead(9 if quick else 41)]
    finally:
        torch.set_num_threads(threads)


def first_presets(names: Sequence[str], seeds: range) -> dict[str, Any]:
    """Tasks with their first preset, from each seed, beside their baselines."""
    rows = []
    for name in names:
        task, finished = import_task(name), []
        metric = task.metric
        for seed in seeds:
            finished.append(train_once(name, seed))
            seconds = finished[-1]["seconds"]
            console(stderr=True).print(f"{name}, seed {seed}: {seconds:.1f} s of training", style="dim")
        interval = bootstrap_interval([figures[metric.key] for figures in finished])
        worst = min if metric.higher_is_better else max
        baselines = baseline_figures(task, task.settings())
        rows.append(
            [
                name,
                metric.key,
                f"{interval.mean:.4f}",
                f"{interval.low:.4f} to {interval.high:.4f}",
                f"{worst(figures[metric.key] for figures in finished):.4f}",
                f"{statistics.median(figures['seconds'] for figures in finished):.1f}",
                ", ".join(f"{its[metric.key]:.4f} ({who})" for who, its in baselines.items()),
            ]
        )
    count = f"{len(seeds)} training seed{'s' * (len(seeds) > 1)}"
    return {
        "title": "Tasks, first preset",
        "columns": ["task", "figure", "mean", "interval", "worst seed", "seconds of training", "baseline"],
        "rows": rows,
        "note": f"On unseen examples: mean of {count} with its 95 % bootstrap interval over seeds; median "
        "of the seconds, evaluations not counted.",
    }


def train_once(name: str, seed: int, settings: Any = None, **config: Any) -> dict[str, float]:
    """The last figures of one training, among them `seconds`.

    Args:
        name: of the task.
        seed: of the training.
        settings: of the task; by default its first preset.
        config: what the run's config says besides, such as `data`.

    Raises:
        RuntimeError: the training failed; says why.
    """
    task, figures = import_task(name), {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(name, {"kind": "task", "seed": seed, **config}, root=Path(folder))
        events = train_task(task, settings or task.settings(), run)
        state = drive(run, events, lambda progress: figures.update(progress.metrics))
        if state != "done":
            raise RuntimeError(
                f"training {name} with seed {seed} ended as {state}: {run.status()['message']}"
            )
    return figures


def overhead(rounds: int, steps: int = 500) -> dict[str, Any]:
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
    ratios = [b / a for a, b in zip(seconds["bare loop"], seconds["fit"], strict=True)]
    # Single pairs are far off when other programs run: a median, with the interval between two of the ranks.
    more = sorted(100 * (ratio - 1) for ratio in ratios)
    below = [sum(math.comb(rounds, i) for i in range(k)) / 2**rounds for k in range(rounds // 2 + 1)]
    rank = max(k for k, chance in enumerate(below) if chance <= 0.025)
    low, high = more[max(rank - 1, 0)], more[-max(rank, 1)]
    micro = {name: 1e6 * statistics.median(values) / steps for name, values in seconds.items()}
    return {
        "title": "What the loop costs: a 16-64-64-4 MLP, batches of 64, one thread",
        "columns": ["loop", "microseconds of CPU per step", "more than the bare loop", "interval"],
        "rows": [
            ["bare loop", round(micro["bare loop"]), "", ""],
            [
                "fit",
                round(micro["fit"]),
                f"{statistics.median(more):.1f} %",
                f"{low:.1f} to {high:.1f} %",
            ],
        ],
        "note": f"Medians of {rounds} rounds of {steps:,} steps in turns, the second of pairs with its 95 % "
        "interval (that of a sign test).",
    }
