"""Ways to spoil DNA: letters that have changed, and letters that could not be read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sandbox.corruptions.corruption import Corruption
from sandbox.data import dna


def mutations(sequences: Any, amount: float, seed: int) -> Sequence[str]:
    """Sequences with another letter in the place of a share of theirs."""
    found = []
    for i, sequence in enumerate(sequences):
        row, generator = dna.numbers(sequence), np.random.default_rng((seed, i))
        hit = (generator.random(len(row)) < amount) & (row != dna.UNKNOWN)
        step = generator.integers(1, 4, len(row))
        found.append(dna.text(np.where(hit, (row + step) % 4, row)))
    return found


def unread(sequences: Any, amount: float, seed: int) -> Sequence[str]:
    """Sequences with `N` in the place of a share of their letters."""
    found = []
    for i, sequence in enumerate(sequences):
        row = dna.numbers(sequence)
        hit = np.random.default_rng((seed, i)).random(len(row)) < amount
        found.append(dna.text(np.where(hit, dna.UNKNOWN, row)))
    return found


CORRUPTIONS: Mapping[str, Corruption] = {
    "mutations": Corruption(
        "Mutations",
        mutations,
        "share of the letters",
        0.5,
        "A site is ten letters long. A mutation in it weakens the site, and with enough of them nothing is "
        "left of it; new sites appear by chance only seldom.",
    ),
    "unread": Corruption(
        "Letters that could not be read",
        unread,
        "share of the letters",
        0.9,
        "An unknown letter adds nothing to the score of a site. What is left of it must be enough to stand "
        "out.",
    ),
}
