"""What looking first is worth, and CD against PCD, over seeds: `python -m apps.energy.bench`.

Every seed has a split of its own. About three minutes on one core; `--only labels` or `--only machines`
measures one of the two.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from apps.energy import dbn, rbm
from sandbox.blocks.rbm import RBM
from sandbox.commands.bench import markdown
from sandbox.metrics.scores import means
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.task import Task
from sandbox.tasks.training import train_task

SEEDS = range(5)
LABELS = (20, 50, 200)
WAYS = {"PCD, 128 chains": {"chains": 128}, "CD-1": {"chains": 0}, "CD-5": {"chains": 0, "gibbs": 5}}
FIGURES = {"test_completion": ".3f", "test_pseudo_likelihood": ".2f"}
"""What is told of each machine, and how."""


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m apps.energy.bench", description=__doc__)
    parser.add_argument("--only", choices=("labels", "machines"), help="measure one of the two")
    only = parser.parse_args(arguments).only
    if only != "machines":
        print(markdown(labels()))
    if only != "labels":
        print(markdown(machines()))
    return 0


def labels() -> dict[str, Any]:
    """Accuracy with few labels, pretrained or not; a table as `sandbox bench` prints it."""
    rows = []
    for count in LABELS:
        found: dict[str, list[float]] = {"pretrained": [], "plain": [], "neighbour": [], "gain": []}
        for seed in SEEDS:
            settings = replace(dbn.TASK.settings(), labels=count, split_seed=seed)
            figures = trained(dbn.TASK, "energy/dbn", settings, seed)
            for name in dbn.NETS:
                found[name].append(100 * figures[f"test_accuracy_{name}"])
            found["gain"].append(found["pretrained"][-1] - found["plain"][-1])
            split = dbn.TASK.load(settings, None)
            (neighbour,) = dbn.TASK.baselines(settings, split).values()
            found["neighbour"].append(100 * dbn.TASK.measure(neighbour, split.test)["accuracy"].mean)
        rows.append([count, *(_interval(values, ".1f") for values in found.values())])
    return {
        "title": "Digits from few labels, correct out of 100 unseen ones",
        "columns": ["labels", "pretrained", "not pretrained", "nearest neighbour", "gain of pretraining"],
        "rows": rows,
        "note": f"Mean of {len(SEEDS)} seeds, each with its own split and labels, with its 95 % bootstrap "
        "interval over seeds; the gain is paired.",
    }


def machines() -> dict[str, Any]:
    """Completion and pseudo-likelihood of machines that learned in different ways, and of others."""
    found: dict[str, dict[str, list[float]]] = {}

    def add(name: str, figures: Mapping[str, float]) -> None:
        for figure in FIGURES:
            if figure in figures:
                found.setdefault(name, {}).setdefault(figure, []).append(figures[figure])

    for seed in SEEDS:
        for name, change in WAYS.items():
            settings = replace(rbm.Settings(), split_seed=seed, **change)
            add(name, trained(rbm.TASK, "energy/rbm", settings, seed))
        split = rbm.TASK.load(rbm.Settings(split_seed=seed), None)
        others = {
            "scikit-learn": bernoulli(split.train.inputs, seed),
            **rbm.TASK.baselines(rbm.Settings(), split),
        }
        for name, predictor in others.items():
            add(name, means(rbm.TASK.measure(predictor, split.test)))
    return {
        "title": "Completing the lower half of digits",
        "columns": ["who", "completion score", "pseudo-likelihood, nats"],
        "rows": [
            [name, *(_interval(values.get(figure, []), form) for figure, form in FIGURES.items())]
            for name, values in found.items()
        ],
        "note": f"1 is right, 0 the mean digit. {rbm.Settings().hidden} hidden units; scikit-learn's "
        "BernoulliRBM with as many passes over the data at a rate of 0.1, which completed best over seeds "
        "(at 0.2 it reached 0.252 and -16.62, below 0.1 less). "
        f"Mean of {len(SEEDS)} seeds, each with its own split, with its 95 % bootstrap interval over seeds.",
    }


def bernoulli(images: Tensor, seed: int, rate: float = 0.1) -> rbm.Machine:
    """scikit-learn's machine with our settings, trained on pictures (N, 1, H, W), as one of ours."""
    from sklearn.neural_network import BernoulliRBM

    settings, rows = rbm.Settings(), images.flatten(1)
    passes = round(settings.steps * settings.batch_size / len(rows))
    theirs = BernoulliRBM(
        settings.hidden,
        learning_rate=rate,
        batch_size=settings.batch_size,
        n_iter=passes,
        random_state=seed,
    ).fit(rows.numpy())
    machine = RBM(rows.shape[1], settings.hidden)
    with torch.no_grad():
        machine.weight.copy_(torch.from_numpy(theirs.components_))
        machine.visible_bias.copy_(torch.from_numpy(theirs.intercept_visible_))
        machine.hidden_bias.copy_(torch.from_numpy(theirs.intercept_hidden_))
    return rbm.Machine(machine, Image(tuple(images.shape[1:])), rows.mean(0))


def trained(task: Task[Any, Any, Any], name: str, settings: Any, seed: int) -> dict[str, float]:
    """The last figures of one training.

    Raises:
        RuntimeError: the training failed; says why.
    """
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Run.create(name, {"kind": "task", "seed": seed, "threads": 1}, root=Path(folder))
        state = drive(run, train_task(task, settings, run), lambda p: figures.update(p.metrics))
        if state != "done":
            raise RuntimeError(f"{name} with seed {seed} ended as {state}: {run.status()['message']}")
    return figures


def _interval(values: list[float], form: str) -> str:
    if not values:
        return ""
    interval = bootstrap_interval(values)
    return f"{interval.mean:{form}} [{interval.low:{form}}, {interval.high:{form}}]"


if __name__ == "__main__":
    sys.exit(main())
