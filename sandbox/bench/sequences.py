"""RNN, LSTM and attention on the adding problem, length 100.

For each network the learning rate is searched first, with seeds of its own, and the best of the search is
trained anew with five others; so no figure was chosen by what it measures. About four minutes on one core.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sandbox.bench.training import train_once
from sandbox.metrics.scores import with_intervals
from sandbox.statistics import bootstrap_interval
from sandbox.targets import import_task
from sandbox.tasks.families.sequence_network import BLOCKS, TITLES
from sandbox.terminal import console

BENCH = {"name": "sequences", "title": "Sequences that ask for memory", "long": True}
TARGET = "sequences/adding"
SEEDS = 5
SEARCH_SEEDS = range(100, 102)
GRIDS = {
    "rnn": (0.001, 0.003, 0.01, 0.03),
    "lstm": (0.005, 0.01, 0.02, 0.04),
    "attention": (0.003,),
}
STEPS = {"rnn": 1500, "lstm": 1500, "attention": 600}
"""A step of attention takes several times as long, and it needs fewer."""
SEARCH_STEPS, QUICK_STEPS = 700, 10


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """A table `{"title", "columns", "rows", "note"}`.

    Args:
        quick: a few steps from one seed, to see that it works.
    """
    task, rows = import_task(TARGET), []
    seeds = range(1 if quick else SEEDS)
    for block in BLOCKS:
        rates, steps = GRIDS[block], QUICK_STEPS if quick else STEPS[block]
        few = QUICK_STEPS if quick else SEARCH_STEPS
        search = {rate: max(errors(block, rate, SEARCH_SEEDS, few)) for rate in rates if len(rates) > 1}
        rate = min(search, key=lambda key: search[key], default=rates[0])
        found = errors(block, rate, seeds, steps)
        console(stderr=True).print(f"{TITLES[block]}: search {search}, errors {found}", style="dim")
        interval = bootstrap_interval(found)
        how = (
            f"{rate:g} of {', '.join(f'{rate:g}' for rate in rates)}" if search else f"{rate:g}, not searched"
        )
        between = f"{interval.low:.5f} to {interval.high:.5f}"
        rows.append([TITLES[block], f"{interval.mean:.5f}", between, f"{max(found):.5f}", steps, how])
    settings = task.settings("long")
    split = task.load(settings, None)
    for name, predictor in task.baselines(settings, split).items():
        figures = with_intervals(task.measure(predictor, split.test))
        between = f"{figures['test_loss_low']:.5f} to {figures['test_loss_high']:.5f}"
        rows.append([name, f"{figures['test_loss']:.5f}", between, "", "", ""])
    return [
        {
            "title": f"Adding problem, length {settings.length}, `{TARGET}`",
            "columns": ["network", "mean squared error", "interval", "worst seed", "steps", "learning rate"],
            "rows": rows,
            "note": f"Synthetic sequences; {settings.hidden} units, minibatches of {settings.batch_size}, "
            f"1,000 unseen sequences. Mean of {len(seeds)} seeds with its 95 % bootstrap interval over seeds "
            f"(of the constant: over sequences). The rate with the lowest worst error after {SEARCH_STEPS} "
            f"steps with {len(SEARCH_SEEDS)} other seeds.",
        }
    ]


def errors(block: str, rate: float, seeds: Sequence[int], steps: int) -> list[float]:
    """Mean squared errors on unseen sequences after a training from each seed."""
    long = import_task(TARGET).settings("long")
    told = replace(long, block=block, learning_rate=rate, steps=steps)
    return [train_once(TARGET, seed, told)["test_loss"] for seed in seeds]
