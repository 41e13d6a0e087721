"""What follows the last four characters: counted, and smoothed. Kneser & Ney 1995; Chen & Goodman 1999.

    p(w | h) = max(c(h w) - D, 0) / c(h .) + D n(h) / c(h .) p(w | h')

h' is the history without its first token, n(h) how many different tokens follow h. Below the longest order,
c counts the different tokens that stand before, instead of how often; below the shortest, all tokens are
equally probable. D is found from the counts of each order: n1 / (n1 + 2 n2).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from sandbox.data.subwords import Vocabulary
from sandbox.tasks.writer import Writer


class NGram(Writer):
    """Predicts each token from the few before it.

    Args:
        texts: to count in.
        vocabulary: of tokens.
        order: tokens in a group, n.
    """

    def __init__(self, texts: Sequence[str], vocabulary: Vocabulary, order: int = 5):
        super().__init__(vocabulary)
        # As many tokens as fit into a whole number of 64 bits.
        self.order = min(order, max(2, int(62 // np.log2(len(vocabulary) + 1))))
        self.base = len(vocabulary)
        self.texts = texts

    @cached_property
    def orders(self) -> "Sequence[_Order]":
        """The counts of each order, made when they are first asked for."""
        # A text begins behind a line's end; groups do not reach from one text into the next.
        rows = [np.concatenate([self.start, self.encode(text)]) for text in self.texts]
        return [_Order.of(rows, n, self.base, top=n == self.order) for n in range(1, self.order + 1)]

    def bits_of(self, tokens: Int64[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
        """What each token costs, in bits, given those before it."""
        whole = np.concatenate([self.start, tokens])
        places = np.arange(len(self.start), len(whole))
        found = np.full(len(tokens), 1.0 / self.base)
        for n, order in enumerate(self.orders, 1):
            there = places >= n - 1  # tokens that have a history of this length
            history = _key(whole, places[there] - (n - 1), n - 1, self.base)
            found[there] = order.probability(history, whole[places[there]], found[there], self.base)
        return -np.log2(found)

    def begin(self, tokens: Int64[np.ndarray, " N"]) -> Any:
        """The last tokens are all that is held."""
        return np.concatenate([self.start, tokens])[-(self.order - 1) :]

    def advance(self, state: Any, token: int) -> Any:
        """Forget the first, keep the new one."""
        return np.append(state, token)[-(self.order - 1) :]

    def probabilities(self, state: Any) -> Float[np.ndarray, " V"]:
        """Of every token."""
        every = np.arange(self.base)
        found = np.full(self.base, 1.0 / self.base)
        for n, order in enumerate(self.orders, 1):
            if len(state) >= n - 1:
                history = _key(state, np.array([len(state) - (n - 1)]), n - 1, self.base)
                found = order.probability(np.repeat(history, self.base), every, found, self.base)
        return found


class _Order:
    """Counts of groups of n tokens.

    Attributes:
        keys: of the groups that were seen, ascending.
        counts: of each.
        histories: keys of their first n - 1 tokens, ascending, once each.
        totals: counts of all groups with this history.
        kinds: how many different groups it has.
        discount: D.
    """

    def __init__(self, keys: NDArray[np.int64], counts: NDArray[np.int64], base: int) -> None:
        self.keys, self.counts = keys, counts
        self.histories, first = np.unique(keys // base, return_index=True)
        self.totals = np.add.reduceat(counts, first)
        self.kinds = np.diff(np.append(first, len(keys)))
        once, twice = int((counts == 1).sum()), int((counts == 2).sum())
        self.discount = once / (once + 2 * twice) if once and twice else 0.5

    @classmethod
    def of(cls, rows: Sequence[NDArray[np.int64]], n: int, base: int, *, top: bool) -> "_Order":
        """Count groups of n tokens; below the longest, the different tokens before each."""
        longer = n if top else n + 1
        parts = [_key(row, np.arange(len(row) - longer + 1), longer, base) for row in rows]
        keys = np.concatenate([part for part in parts if len(part)] or [np.zeros(1, np.int64)])
        if not top:
            keys = np.unique(keys) % base**n
        return cls(*np.unique(keys, return_counts=True), base)

    def probability(
        self, history: NDArray[np.int64], token: NDArray[np.int64], lower: NDArray[np.float64], base: int
    ) -> NDArray[np.float64]:
        """p(token | history), from those of the order below; these stay where the history is new."""
        place, known = _find(self.histories, history)
        group, seen = _find(self.keys, history * base + token)
        count = np.where(seen, self.counts[group], 0)
        total = self.totals[place]
        mixed = (np.maximum(count - self.discount, 0) + self.discount * self.kinds[place] * lower) / total
        return np.where(known, mixed, lower)


def _key(row: NDArray[np.int64], begins: NDArray[np.int64], length: int, base: int) -> NDArray[np.int64]:
    """One whole number for each group of so many tokens."""
    found = np.zeros(len(begins), np.int64)
    for i in range(length):
        found = found * base + row[begins + i]
    return found


def _find(known: NDArray[np.int64], keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Places of keys among known ones, and whether they are there."""
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return place, known[place] == keys
