"""What the page's limits show as measured beforehand: `python -m apps.latent.bench sizes`.

Besides `sizes` there are `examples` and `modes`. Each trains again and again with other seeds and prints the
lines of `apps/latent/measured.py`; they took 153, 136 and 50 s of processor time.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch

from apps.latent import autoencoder, duel, vae
from sandbox.devices import seed_everything
from sandbox.metrics.scores import means, with_intervals
from sandbox.statistics import bootstrap_interval
from sandbox.tasks.task import Task
from sandbox.training.fit import fit

AnyTask = Task[Any, Any, Any]
SEEDS = 3
SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
EXAMPLES = (20, 50, 100, 200, 400, 800, 1198)
FEW_CODE = 8
"""Numbers in the code where the number of examples is what changes."""
DUEL_SEEDS = 5
CODERS: dict[str, AnyTask] = {"autoencoder": autoencoder.TASK, "vae": vae.TASK}


def main(arguments: list[str] | None = None) -> int:
    """Print the rows; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m apps.latent.bench", description=__doc__)
    parser.add_argument("what", choices=("sizes", "examples", "modes"))
    what = parser.parse_args(arguments).what
    torch.set_num_threads(1)
    begin = time.process_time()
    rows = {"sizes": sizes, "examples": examples, "modes": modes}[what]()
    for row in rows:
        print(f"    {row},", flush=True)
    print(f"{time.process_time() - begin:.0f} s of processor time", file=sys.stderr)
    return 0


def trained(task: AnyTask, settings: Any, seed: int) -> dict[str, float]:
    """Figures on unseen examples after one training."""
    seed_everything(seed)
    split = task.load(settings, None)
    training = task.prepare(settings, split, seed=seed, device=torch.device("cpu"))
    for _ in fit(training.learner, training.batches, training.total):
        pass
    return means(task.measure(training.predictor, split.test))


def over_seeds(task: AnyTask, settings: Any, name: str, seeds: int) -> tuple[float, float, float]:
    """Mean of a figure over seeds, and its 95 % interval."""
    interval = bootstrap_interval([trained(task, settings, seed)[name] for seed in range(seeds)])
    return round(interval.mean, 4), round(interval.low, 4), round(interval.high, 4)


def sizes() -> Iterator[tuple[Any, ...]]:
    """Explained share for each size of the code."""
    return _coders(SIZES, lambda task, size: replace(task.settings(), code=size))


def examples() -> Iterator[tuple[Any, ...]]:
    """Explained share for each number of pictures to learn from."""
    return _coders(EXAMPLES, lambda task, count: replace(task.settings(), code=FEW_CODE, examples=count))


def modes() -> Iterator[tuple[Any, ...]]:
    """Modes of the ring that are found, and the share of points near one, with and without penalty."""
    for name, settings in duel.TASK.presets.items():
        found = [trained(duel.TASK, settings, seed) for seed in range(DUEL_SEEDS)]
        near = bootstrap_interval([one["test_near"] for one in found])
        counts = tuple(int(one["test_modes"]) for one in found)
        yield name, settings.penalty, counts, round(near.mean, 4), round(near.low, 4), round(near.high, 4)


def _coders(amounts: tuple[int, ...], settings: Callable[[AnyTask, int], Any]) -> Iterator[tuple[Any, ...]]:
    for name, task in CODERS.items():
        for amount in amounts:
            yield (name, amount, *over_seeds(task, settings(task, amount), "test_explained", SEEDS))
    task = CODERS["autoencoder"]
    for amount in amounts:
        split = task.load(settings(task, amount), None)
        components = task.baselines(settings(task, amount), split)["principal components"]
        figures = with_intervals(task.measure(components, split.test))
        ends = ("", "_low", "_high")
        yield ("principal components", amount, *(round(figures[f"test_explained{end}"], 4) for end in ends))


if __name__ == "__main__":
    sys.exit(main())
