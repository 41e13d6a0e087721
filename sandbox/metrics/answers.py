"""Figures of answers over time: numbers, symbols or bits, of one network or of several side by side."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from sandbox.metrics.scores import Metric, PerExample, Scores

What = Literal["number", "symbol", "bit"]
SQUARED_ERROR = Metric("loss", "squared error", higher_is_better=False, log=True)
CROSS_ENTROPY = Metric("loss", "cross-entropy", "nats", higher_is_better=False, log=True)


def losses(what: What, outputs: Tensor, targets: Tensor) -> Tensor:
    """The loss of each answer: squared error of numbers, cross-entropy in nats of symbols and bits.

    Args:
        what: the answers are.
        outputs: (N, A, O): numbers, scores of symbols, or the log-odds of a 1.
        targets: (N, A, 1) numbers or bits, or (N, A) symbols.

    Returns:
        (N, A).
    """
    if what == "number":
        return (outputs - targets).square()[..., 0]
    if what == "symbol":
        return F.cross_entropy(outputs.mT, targets, reduction="none")
    return F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")[..., 0]


def decided(what: What, outputs: Tensor) -> Tensor:
    """The answers (..., A) of outputs (..., A, O): numbers, the most probable symbols' positions, or bits."""
    if what == "number":
        return outputs[..., 0]
    return outputs.argmax(-1) if what == "symbol" else (outputs[..., 0] > 0).float()


def correct(what: What, outputs: Tensor, targets: Tensor, tolerance: float) -> Tensor:
    """Whether each answer is correct, (N, A); a number is correct within the tolerance."""
    answers = decided(what, outputs)
    if what == "number":
        return (answers - targets[..., 0]).abs() <= tolerance
    return answers == (targets if what == "symbol" else targets[..., 0])


def answer_scores(
    what: What, outputs: Tensor, targets: Tensor, *, names: Sequence[str], tolerance: float
) -> dict[str, Scores]:
    """Accuracy and loss, each the mean over the answers of a sequence.

    Args:
        what: the answers are.
        outputs: (N, M, A, O) of M networks.
        targets: see `losses`.
        names: of the networks; none for a single one that needs no name.
        tolerance: see `correct`.

    Returns:
        `accuracy` and `loss`, means over networks, and `accuracy_<name>` and `loss_<name>` of each.
    """
    shares, errors = (
        torch.stack([one(outputs[:, m]).double().mean(1) for m in range(outputs.shape[1])])
        for one in (
            lambda each: correct(what, each, targets, tolerance),
            lambda each: losses(what, each, targets),
        )
    )
    found: dict[str, Scores] = {
        "accuracy": PerExample(shares.mean(0).numpy()),
        "loss": PerExample(errors.mean(0).numpy()),
    }
    for name, share, error in zip(names, shares, errors, strict=False):
        found |= {f"accuracy_{name}": PerExample(share.numpy()), f"loss_{name}": PerExample(error.numpy())}
    return found
