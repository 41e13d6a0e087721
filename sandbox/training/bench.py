"""Measures the training of this floor: digits against the nearest neighbour, and what the loop costs."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task
from sandbox.task import Task, train_task
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised

SEEDS = 5
TASK = "vision/classify"


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Tables `{"title", "columns", "rows", "note"}`; `quick` takes fewer seeds and rounds."""
    threads = torch.get_num_threads()
    try:
        return [digits(2 if quick else SEEDS), overhead(5 if quick else 15)]
    finally:
        torch.set_num_threads(threads)


def digits(seeds: int) -> dict[str, Any]:
    """Accuracy on the held-out third and seconds of training, each seed with a split of its own."""
    task = import_task(TASK)
    assert isinstance(task, Task)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            settings = type(task.settings())(split_seed=seed)
            run = Run.create(TASK, {"seed": seed}, Path(folder))
            cpu = time.process_time()
            if drive(run, train_task(task, settings, run)) != "done":
                raise RuntimeError(run.status()["message"])
            cpu = time.process_time() - cpu
            final = run.metrics()[-1]
            baseline = task.baseline(settings).metrics["test_accuracy"]
            rows.append([seed, final["test_accuracy"], baseline, final["seconds"], cpu])
    accuracy = bootstrap_interval([row[1] for row in rows])
    means = [statistics.fmean(row[i] for row in rows) for i in range(1, 5)]
    rows.append(["mean", *means])
    return {
        "title": "Digits: a CNN on a held-out third of scikit-learn's handwritten digits",
        "columns": ["seed", "accuracy", "nearest neighbour", "seconds of training", "CPU seconds in all"],
        "rows": rows,
        "note": (
            f"Mean accuracy {100 * accuracy.mean:.2f} % "
            f"[{100 * accuracy.low:.2f}, {100 * accuracy.high:.2f}] over {seeds} seeds, 95 % bootstrap. "
            "Each seed draws its own third, weights and batches; the last weights are used. "
            "Evaluating, loading the data and starting are not training; CPU seconds include them."
        ),
    }


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
