"""What looking first is worth, and CD against PCD, over seeds: `python -m apps.energy.bench`.

Every seed has a split of its own. About three minutes on one core; `--only labels` or `--only machines`
measures one of the two.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from apps.energy import dbn, pictures, rbm
from apps.energy.completion import by_components, by_neighbours, explained, given
from sandbox.blocks.rbm import RBM
from sandbox.commands.bench import markdown
from sandbox.progress import drive
from sandbox.runs import Run
from sandbox.statistics import bootstrap_interval
from sandbox.task import Task, train_task

SEEDS = range(5)
LABELS = (20, 50, 200)
WAYS = {"PCD, 128 chains": {"chains": 128}, "CD-1": {"chains": 0}, "CD-5": {"chains": 0, "gibbs": 5}}


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
            found["neighbour"].append(100 * dbn.TASK.baseline(settings).metrics["test_accuracy"])
        rows.append([count, *(_interval(values, ".1f") for values in found.values())])
    return {
        "title": "Digits from few labels, right of 100 held out",
        "columns": ["labels", "pretrained", "not pretrained", "nearest neighbour", "gain of pretraining"],
        "rows": rows,
        "note": f"Mean of {len(SEEDS)} seeds, each with its own split and labels, with its 95 % bootstrap "
        "interval over seeds; the gain is paired.",
    }


def machines() -> dict[str, Any]:
    """Completion and pseudo-likelihood of machines that learned in different ways, and of others."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for seed in SEEDS:
        for name, change in WAYS.items():
            figures = trained(
                rbm.TASK, "energy/rbm", replace(rbm.Settings(), split_seed=seed, **change), seed
            )
            _add(found, name, figures["test_completion"], figures["test_pseudo_likelihood"])
        data = pictures.load(None, seed)
        theirs = bernoulli(data, seed)
        figures = rbm.final_figures(theirs, data.test, data.train.mean(0), data.shape)
        _add(found, "scikit-learn", figures["test_completion"], figures["test_pseudo_likelihood"])
        keep, mean = given(data.shape, "lower"), data.train.mean(0)
        for name, guess in (
            ("5 nearest neighbours", by_neighbours(data.train, data.test, keep)),
            ("20 principal components", by_components(data.train, data.test, keep)),
        ):
            _add(found, name, float(explained(data.test, guess, mean, keep).mean()), None)
    return {
        "title": "Completing the lower half of digits",
        "columns": ["who", "explained of what is missing", "pseudo-likelihood, nats"],
        "rows": [
            [name, _interval(shares, ".3f"), _interval(likelihoods, ".2f") if likelihoods else ""]
            for name, (shares, likelihoods) in found.items()
        ],
        "note": f"1 is right, 0 the mean digit. {rbm.Settings().hidden} hidden units; scikit-learn's "
        "BernoulliRBM with as many passes over the data at a rate of 0.1, which completed best over seeds "
        "(at 0.2 it reached 0.252 and -16.62, below 0.1 less). "
        f"Mean of {len(SEEDS)} seeds, each with its own split, with its 95 % bootstrap interval over seeds.",
    }


def bernoulli(data: pictures.Pictures, seed: int, rate: float = 0.1) -> RBM:
    """scikit-learn's machine with our settings, as one of ours."""
    from sklearn.neural_network import BernoulliRBM

    settings = rbm.Settings()
    passes = round(settings.steps * settings.batch_size / len(data.train))
    theirs = BernoulliRBM(
        settings.hidden,
        learning_rate=rate,
        batch_size=settings.batch_size,
        n_iter=passes,
        random_state=seed,
    ).fit(data.train.numpy())
    machine = RBM(data.train.shape[1], settings.hidden)
    with torch.no_grad():
        machine.weight.copy_(torch.from_numpy(theirs.components_))
        machine.visible_bias.copy_(torch.from_numpy(theirs.intercept_visible_))
        machine.hidden_bias.copy_(torch.from_numpy(theirs.intercept_hidden_))
    return machine


def trained(task: Task[Any], name: str, settings: Any, seed: int) -> dict[str, float]:
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


def _add(
    found: dict[str, tuple[list[float], list[float]]], name: str, share: float, likelihood: float | None
) -> None:
    shares, likelihoods = found.setdefault(name, ([], []))
    shares.append(share)
    if likelihood is not None:
        likelihoods.append(likelihood)


def _interval(values: list[float], form: str) -> str:
    interval = bootstrap_interval(values)
    return f"{interval.mean:{form}} [{interval.low:{form}}, {interval.high:{form}}]"


if __name__ == "__main__":
    sys.exit(main())
