"""Synthetic DNA in which half of the sequences hold a motif: a pattern that proteins bind, somewhere.

The motif is a position weight matrix: a probability of each letter at each place. Each site is drawn from it,
on either strand, so hardly two are alike. Background letters depend on the one before, with few C before G as
in vertebrates, and sequences differ in how much G and C they have. Every sequence, with the motif or without,
also holds a site of another pattern, the decoy: what is frequent is not yet what makes the difference.
All of it is made up: figures on it say nothing about a genome.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data import dna

WIDTH, DECOY_BITS = 10, 14.0
"""Letters of a motif, and information of the decoy."""
PAIRS = np.array([[30, 20, 29, 21], [32, 26, 6, 36], [27, 22, 26, 25], [18, 22, 27, 33]], float)
"""How often a letter (row) is followed by another, roughly as in vertebrates: C by G seldom."""


@dataclass(frozen=True)
class Planted:
    """Sequences, whether each holds the motif, and the motif."""

    sequences: list[str]
    labels: NDArray[np.int64]
    motif: Float[np.ndarray, "W 4"]


def draw(count: int, length: int, bits: float, motif_seed: int, seed: int) -> Planted:
    """So many sequences, every other one with the motif.

    Args:
        count: sequences.
        length: letters of each, at least twice `WIDTH`.
        bits: information of the motif; 20 is a fixed word, 0 nothing at all.
        motif_seed: of motif and decoy.
        seed: of everything else.
    """
    generator = np.random.default_rng(motif_seed)
    motif, decoy = matrix(bits, generator), matrix(DECOY_BITS, generator)
    generator = np.random.default_rng((motif_seed, seed))
    rows = background(count, length, generator)
    labels = np.arange(count) % 2
    for row, label in zip(rows, labels, strict=True):
        places = generator.permutation(length // WIDTH)[:2] * WIDTH  # apart, so that none spoils the other
        shift = int(generator.integers(0, length % WIDTH + 1))
        _put(row, decoy, int(places[0]) + shift, generator)
        if label:
            _put(row, motif, int(places[1]) + shift, generator)
    order = generator.permutation(count)
    return Planted([dna.text(rows[i]) for i in order], labels[order].astype(np.int64), motif)


def matrix(bits: float, generator: np.random.Generator) -> Float[np.ndarray, "W 4"]:
    """A random position weight matrix of this much information."""
    scores = generator.normal(size=(WIDTH, 4))
    low, high = 0.0, 100.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if information(_softmax(middle * scores)).sum() < bits else (low, middle)
    return _softmax(low * scores)


def information(motif: Float[np.ndarray, "W 4"]) -> Float[np.ndarray, " W"]:
    """Bits that each place of a motif says: 2 for one letter only, 0 for all alike. Schneider 1986."""
    return 2 + (motif * np.log2(np.clip(motif, 1e-9, 1))).sum(-1)


def background(count: int, length: int, generator: np.random.Generator) -> NDArray[np.int8]:
    """Sequences (count, length) without a motif."""
    rich = generator.beta(6, 6, size=(count, 1, 1)) * 2
    weights = PAIRS * np.where(np.isin(np.arange(4), (1, 2)), rich, 2 - rich)
    steps = (weights / weights.sum(-1, keepdims=True)).cumsum(-1)
    rows = np.zeros((count, length), np.int8)
    rows[:, 0] = generator.integers(0, 4, count)
    for place in range(1, length):
        chances = steps[np.arange(count), rows[:, place - 1]]
        rows[:, place] = (generator.random((count, 1)) > chances[:, :3]).sum(1)
    return rows


def _put(
    row: NDArray[np.int8], motif: NDArray[np.float64], place: int, generator: np.random.Generator
) -> None:
    site = (generator.random((WIDTH, 1)) > motif.cumsum(1)[:, :3]).sum(1)
    row[place : place + WIDTH] = site if generator.random() < 0.5 else 3 - site[::-1]


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.exp(scores - scores.max(-1, keepdims=True))
    return found / found.sum(-1, keepdims=True)
