"""What the training loop costs, with all that it does, against bare steps."""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from sandbox.blocks.mlp import MLP
from sandbox.data.batches import ShuffledBatches
from sandbox.devices import one_thread
from sandbox.training.fit import fit
from sandbox.training.supervised import Supervised

BENCH = {"name": "loop", "title": "The training loop"}


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Measure what `fit` adds to a bare loop.

    Args:
        quick: fewer rounds.

    Returns:
        Tables as dicts: "title", "columns" (list of str), "rows" (lists as long as columns) and "note".
    """
    with one_thread():
        return [overhead(9 if quick else 41)]


def overhead(rounds: int, steps: int = 500) -> dict[str, Any]:
    """The loop with all that it does, against the bare steps of the same small MLP, in turns."""
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
