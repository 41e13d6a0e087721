"""Figures of what was rebuilt, with their intervals over held-out pictures."""

from torch import Tensor

from sandbox.statistics import bootstrap_interval


def rebuilt(wholes: Tensor, answers: Tensor, middle: Tensor) -> dict[str, float]:
    """How well answers stand for the wholes.

    Args:
        wholes: (N, D), held out.
        answers: (N, D).
        middle: (D,): mean of what was learned from, which who learns nothing would answer.

    Returns:
        `test_explained`: share of the squared distance to `middle` that is gone; `test_error`: mean squared
        error of a number. Each with its 95 % interval.
    """
    wrong = (wholes - answers).double().square().mean(1)
    spread = float((wholes - middle).double().square().mean())
    figures = {}
    for name, values in (("test_explained", 1 - wrong / max(spread, 1e-12)), ("test_error", wrong)):
        interval = bootstrap_interval(values.cpu().numpy())
        figures |= interval.metrics(name)
    return figures


def quickly(wholes: Tensor, answers: Tensor, middle: Tensor) -> dict[str, float]:
    """The same means without intervals, for the curve."""
    wrong = float((wholes - answers).square().mean())
    spread = float((wholes - middle).square().mean())
    return {"test_explained": 1 - wrong / max(spread, 1e-12), "test_error": wrong}


def explained(wholes: Tensor, answers: Tensor, middle: Tensor) -> Tensor:
    """`test_explained` of each picture by itself, (N,)."""
    wrong = (wholes - answers).square().mean(1)
    return 1 - wrong / (wholes - middle).square().mean().clamp_min(1e-12)
