"""DNA as numbers: letters, the other strand, and shuffles that keep what a motif is not made of."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

LETTERS = "ACGT"
"""In this order the complement of letter i is letter 3 - i."""
UNKNOWN = 4
"""Number of any other letter, and of what a short sequence is filled up with."""
_NUMBERS = np.full(256, UNKNOWN, np.int8)
for _number, _letter in enumerate(LETTERS):
    _NUMBERS[[ord(_letter), ord(_letter.lower())]] = _number
_NUMBERS[[ord("U"), ord("u")]] = LETTERS.index("T")


def numbers(sequence: str) -> NDArray[np.int8]:
    """The letters of one sequence as numbers (L,), 0 to 3, or `UNKNOWN`."""
    return _NUMBERS[np.frombuffer(str(sequence).encode("ascii", "replace"), np.uint8)]


def table(sequences: Sequence[str], least: int = 1) -> Int[np.ndarray, "N L"]:
    """Sequences as rows of numbers, filled up with `UNKNOWN` to one length, at least `least`."""
    rows = [numbers(one) for one in sequences]
    found = np.full((len(rows), max([least, *map(len, rows)])), UNKNOWN, np.int8)
    for i, row in enumerate(rows):
        found[i, : len(row)] = row
    return found


def text(row: Int[np.ndarray, " L"]) -> str:
    """Numbers as letters; `N` for unknown ones."""
    return "".join((LETTERS + "N")[one] for one in row)


def one_hot(rows: Int[np.ndarray, "*N"]) -> Float[np.ndarray, "*N 4"]:
    """A 1 at each letter's place; four zeros for an unknown one."""
    return np.eye(5, 4, dtype=np.float32)[rows]


def reverse_complement(sequence: str) -> str:
    """The other strand of the same piece of DNA, read in its own direction."""
    row = numbers(sequence)[::-1]
    return text(np.where(row == UNKNOWN, UNKNOWN, 3 - row))


def shuffled(sequence: str, generator: np.random.Generator) -> str:
    """Letters in another order with the same pairs of neighbours. Altschul & Erickson 1985.

    So nothing tells it from the original but what is longer than two letters.
    """
    row = numbers(sequence)
    if len(row) < 3:
        return text(row)
    edges: list[list[int]] = [[] for _ in range(5)]
    for one, other in pairwise(row):
        edges[one].append(int(other))
    last = int(row[-1])
    while True:  # a last way out of each letter; taken together they must lead to the last letter
        ends = {i: int(generator.integers(len(out))) for i, out in enumerate(edges) if out and i != last}
        if all(_leads(i, edges, ends, last) for i in ends):
            break
    for i, out in enumerate(edges):
        kept = [out.pop(ends[i])] if i in ends else []
        edges[i] = [*(out[k] for k in generator.permutation(len(out))), *kept]
    found, taken = [int(row[0])], [0] * 5
    while taken[found[-1]] < len(edges[found[-1]]):
        at = found[-1]
        found.append(edges[at][taken[at]])
        taken[at] += 1
    return text(np.array(found))


def _leads(at: int, edges: list[list[int]], ends: dict[int, int], last: int) -> bool:
    for _ in range(5):
        if at == last:
            return True
        at = edges[at][ends[at]]
    return at == last
