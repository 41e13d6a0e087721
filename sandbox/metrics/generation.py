"""Figures of generated points: are they mixed with real ones, and are all modes there?"""

import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.metrics.scores import Metric, PerExample, Scores, Statistic

FRECHET = Metric(
    "frechet",
    "Fréchet distance",
    higher_is_better=False,
    help="How far generated pictures are from real ones, by the features of a small classifier.",
    log=True,
)
MIXED = Metric(
    "mixed",
    "mixed-up points",
    "%",
    digits=1,
    help="Points whose nearest other point is of the other kind, real or generated; 50 % if both are alike.",
)


def mixed_up(real: Float[Tensor, "N 2"], generated: Float[Tensor, "M 2"]) -> Float[Tensor, " K"]:
    """For each point of both sets: whether its nearest other point is of the other set. Half are, if alike.

    The two-sample test by nearest neighbours (Lopez-Paz & Oquab 2017), with sets cut to one size.
    """
    size = min(len(real), len(generated))
    points = torch.cat([real[:size], generated[:size]])
    kind = torch.arange(2 * size) < size
    apart = torch.cdist(points, points).fill_diagonal_(float("inf"))
    return (kind[apart.argmin(1)] != kind).float()


def modes(
    points: Float[Tensor, "N 2"], centres: Float[Tensor, "C 2"], near: float
) -> tuple[int, Float[Tensor, " N"]]:
    """How many modes hold at least a quarter of their share, and whether each point is near one.

    Args:
        points: generated.
        centres: of the modes.
        near: distance within which a point belongs to a mode.
    """
    gap, nearest = torch.cdist(points, centres).min(1)
    found = gap < near
    counts = torch.bincount(nearest[found], minlength=len(centres))
    return int((counts > len(points) / (4 * len(centres))).sum()), found.float()


def point_scores(real: Tensor, generated: Tensor, centres: Tensor | None, near: float) -> dict[str, Scores]:
    """`mixed`, and where modes are known `modes`, their number, and `near`, the share of points on one."""
    scores: dict[str, Scores] = {"mixed": PerExample(mixed_up(real, generated).numpy())}
    if centres is None:
        return scores
    _, on_mode = modes(generated, centres, near)
    return scores | {
        "modes": Statistic(len(generated), lambda rows: float(modes(generated[rows], centres, near)[0])),
        "near": PerExample(on_mode.numpy()),
    }
