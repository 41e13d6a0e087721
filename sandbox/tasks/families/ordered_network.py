"""A language model of molecules that knows at every letter how much of its order is still open.

    open_t = order - sum of w[g] over all groups g of letters that end at t or before

What a group of 2 to 4 letters adds to a property, w, is fitted to the training molecules by least squares.
Steering by what is left to reach is that of the Decision Transformer, Chen et al. 2021.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sandbox.tasks.families.language_network import (
    HASHED,
    Block,
    LanguageNetwork,
    State,
    group_places,
)

REACH = 4
"""Letters of the longest group: a line's end and its two letters of an order part it from the line before."""
RIDGE = 1.0
"""Keeps what rare groups add small."""
BESIDE = 8
"""Numbers that say what is open: two at two scales, and whether each is ordered at all, twice."""


class OrderedNetwork(LanguageNetwork):
    """A `LanguageNetwork` that reads what is open beside each letter.

    Letters of an order are read as numbers alone: to the block they look like the end of a line.

    Args:
        tokens: in the vocabulary, V.
        block: see `LanguageNetwork`.
        hidden: see `LanguageNetwork`.
        **keywords: see `LanguageNetwork`.

    Attributes:
        ordered: (V, 2) the property, in units of what is near enough, that a token orders.
        says: (V, 2) 1 where a token orders the property, -1 where it leaves it open, 0 for other tokens.
        letters: (V,) the token that each one is read as.
        adds: (HASHED, 2) what a group of letters adds to the properties.
    """

    ordered: Tensor
    says: Tensor
    letters: Tensor
    adds: Tensor

    def __init__(self, tokens: int, block: Block, hidden: int, **keywords: Any) -> None:
        super().__init__(block, tokens, hidden, extra=BESIDE, **keywords)
        self.register_buffer("ordered", torch.zeros(tokens, 2))
        self.register_buffer("says", torch.zeros(tokens, 2))
        self.register_buffer("letters", torch.arange(tokens))
        self.register_buffer("adds", torch.zeros(HASHED, 2))

    def orders_by(self, ordered: Float[np.ndarray, "V 2"], says: Float[np.ndarray, "V 2"], end: int) -> None:
        """Say what tokens order.

        Args:
            ordered: see the attribute.
            says: see the attribute.
            end: the token that ends a line.
        """
        self.ordered.copy_(torch.from_numpy(ordered))
        self.says.copy_(torch.from_numpy(says))
        self.letters[torch.from_numpy((says != 0).any(1))] = end

    def fit(self, rows: Sequence[Int64[np.ndarray, " _"]], properties: Float[np.ndarray, "N 2"]) -> None:
        """Find what groups of letters add to properties.

        Args:
            rows: the tokens of each molecule, without its order.
            properties: of each, in units of what is near enough.
        """
        self.adds.copy_(torch.from_numpy(_fitted(rows, properties, self.end)))

    @property
    def end(self) -> int:
        """The token that ends a line."""
        marks = (self.says != 0).any(1)
        return int(self.letters[marks][0]) if bool(marks.any()) else 0

    def read(
        self, tokens: Int64[Tensor, "B T"], state: State = None
    ) -> tuple[Float[Tensor, "B T D"], Tensor | None, tuple[Tensor, ...]]:
        """As that of `LanguageNetwork`, with what is open."""
        letters = self.letters[tokens]
        x, beside, before = super().read(letters, None if state is None else state[:-1])
        still, held = self.open(tokens, letters, None if state is None else state[-1][0])
        beside = still if beside is None else torch.cat([beside, still], -1)
        return torch.cat([x, still], -1), beside, (*before, held)

    def open(
        self, tokens: Int64[Tensor, "B T"], letters: Int64[Tensor, "B T"], held: Tensor | None
    ) -> tuple[Float[Tensor, "B T 8"], Float[Tensor, "1 B _"]]:
        """What is open behind each token, and what is held to go on from.

        Args:
            tokens: as written.
            letters: as read.
            held: (B, 9) from before: the last letters, what was added, what is ordered and whether.
        """
        kept = REACH - 1
        if held is None:
            held = self.adds.new_zeros(len(tokens), kept + 6)
        last, added, ordered, says = held.split((kept, 2, 2, 2), 1)
        end = letters == self.end
        whole = torch.cat([last.long(), letters], 1)
        each = sum(self.adds[place] for place in group_places(whole, REACH)) * ~end[..., None]
        place = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        begin = torch.where(tokens == self.end, place, -1).cummax(1).values[..., None]
        sums = each.cumsum(1) + added[:, None]
        sums = sums - sums.gather(1, begin.clamp_min(0).expand_as(sums)) * (begin >= 0)
        # The last letter that says something of a property since the line began, or what was held.
        said = self.says[tokens] != 0
        where = torch.where(said, place[..., None], -1).cummax(1).values
        there = where.clamp_min(0)
        here, before = where > begin, begin < 0
        order = self.ordered[tokens].gather(1, there) * here + ordered[:, None] * (~here & before)
        known = self.says[tokens].gather(1, there) * here + says[:, None] * (~here & before)
        wanted = (known > 0).to(sums.dtype)
        left = (order - sums) * wanted
        still = torch.cat([left / 8, left.tanh(), wanted, wanted * (left.abs() < 1)], -1)
        held = torch.cat([whole[:, -kept:].to(sums.dtype), sums[:, -1], order[:, -1], known[:, -1]], 1)
        return still, held[None]


def _fitted(
    rows: Sequence[Int64[np.ndarray, " _"]], properties: Float[np.ndarray, "N 2"], end: int
) -> NDArray[np.float32]:
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import lsqr

    most = max(map(len, rows))
    table = torch.stack(
        [F.pad(torch.from_numpy(row), (REACH - 1, most - len(row)), value=end) for row in rows]
    )
    real = (table[:, REACH - 1 :] != end).numpy()
    row = np.broadcast_to(np.arange(len(rows))[:, None], real.shape)[real]
    places = np.concatenate([place.numpy()[real] for place in group_places(table, REACH)])
    counts = np.ones(len(places), np.float32)
    groups = csr_matrix((counts, (np.tile(row, REACH - 1), places)), (len(rows), HASHED))
    found = [lsqr(groups, column, damp=RIDGE, iter_lim=80)[0] for column in properties.T]
    return np.stack(found, 1).astype(np.float32)
