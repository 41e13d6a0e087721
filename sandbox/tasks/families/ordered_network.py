"""A language model of molecules that knows at every letter what is still open of its order, and which rings.

    open_t = order - sum of w[g] over all groups g of letters that end at t or before

What a group of 2 to 4 letters adds to a property, w, is fitted to the training molecules by least squares.
Steering by what is left to reach is that of the Decision Transformer, Chen et al. 2021.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
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
PAIRED, RINGS = "(123456789", 9
"""What has to be closed again: brackets by others, rings by the same number."""
DEPTH, ATOMS = 6, "BCNOPSFIcnops"
"""Brackets within brackets that are told apart, and letters with which an atom begins."""
BESIDE = 8 + 2 + 2 * RINGS
"""Numbers that say what is open: of the order, of brackets, and of rings, with the atoms in each ring."""


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
        pairs: (V, 10) which bracket or ring a token opens or closes.
        atoms: (V, 1) 1 for letters of `ATOMS`.
        letters: (V,) the token that each one is read as.
        ends: the token that ends a line.
        adds: (HASHED, 2) what a group of letters adds to the properties.
    """

    ordered: Tensor
    says: Tensor
    pairs: Tensor
    atoms: Tensor
    letters: Tensor
    ends: Tensor
    adds: Tensor

    def __init__(self, tokens: int, block: Block, hidden: int, **keywords: Any) -> None:
        super().__init__(block, tokens, hidden, extra=BESIDE, **keywords)
        self.register_buffer("ordered", torch.zeros(tokens, 2))
        self.register_buffer("says", torch.zeros(tokens, 2))
        self.register_buffer("pairs", torch.zeros(tokens, len(PAIRED)))
        self.register_buffer("atoms", torch.zeros(tokens, 1))
        self.register_buffer("letters", torch.arange(tokens))
        self.register_buffer("ends", torch.zeros((), dtype=torch.long))
        self.register_buffer("adds", torch.zeros(HASHED, 2))

    def tell(
        self, ordered: Float[np.ndarray, "V 2"], says: Float[np.ndarray, "V 2"], pieces: Sequence[str]
    ) -> None:
        """Say what tokens order, and what they write.

        Args:
            ordered: see the attribute.
            says: see the attribute.
            pieces: the text of each token.
        """
        self.ordered.copy_(torch.from_numpy(ordered))
        self.says.copy_(torch.from_numpy(says))
        for number, piece in enumerate(pieces):
            if piece in PAIRED:
                self.pairs[number, PAIRED.index(piece)] = 1
            if piece == ")":
                self.pairs[number, 0] = -1
            self.atoms[number] = float(piece in ATOMS)
        self.ends.fill_(list(pieces).index("\n"))
        self.letters[torch.from_numpy((says != 0).any(1))] = self.ends

    def fit(self, rows: Sequence[Int64[np.ndarray, " _"]], properties: Float[np.ndarray, "N 2"]) -> None:
        """Find what groups of letters add to properties.

        Args:
            rows: the tokens of each molecule, without its order.
            properties: of each, in units of what is near enough.
        """
        self.adds.copy_(torch.from_numpy(_fitted(rows, properties, int(self.ends))))

    def read(
        self, tokens: Int64[Tensor, "B T"], state: State = None
    ) -> tuple[Float[Tensor, "B T D"], Tensor | None, tuple[Tensor, ...]]:
        """As that of `LanguageNetwork`, with what is open."""
        letters = self.letters[tokens]
        x, beside, before = super().read(letters, None if state is None else state[:-1])
        still, held = self.open(tokens, letters, None if state is None else state[-1][0])
        beside = still if beside is None else torch.cat([beside, still], -1)
        return torch.cat([x, still], -1), beside, (*before, held)

    def sums(self, tokens: Int64[Tensor, "B T"]) -> Float[Tensor, "B 2"]:
        """The properties of the molecules so far, as the groups of their letters add up."""
        _, held = self.open(tokens, self.letters[tokens], None)
        return held[0, :, REACH - 1 : REACH + 1]

    def open(
        self, tokens: Int64[Tensor, "B T"], letters: Int64[Tensor, "B T"], held: Tensor | None
    ) -> tuple[Float[Tensor, "B T _"], Float[Tensor, "1 B _"]]:
        """What is open behind each token, and what is held to go on from.

        Args:
            tokens: as written.
            letters: as read.
            held: from before: the last letters, what was added, what is ordered and whether, and of rings
                what `_rings` holds.
        """
        sizes = (REACH - 1, 2 + len(PAIRED), 2, 2, DEPTH + RINGS)
        if held is None:
            held = self.adds.new_zeros(len(tokens), sum(sizes))
        last, added, ordered, says, ringed = held.split(sizes, 1)
        whole = torch.cat([last.long(), letters], 1)
        groups = sum(self.adds[place] for place in group_places(whole, REACH))
        each = torch.cat([groups * (letters != self.ends)[..., None], self.pairs[tokens]], -1)
        begin = _latest((tokens == self.ends)[..., None])
        sums = _since(each.cumsum(1) + added[:, None], begin)
        said = _latest(self.says[tokens] != 0)  # the last letter that says something of a property
        order = _from(self.ordered[tokens], said, begin, ordered)
        known = _from(self.says[tokens], said, begin, says)
        wanted = (known > 0).to(sums.dtype)
        left, depth = (order - sums[..., :2]) * wanted, sums[..., 2:3]
        rings, ringed = self._rings(tokens, depth, sums[..., 3:].remainder(2), begin, ringed)
        near = wanted * (left.abs() < 1)
        still = [left / 8, left.tanh(), wanted, near, depth / 3, (depth > 0).to(sums.dtype), rings]
        kept = [whole[:, 1 - REACH :].to(sums.dtype), sums[:, -1], order[:, -1], known[:, -1], ringed]
        return torch.cat(still, -1), torch.cat(kept, 1)[None]

    def _rings(
        self, tokens: Tensor, depth: Tensor, ajar: Tensor, begin: Tensor, held: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Which rings are open, and the atoms in each, in units of six: (B, T, 18).

        The atoms on the way from a line's beginning are counted level by level of brackets; those of a
        bracket that is closed are on it no more. Held are the counts, and those where rings were opened.
        """
        levels = torch.arange(DEPTH, device=tokens.device)
        deep = depth.clamp(0, DEPTH - 1)
        counts = (self.atoms[tokens] * (deep == levels)).cumsum(1) + held[:, None, :DEPTH]
        counts = _since(counts, _latest((deep < levels) | (tokens == self.ends)[..., None]))
        way = counts.sum(-1, keepdim=True).expand(*tokens.shape, RINGS)
        opened = _latest((self.pairs[tokens][..., 1:] > 0) & (ajar > 0))
        first = _from(way, opened, begin, held[:, DEPTH:])
        held = torch.cat([counts[:, -1], first[:, -1]], 1)
        return torch.cat([ajar, ajar * (way - first + 1) / 6], -1), held


def _latest(here: Bool[Tensor, "B T K"]) -> Int64[Tensor, "B T K"]:
    """The last place up to each one at which it was so; -1 for none."""
    place = torch.arange(here.shape[1], device=here.device)[:, None]
    return torch.where(here, place, -1).cummax(1).values


def _since(sums: Float[Tensor, "B T K"], begin: Int64[Tensor, "B T _"]) -> Float[Tensor, "B T K"]:
    """Sums without what they were at a place."""
    return sums - sums.gather(1, begin.clamp_min(0).expand_as(sums)) * (begin >= 0)


def _from(
    values: Float[Tensor, "B T K"],
    place: Int64[Tensor, "B T K"],
    begin: Int64[Tensor, "B T 1"],
    held: Float[Tensor, "B K"],
) -> Float[Tensor, "B T K"]:
    """Values at a place since the line began; else what was held, or 0 in a new line."""
    here = place > begin
    return values.gather(1, place.clamp_min(0)) * here + held[:, None] * (~here & (begin < 0))


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
