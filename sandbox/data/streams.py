"""A long row of numbers, read in several places at the same time, a piece at each step."""

import torch
from jaxtyping import Int64
from torch import Tensor


class Streams:
    """Batches of pieces; the piece of the next step begins where that of this one ends.

    `streams(step)` is a function of the step alone. Each epoch begins at another place of the text, which is
    read as a ring.

    Args:
        tokens: the text, on the device to learn on.
        rows: places that are read at the same time, B; fewer where the text is too short for them.
        length: numbers in a piece, T; fewer likewise.
        seed: of the places.

    Raises:
        ValueError: fewer than 3 numbers.
    """

    def __init__(self, tokens: Int64[Tensor, " N"], *, rows: int, length: int, seed: int) -> None:
        if len(tokens) < 3:
            raise ValueError(f"a text of {len(tokens)} tokens is too short")
        self.tokens, self.seed = tokens, seed
        self.rows = max(1, min(rows, len(tokens) // (length + 1)))
        self.length = min(length, len(tokens) // self.rows - 1)
        self.per_epoch = (len(tokens) // self.rows - 1) // self.length
        self._epoch, self._table = -1, tokens

    def begins(self, step: int) -> bool:
        """Whether the pieces of a step do not follow those of the step before."""
        return step % self.per_epoch == 0

    def __call__(self, step: int) -> tuple[Int64[Tensor, "B T"], Int64[Tensor, "B T"]]:
        """The pieces of a step, counted from 0, and for each number the one that follows."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
            first = int(torch.randint(0, len(self.tokens), (), generator=generator))
            each = len(self.tokens) // self.rows
            self._table = self.tokens.roll(-first)[: each * self.rows].view(self.rows, each)
            self._epoch = epoch
        begin = place * self.length
        piece = self._table[:, begin : begin + self.length + 1]
        return piece[:, :-1], piece[:, 1:]
