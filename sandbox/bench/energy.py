"""Boltzmann machines on digits: what pretraining without labels is worth, and CD against PCD, over seeds.

Every seed has a split of its own. About three minutes on one core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from sandbox.bench.results import spread
from sandbox.bench.training import train_once
from sandbox.blocks.rbm import RBM
from sandbox.metrics.scores import means
from sandbox.targets import import_task
from sandbox.tasks.predictor import Predictor

BENCH = {"name": "energy", "title": "Pictures without labels", "long": True}
SEEDS = 5
LABELS = (20, 50, 200)
WAYS = {"PCD, 128 chains": {"chains": 128}, "CD-1": {"chains": 0}, "CD-5": {"chains": 0, "gibbs": 5}}
FIGURES = {"test_completion": ".3f", "test_pseudo_likelihood": ".2f"}
"""What is told of each machine, and how."""
QUICK = {"energy/dbn": {"pretraining": 20, "tuning": 20}, "energy/rbm": {"steps": 20}}


def bench(quick: bool = False) -> list[dict[str, Any]]:
    """Tables `{"title", "columns", "rows", "note"}`.

    Args:
        quick: a few steps from one seed, to see that it works.
    """
    seeds = range(1 if quick else SEEDS)
    return [labels(seeds, quick), machines(seeds, quick)]


def settings(name: str, quick: bool, **change: Any) -> Any:
    """Those of a task's first preset, changed."""
    return replace(import_task(name).settings(), **(QUICK[name] if quick else {}), **change)


def labels(seeds: Sequence[int], quick: bool = False) -> dict[str, Any]:
    """Accuracy with few labels, pretrained or not."""
    rows, task = [], import_task("energy/dbn")
    for count in LABELS:
        found: dict[str, list[float]] = {"pretrained": [], "plain": [], "neighbour": [], "gain": []}
        for seed in seeds:
            told = settings("energy/dbn", quick, labels=count, split_seed=seed)
            figures = train_once("energy/dbn", seed, told)
            for name in task.networks:
                found[name].append(100 * figures[f"test_accuracy_{name}"])
            found["gain"].append(found["pretrained"][-1] - found["plain"][-1])
            split = task.load(told, None)
            (neighbour,) = task.baselines(told, split).values()
            found["neighbour"].append(100 * task.measure(neighbour, split.test)["accuracy"].mean)
        rows.append([count, *(spread(values, ".1f") for values in found.values())])
    return {
        "title": "Digits from few labels, correct out of 100 unseen ones, `energy/dbn`",
        "columns": ["labels", "pretrained", "not pretrained", "nearest neighbour", "gain of pretraining"],
        "rows": rows,
        "note": f"Mean of {len(seeds)} seeds, each with its own split and labels, with its 95 % bootstrap "
        "interval over seeds; the gain is paired.",
    }


def machines(seeds: Sequence[int], quick: bool = False) -> dict[str, Any]:
    """Completion and pseudo-likelihood of machines that learned in different ways, and of others."""
    found: dict[str, dict[str, list[float]]] = {}
    task = import_task("energy/rbm")

    def add(name: str, figures: Mapping[str, float]) -> None:
        for figure in FIGURES:
            if figure in figures:
                found.setdefault(name, {}).setdefault(figure, []).append(figures[figure])

    for seed in seeds:
        plain = settings("energy/rbm", quick, split_seed=seed)
        for name, change in WAYS.items():
            add(name, train_once("energy/rbm", seed, replace(plain, **change)))
        split = task.load(plain, None)
        others = {
            "scikit-learn's BernoulliRBM": bernoulli(split.train.inputs, plain, seed),
            **task.baselines(plain, split),
        }
        for name, predictor in others.items():
            add(name, means(task.measure(predictor, split.test)))
    return {
        "title": "Completing the lower half of digits, `energy/rbm`",
        "columns": ["who", "completion score", "pseudo-likelihood, nats"],
        "rows": [
            [name, *(spread(values.get(figure, []), form) for figure, form in FIGURES.items())]
            for name, values in found.items()
        ],
        "note": f"1 is right, 0 the mean digit. {task.settings().hidden} hidden units; scikit-learn's "
        "BernoulliRBM with as many passes over the data at a rate of 0.1, which completed best over seeds "
        "(at 0.2 it reached 0.252 and -16.62, below 0.1 less). "
        f"Mean of {len(seeds)} seeds, each with its own split, with its 95 % bootstrap interval over seeds.",
    }


def bernoulli(images: Tensor, told: Any, seed: int, rate: float = 0.1) -> Predictor[Any, Any]:
    """scikit-learn's machine with settings of ours, trained on pictures (N, 1, H, W), as one of ours."""
    from sklearn.neural_network import BernoulliRBM

    rows = images.flatten(1)
    passes = max(1, round(told.steps * told.batch_size / len(rows)))
    theirs = BernoulliRBM(
        told.hidden, learning_rate=rate, batch_size=told.batch_size, n_iter=passes, random_state=seed
    ).fit(rows.numpy())
    machine = RBM(rows.shape[1], told.hidden)
    with torch.no_grad():
        machine.weight.copy_(torch.from_numpy(theirs.components_))
        machine.visible_bias.copy_(torch.from_numpy(theirs.intercept_visible_))
        machine.hidden_bias.copy_(torch.from_numpy(theirs.intercept_hidden_))
    meta = {"hidden": told.hidden, "shape": images.shape[1:], "style": None, "mean": rows.mean(0).tolist()}
    return import_task("energy/rbm").predictor(machine.state_dict(), meta)
