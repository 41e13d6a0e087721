"""How well a found motif matches a known one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from sandbox.data.planted_motif import information
from sandbox.metrics.scores import Metric, Statistic

MATCH = Metric(
    "motif_match",
    "match with the planted motif",
    "%",
    digits=0,
    help="How much of the planted motif's information the best found motif has: the correlation of the "
    "letters at each place, weighted by what the place says, at the best shift and strand.",
)
NONE = 0.25
"""Probability of each letter where nothing is known."""


@dataclass(frozen=True)
class Sites:
    """Places that a detector of motifs reacts to.

    Attributes:
        windows: (M, W, 4), the letters of each, one-hot.
        rows: (M,), the sequence that each is of.
    """

    windows: Float[np.ndarray, "M W 4"]
    rows: Int[np.ndarray, " M"]

    def motif(self, weights: Float[np.ndarray, " N"] | None = None) -> Float[np.ndarray, "W 4"]:
        """The position weight matrix of the sites; sequences may count more than once."""
        share = np.ones(len(self.rows)) if weights is None else weights[self.rows]
        counts = np.einsum("m,mwc->wc", share, self.windows) + NONE
        return counts / counts.sum(-1, keepdims=True)


def match(found: Float[np.ndarray, "V 4"], known: Float[np.ndarray, "W 4"]) -> float:
    """The weighted correlation at the best shift and strand; 1 for the same, about 0 for another motif."""
    weights = information(known)
    weights = weights / weights.sum()
    best = -1.0
    for strand in (found, found[::-1, ::-1]):
        padded = np.full((len(known) + len(strand) + len(known), 4), NONE)
        padded[len(known) : len(known) + len(strand)] = strand
        for shift in range(len(padded) - len(known) + 1):
            best = max(best, float((weights * _correlation(padded[shift : shift + len(known)], known)).sum()))
    return best


def motif_match(found: Sequence[Sites], known: Float[np.ndarray, "W 4"], count: int) -> Statistic:
    """The match of the best of several motifs, found in so many sequences; which one stays the same."""
    matches = [match(sites.motif(), known) if len(sites.rows) else -1.0 for sites in found]
    best = found[int(np.argmax(matches))]

    def again(rows: Int[np.ndarray, " N"]) -> float:
        return match(best.motif(np.bincount(rows, minlength=count).astype(float)), known)

    return Statistic(count, again, resamples=100)


def _correlation(one: Float[np.ndarray, "W 4"], other: Float[np.ndarray, "W 4"]) -> Float[np.ndarray, " W"]:
    one, other = one - NONE, other - NONE  # rows add up to 1
    size = np.sqrt((one**2).sum(-1) * (other**2).sum(-1))
    return (one * other).sum(-1) / np.maximum(size, 1e-9)
