"""Figures of designed molecules: valid, unique, new, and as ordered. After MOSES, Polykovskiy et al. 2020."""

from collections.abc import Collection, Sequence

import numpy as np
from jaxtyping import Float

from sandbox import chemistry
from sandbox.metrics.scores import Metric, PerExample, Scores

NEAR = (0.5, 2.0)
"""How near the ordered logP and number of heavy atoms is near enough."""
ORDERED = Metric(
    "as_ordered",
    "new molecules as ordered",
    "%",
    digits=1,
    help="The share of designs that are valid molecules, occur for the first time, are in no training data, "
    "and have the ordered logP within 0.5 and the ordered number of heavy atoms within 2.",
)


def design_scores(
    designs: Sequence[str], orders: Float[np.ndarray, "N 2"], known: Collection[str]
) -> dict[str, Scores]:
    """What designs are judged by.

    Args:
        designs: SMILES, valid or not.
        orders: logP and heavy atoms that each should have.
        known: canonical SMILES of the training molecules.

    Returns:
        `valid`, the share of designs that are molecules; `unique`, of these the different ones; `new`, of
        those the share outside the training data; `as_ordered`, of all designs those that are all of it and
        near their order; `logp_error` and `atoms_error`, the mean distance of valid ones from their order.
    """
    molecules = [chemistry.molecule(one) for one in designs]
    real = np.array([one is not None for one in molecules])
    seen: set[str] = set()
    first, new = np.zeros(len(designs), bool), np.zeros(len(designs), bool)
    write = chemistry.part("Chem").MolToSmiles
    for i in np.flatnonzero(real):
        text = write(molecules[i])
        first[i], new[i] = text not in seen, text not in known
        seen.add(text)
    found = chemistry.properties([one for one in molecules if one is not None])
    away = np.full((len(designs), 2), np.inf)
    away[real] = np.abs(found - np.asarray(orders)[real])
    good = real & first & new & (away <= NEAR).all(1)
    return {
        "as_ordered": _share(good),
        "valid": _share(real),
        "unique": _share(first[real]),
        "new": _share(new[first]),
        "logp_error": _share(away[real, 0]),
        "atoms_error": _share(away[real, 1]),
    }


def valid(designs: Sequence[str]) -> Scores:
    """The share of designs that are molecules."""
    return _share(np.array([chemistry.molecule(one) is not None for one in designs]))


def _share(values: np.ndarray) -> Scores:
    return PerExample(values.astype(float) if len(values) else np.zeros(1))
