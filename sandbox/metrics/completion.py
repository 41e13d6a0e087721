"""How well the missing part of a picture was filled in."""

from typing import Literal

import torch
from torch import Tensor

from sandbox.metrics.scores import Metric

Half = Literal["lower", "upper", "left", "right"]
"""Which part is missing."""
COMPLETION = Metric(
    "completion",
    "completion score",
    "%",
    digits=1,
    help="How much of the variation in the missing half is explained: 100 % is right, 0 % is as good as the "
    "mean training picture.",
)


def given(shape: tuple[int, int], missing: Half, share: float = 0.5) -> Tensor:
    """Which pixels are given, (H * W,): all but a `share` of the rows or columns on the missing side."""
    rows, columns = shape
    keep = torch.ones(rows, columns, dtype=torch.bool)
    if missing in ("lower", "upper"):
        count = round(share * rows)
        keep[rows - count :] = False
        keep = keep.flipud() if missing == "upper" else keep
    else:
        count = round(share * columns)
        keep[:, columns - count :] = False
        keep = keep.fliplr() if missing == "left" else keep
    return keep.flatten()


def explained(truth: Tensor, guess: Tensor, mean: Tensor, keep: Tensor) -> Tensor:
    """How well what is missing was guessed, (N,): 1 is right, 0 as good as the mean picture is.

    Args:
        truth: (N, V).
        guess: (N, V).
        mean: (V,), of the training pictures.
        keep: (V,), True where a number was given and does not count.
    """
    errors = (truth - guess)[:, ~keep].square().sum(1)
    plain = (truth - mean)[:, ~keep].square().sum(1).mean()
    return 1 - errors / plain
