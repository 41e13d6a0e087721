"""Pairs of pictures: as many of one person as of two people."""

from itertools import combinations

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray


def pairs_of(
    pictures: Float[np.ndarray, "N 1 S S"],
    people: Int64[np.ndarray, " N"],
    glasses: NDArray[np.bool_] | None,
    each: int,
    seed: int,
) -> tuple[Float[np.ndarray, "P 1 S T"], Int64[np.ndarray, "P 3"]]:
    """Pairs in a random order, side by side in one picture.

    Args:
        pictures: of people.
        people: whose each is; two people or more, with two pictures or more.
        glasses: whether glasses are worn in each; None if that is not known.
        each: pairs of a person's own pictures, at most, and as many with others.
        seed: of the draws.

    Returns:
        Pairs (P, 1, S, 2 S); and of each the two people, and how many of both wear glasses, -1 if not known.
    """
    generator = np.random.default_rng(seed)
    rows: list[tuple[int, int]] = []
    for person in np.unique(people):
        own, others = np.flatnonzero(people == person), np.flatnonzero(people != person)
        possible = list(combinations(own.tolist(), 2))
        chosen = generator.choice(len(possible), min(each, len(possible)), replace=False)
        rows += [possible[one] for one in chosen]
        rows += zip(
            generator.choice(own, len(chosen)).tolist(),
            generator.choice(others, len(chosen)).tolist(),
            strict=True,
        )
    first, second = np.array(rows)[generator.permutation(len(rows))].T
    worn = np.full(len(first), -1) if glasses is None else glasses[first].astype(int) + glasses[second]
    targets = np.stack([people[first], people[second], worn], 1).astype(np.int64)
    return np.concatenate([pictures[first], pictures[second]], axis=3), targets
