"""How right a network is about points in the plane, and how right those are who learn less."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from apps.neurons.points import Points
from sandbox.statistics import Interval, bootstrap_interval
from sandbox.task import Baseline

NEIGHBOURS = 5


def figures(model: nn.Module, x: Tensor, y: Tensor, held: Tensor) -> dict[str, float]:
    """Loss and score of the held-out points, and the score of those learned from."""
    with torch.inference_mode():
        outputs = model(x)
        loss = (F.mse_loss if outputs.shape[1] == 1 else F.cross_entropy)(outputs[held], y[held])
        return {
            "test_loss": loss.item(),
            "test_score": score(outputs[held], y[held]),
            "score": score(outputs[~held], y[~held]),
        }


def losses(model: nn.Module, points: Points) -> NDArray[np.float32]:
    """(N,) the loss of each point alone."""
    with torch.inference_mode():
        outputs = torch.nan_to_num(model(torch.from_numpy(points.x)))
        y = torch.from_numpy(points.y)
        if outputs.shape[1] == 1:
            return (outputs[:, 0] - y).square().numpy()
        return F.cross_entropy(outputs, y.long(), reduction="none").numpy()


def score(outputs: Tensor, y: Tensor) -> float:
    """Share of classes told right, or of the values' variance explained."""
    if outputs.shape[1] > 1:
        return (outputs.argmax(1) == y).double().mean().item()
    spread = (y - y.mean()).square().mean()
    return (1 - (outputs - y).square().mean() / spread.clamp_min(1e-12)).item()


def final_figures(model: nn.Module, x: Tensor, y: Tensor) -> dict[str, float]:
    """Loss and score with its 95 % interval over the points."""
    with torch.inference_mode():
        outputs = model(x)
        loss = (F.mse_loss if outputs.shape[1] == 1 else F.cross_entropy)(outputs, y)
        outputs = torch.nan_to_num(outputs)  # a network that diverged is wrong, and has a score
    answers = outputs.argmax(1) if outputs.shape[1] > 1 else outputs[:, 0]
    interval = score_interval(answers.cpu().numpy(), y.reshape(-1).cpu().numpy(), outputs.shape[1] > 1)
    return {"test_loss": loss.item(), **interval.metrics("test_score")}


def score_interval(said: NDArray[Any], y: NDArray[Any], classes: bool) -> Interval:
    """The score of answers with its 95 % interval over the points.

    Args:
        said: (N,) classes or values that were answered.
        y: (N,) the right ones.
        classes: whether these are classes.
    """
    if classes:
        return bootstrap_interval((said == y).astype(float))
    spread = max(1e-12, float(y.var()))
    return bootstrap_interval(1 - (said - y) ** 2 / spread)


def neighbours(points: Points) -> Baseline:
    """What the nearest five learned points say, by vote or mean. Cover & Hart 1967."""
    held = points.held
    count = min(NEIGHBOURS, int((~held).sum()))
    distance = np.linalg.norm(points.x[held][:, None] - points.x[~held][None], axis=2)
    near = points.y[~held][np.argsort(distance, axis=1, kind="stable")[:, :count]]
    if points.classes:
        votes = np.stack([(near == number).sum(1) for number in range(len(points.classes))], 1)
        said = votes.argmax(1)
    else:
        said = near.mean(1)
    return Baseline(
        name=f"{count} nearest neighbours",
        metrics=score_interval(said, points.y[held], bool(points.classes)).metrics("test_score"),
    )


def straight(points: Points) -> Baseline:
    """Logistic regression, or a least-squares plane for values: what a straight cut can do."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    held = points.held
    model = LogisticRegression(C=100.0) if points.classes else LinearRegression()
    said = model.fit(points.x[~held], points.y[~held]).predict(points.x[held])
    return Baseline(
        name="logistic regression" if points.classes else "flat plane",
        metrics=score_interval(np.asarray(said), points.y[held], bool(points.classes)).metrics("test_score"),
    )
