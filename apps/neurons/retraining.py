"""The same network trained again, on the same points or on harder ones: what intervals are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from apps.neurons.live_training import fresh
from apps.neurons.plane import TASK, Settings
from sandbox.blocks.mlp import MLP
from sandbox.blocks.rbf import RBFN
from sandbox.data.plane_points import SETS, Points, generate
from sandbox.statistics import Interval, bootstrap_interval

SEEDS = 5
STEPS = 1_000
"""A retraining takes at most so many steps, so that all are done within seconds."""
CURVE = 40
"""Points of a curve of the losses."""


def train(points: Points, settings: Settings, seed: int) -> tuple[float, list[tuple[int, float]], MLP | RBFN]:
    """Train once; returns the unseen score (-inf if it diverged), losses while learning, and the network.

    Args:
        points: to learn from.
        settings: of the training; at most `STEPS` steps of it.
        seed: of weights and minibatches.
    """
    split, training, learner = fresh(points, settings, seed)
    model = learner.model
    assert isinstance(model, MLP | RBFN)
    total = min(STEPS, settings.steps)
    every = max(1, total // CURVE)
    losses: list[tuple[int, float]] = []
    since: list[torch.Tensor] = []
    for step in range(total):
        since.append(learner.step(training.batches(step))["loss"])
        if (step + 1) % every == 0:
            loss = torch.stack(since).mean().item()
            since.clear()
            losses.append((step + 1, loss))
            if not loss < float("inf"):
                return float("-inf"), losses, model
    return TASK.measure(training.predictor, split.test)["score"].mean, losses, model


def over_seeds(points: Points, settings: Settings, seeds: int = SEEDS) -> Interval:
    """Mean score over seeds with its 95 % interval; a training that diverged knows nothing and scores 0."""
    return bootstrap_interval([max(0.0, train(points, settings, seed)[0]) for seed in range(seeds)])


@dataclass(frozen=True)
class Limit:
    """One way to make it hard."""

    unit: str
    amounts: Sequence[float]
    why: str
    """One sentence on why the score falls."""
    log: bool = False


LIMITS = {
    "Noise": Limit(
        "standard deviation",
        (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
        "Where classes overlap, no method can separate them; a network that tries memorises the noise.",
    ),
    "Fewer points": Limit(
        "training points",
        (4, 8, 16, 32, 64, 128, 200),
        "Far between the points anything fits: what the network answers there depends on its first weights.",
    ),
    "Wrong labels": Limit(
        "share of the training points",
        (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
        "The network cannot know which labels are wrong. With enough neurons it memorises them, too.",
    ),
    "Turns": Limit(
        "turns of each spiral",
        (0.5, 1.0, 1.5, 2.0, 2.5, 3.0),
        "Each turn needs another bend of the boundary, and few neurons make few bends.",
    ),
    "Learning rate": Limit(
        "step size",
        (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
        "With a small rate the training is too slow; with a large one each step jumps across the minimum.",
        log=True,
    ),
}


def harder(points: Points, kind: str, amount: float, *, seed: int = 0) -> Points:
    """The points made harder; unseen points are never mislabelled or left out.

    Args:
        points: as they are; for `Turns` two spirals are made in their place.
        kind: a key of `LIMITS`.
        amount: one of its amounts.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)
    match kind:
        case "Noise":
            off = amount * generator.standard_normal(points.x.shape)
            return replace(points, x=(points.x + off).astype(np.float32))
        case "Turns":
            return generate("spirals", count=len(points.x), noise=0.03, turns=amount)
        case "Fewer points":
            kept = points.unseen.copy()
            order = [i for i in generator.permutation(len(points.x)) if not points.unseen[i]]
            chosen = _first_of_each(points, order)
            chosen += [i for i in order if i not in set(chosen)]
            kept[chosen[: max(int(amount), len(points.classes))]] = True
            return replace(points, x=points.x[kept], y=points.y[kept])
        case "Wrong labels" if points.classes:
            wrong = ~points.unseen & (generator.random(len(points.x)) < amount)
            shift = generator.integers(1, len(points.classes), len(points.x))
            return replace(
                points,
                y=np.where(wrong, (points.y + shift) % len(points.classes), points.y).astype(np.float32),
            )
        case _:
            return points


def _first_of_each(points: Points, order: Sequence[int]) -> list[int]:
    first: dict[float, int] = {}
    for i in order:
        first.setdefault(float(points.y[i]) if points.classes else 0.0, i)
    return list(first.values())


def kinds(points: Points) -> list[str]:
    """The limits that make sense for these points."""
    left_out = set() if points.classes else {"Wrong labels"}
    if points.name != SETS["spirals"].title:
        left_out.add("Turns")
    return [kind for kind in LIMITS if kind not in left_out]
