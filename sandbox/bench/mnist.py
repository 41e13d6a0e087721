"""MNIST on this machine: the presets of `vision/classify`, and how long PyTorch's basic example takes.

`sandbox bench mnist --data FOLDER`. The example is written anew from what it is known by: two 3x3
convolutions of 32 and 64 filters, max-pooling, dropout of 0.25 and 0.5, a dense layer of 128, Adadelta from a
rate of 1 that is multiplied by 0.7 after each epoch, batches of 64. It is spared its loader: its pictures,
normalised, lie in memory like ours.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.bench.training import train_once
from sandbox.data import idx
from sandbox.data.batches import ShuffledBatches
from sandbox.devices import pick_device, seed_everything
from sandbox.errors import UserError
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task

BENCH = {"name": "mnist", "title": "MNIST", "long": True, "takes": ["data"]}
TARGET = "vision/classify"
PRESETS = ("fast", "best")
"""Those for digits."""
SEEDS = 5
GOAL = 0.99
EPOCHS, LOOKS = 14, 5
"""Of the example: its own limit, and how often in each epoch we look whether it is there."""


def bench(quick: bool = False, data: str | None = None) -> list[dict[str, Any]]:
    """Tables `{"title", "columns", "rows", "note"}`.

    Args:
        quick: a few steps, to see that it works.
        data: a folder in MNIST's format.

    Raises:
        UserError: no such folder.
    """
    if data is None:
        raise UserError("sandbox bench mnist needs --data FOLDER, a folder with MNIST's four files.")
    figures = {preset: trained(preset, data, quick) for preset in PRESETS}
    return [presets_table(figures), race_table(figures["fast"], example(data, 20 if quick else None))]


def trained(preset: str, data: str, quick: bool) -> list[tuple[float, float]]:
    """Accuracy on the test set, and seconds of training, from each seed."""
    settings = import_task(TARGET).settings(preset)
    if quick:
        settings = replace(settings, steps=20)
    found = (train_once(TARGET, seed, settings, data=data) for seed in range(2 if quick else SEEDS))
    return [(figures["test_accuracy"], figures["seconds"]) for figures in found]


def presets_table(figures: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    """The presets: mean accuracy with its interval, worst seed, seconds."""
    rows = []
    for preset, found in figures.items():
        accuracies, seconds = zip(*found, strict=True)
        interval = bootstrap_interval(accuracies)
        rows.append(
            [
                preset,
                f"{100 * interval.mean:.2f} %",
                f"{100 * interval.low:.2f} to {100 * interval.high:.2f}",
                f"{100 * min(accuracies):.2f} %",
                round(statistics.fmean(seconds), 1),
                round(max(seconds), 1),
            ]
        )
    count = len(next(iter(figures.values())))
    return {
        "title": "MNIST, presets of vision/classify",
        "columns": ["preset", "accuracy", "interval", "worst seed", "seconds", "longest"],
        "rows": rows,
        "note": f"On the test pictures, after the last step: mean of {count} seeds with its 95 % bootstrap "
        "interval over seeds; seconds of training, evaluations not counted. Settings were chosen on training "
        "pictures kept aside.",
    }


def race_table(ours: list[tuple[float, float]], theirs: tuple[float, float, int]) -> dict[str, Any]:
    """Our `fast` preset beside the example: seconds until 99.0 %."""
    accuracy, seconds, steps = theirs
    mine = statistics.fmean(second for _, second in ours)
    rows = [
        ["preset fast, all its steps", f"{100 * min(a for a, _ in ours):.2f} % or more", round(mine, 1), 1.0],
        [
            f"PyTorch's basic example, {steps:,} steps",
            f"{100 * accuracy:.2f} %",
            round(seconds, 1),
            round(seconds / mine, 1),
        ],
    ]
    return {
        "title": f"MNIST, seconds until {100 * GOAL:.1f} % of the test pictures are read",
        "columns": ["training", "accuracy then", "seconds", "ratio"],
        "rows": rows,
        "note": f"Ours: mean of {len(ours)} seeds over the whole training, whose steps are fixed beforehand. "
        f"The example: one seed, looked at {LOOKS} times in each epoch, until it is there the first time or "
        f"its {EPOCHS} epochs are over. Looks, loading and starting are not counted.",
    }


class BasicExample(nn.Sequential):
    """The network of PyTorch's basic MNIST example: 1x28x28 pixels to 10 scores."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 32, 3),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(9216, 128),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(128, 10),
        )


def example(data: str, most: int | None) -> tuple[float, float, int]:
    """Trains the example until it is there.

    Args:
        data: a folder in MNIST's format.
        most: steps after which to end anyway; None for all its epochs.

    Returns:
        Its accuracy on the test set at the last look, its seconds of training, its steps.
    """
    seed_everything(0)
    device = pick_device("auto")
    images = idx.load(Path(data))
    mean, std = 0.1307, 0.3081  # of MNIST's training pictures, as the example has them
    x, test = ((each - mean) / std for each in (images.train_images, images.test_images))
    batches = ShuffledBatches(x.to(device), images.train_labels.to(device), batch_size=64, seed=0)
    model = BasicExample().to(device)
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    per_epoch = batches.per_epoch
    total = EPOCHS * per_epoch if most is None else min(most, EPOCHS * per_epoch)
    watch = _Watch(device)
    accuracy = 0.0
    for step in range(1, total + 1):
        inputs, targets = batches(step - 1)
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
        if step % per_epoch == 0:
            scheduler.step()
        if step % -(-per_epoch // LOOKS) == 0 or step % per_epoch == 0 or step == total:
            accuracy = watch.paused(lambda: _accuracy(model, test.to(device), images.test_labels.to(device)))
            if accuracy >= GOAL:
                return accuracy, watch.seconds(), step
    return accuracy, watch.seconds(), total


class _Watch:
    """Seconds, without those that looking takes."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._begin = time.perf_counter()

    def seconds(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter() - self._begin

    def paused(self, look: Callable[[], float]) -> float:
        before = self.seconds()
        found = look()
        self._begin = time.perf_counter() - before
        return found


def _accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    model.eval()
    with torch.inference_mode():
        answers = torch.cat([model(some).argmax(1) for some in images.split(1000)])
    model.train()
    return (answers == labels).double().mean().item()
