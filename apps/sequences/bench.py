"""RNN, LSTM and attention on the adding problem, length 100: `python -m apps.sequences.bench`.

For each network the learning rate is searched first, with seeds of its own, and the best of the search is
trained anew with five others; so no figure was chosen by what it measures. About four minutes on one core;
`--block rnn` measures one network only.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from apps.sequences import adding
from sandbox.commands.bench import markdown
from sandbox.metrics.scores import with_intervals
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.tasks.families.sequence_network import BLOCKS, TITLES
from sandbox.tasks.training import train_task

LENGTH = 100
SEEDS = range(5)
SEARCH_SEEDS = range(100, 102)
GRIDS = {
    "rnn": (0.001, 0.003, 0.01, 0.03),
    "lstm": (0.005, 0.01, 0.02, 0.04),
    "attention": (0.003,),
}
STEPS = {"rnn": 1500, "lstm": 1500, "attention": 600}
"""A step of attention takes several times as long, and it needs fewer."""
SEARCH_STEPS = 700


def main(arguments: list[str] | None = None) -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m apps.sequences.bench", description=__doc__)
    parser.add_argument("--block", choices=BLOCKS, help="measure one network only")
    options = parser.parse_args(arguments)
    print(markdown(table([options.block] if options.block else list(BLOCKS))))
    return 0


def table(blocks: list[str]) -> dict[str, Any]:
    """Searches and trains; a table as `sandbox bench` prints it."""
    rows = []
    for block in blocks:
        begin = time.process_time()
        search = {rate: found(block, rate) for rate in GRIDS[block]} if len(GRIDS[block]) > 1 else {}
        rate = min(search, key=lambda key: search[key]) if search else GRIDS[block][0]
        errors = [error(block, rate, seed, STEPS[block]) for seed in SEEDS]
        interval = bootstrap_interval(errors)
        rows.append(
            [
                TITLES[block],
                f"{interval.mean:.5f}",
                f"{interval.low:.5f} to {interval.high:.5f}",
                f"{max(errors):.5f}",
                STEPS[block],
                f"{rate:g} of {', '.join(f'{rate:g}' for rate in GRIDS[block])}",
                f"{time.process_time() - begin:.0f}",
            ]
        )
        print(f"{TITLES[block]}: search {search}, errors {errors}", file=sys.stderr)
    settings = adding.TASK.settings("long")
    split = adding.TASK.load(settings, None)
    for name, predictor in adding.TASK.baselines(settings, split).items():
        figures = with_intervals(adding.TASK.measure(predictor, split.test))
        spread = f"{figures['test_loss_low']:.5f} to {figures['test_loss_high']:.5f}"
        rows.append([name, f"{figures['test_loss']:.5f}", spread, "", "", "", ""])
    return {
        "title": f"Adding problem, length {LENGTH}",
        "columns": [
            "network",
            "mean squared error",
            "interval",
            "worst seed",
            "steps",
            "learning rate",
            "CPU seconds, search too",
        ],
        "rows": rows,
        "note": f"Synthetic sequences; {settings.hidden} units, minibatches of {settings.batch_size}, "
        f"1,000 unseen sequences. Mean of {len(SEEDS)} seeds with its 95 % bootstrap interval over seeds "
        f"(of the constant: over sequences). The rate with the lowest worst error after {SEARCH_STEPS} steps "
        f"with {len(SEARCH_SEEDS)} other seeds.",
    }


def found(block: str, rate: float) -> float:
    """The worst error of a learning rate over the seeds of the search."""
    return max(error(block, rate, seed, SEARCH_STEPS) for seed in SEARCH_SEEDS)


def error(block: str, rate: float, seed: int, steps: int) -> float:
    """Mean squared error on unseen sequences after one training.

    Raises:
        RuntimeError: the training failed; says why.
    """
    settings = replace(adding.TASK.settings("long"), block=block, learning_rate=rate, steps=steps)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create("sequences/adding", {"kind": "task", "seed": seed, "threads": 1}, root=Path(folder))
        state = drive(run, train_task(adding.TASK, settings, run), lambda p: figures.update(p.metrics))
        if state != "done":
            raise RuntimeError(f"{block} with seed {seed} ended as {state}: {run.status()['message']}")
    return figures["test_loss"]


if __name__ == "__main__":
    sys.exit(main())
