"""Perfect play in `envs.connect_four`: who wins if nobody errs. For small boards and late positions.

A position is two sets of bits, the stones of who moves next and all stones, with `rows + 1` bits for each
column, so that four in a row is a few shifts. "Does the next to move win?" and "does it at least draw?" are
answered by trying all moves, those in the middle first, and only the one that blocks where the other would
win; answers are kept in a table (Tromp 2008, John's Connect Four Playground; Pons 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from envs.scenes.connect_four import COLUMNS, ROWS

KEPT = 22
"""Bits of the number of answers that are kept; a later one takes the place of an earlier one."""


class Solver:
    """Values positions of one board.

    Args:
        columns: of the board.
        rows: likewise.
    """

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.columns, self.rows = columns, rows
        self._table = np.full(2**KEPT, 2**64 - 1, np.uint64)
        self._reaches = _compiled()

    def value(self, state: Any) -> int:
        """Return 1 if the next to move wins, 0 for a draw, -1 if the other wins.

        Args:
            state: a record of the environment where nobody has won yet.
        """
        mine, taken = self._bits(state)
        return self._value(mine, taken)

    def values(self, state: Any) -> dict[int, int]:
        """Return what each free column is worth to the one who moves.

        Args:
            state: a record of the environment where nobody has won yet.
        """
        mine, taken = self._bits(state)
        found = {}
        for column in range(self.columns):
            if state["heights"][column] < self.rows:
                stone = 1 << (column * (self.rows + 1) + int(state["heights"][column]))
                won = _four(mine | stone, self.rows)
                found[column] = 1 if won else -self._value(taken ^ mine, taken | stone)
        return found

    def _bits(self, state: Any) -> tuple[int, int]:
        mine = taken = 0
        for cell in np.flatnonzero(state["cells"]).tolist():
            stone = 1 << (cell % COLUMNS * (self.rows + 1) + cell // COLUMNS)
            taken |= stone
            mine |= stone if state["cells"][cell] == state["turn"] else 0
        return mine, taken

    def _value(self, mine: int, taken: int) -> int:
        board = self.rows, self.columns, self._table
        for wanted in (1, 0):
            if self._reaches(np.uint64(mine), np.uint64(taken), wanted, *board):
                return wanted
        return -1


def _four(stones: int, rows: int) -> bool:
    """Whether there are four in a row among some stones."""
    return any(
        pairs & (pairs >> 2 * shift)
        for shift in (1, rows, rows + 1, rows + 2)
        for pairs in (stones & (stones >> shift),)
    )


@cache
def _compiled() -> Callable[..., bool]:
    import numba

    @numba.njit
    def four(stones: Any, rows: int) -> bool:
        for shift in (1, rows, rows + 1, rows + 2):
            pairs = stones & (stones >> np.uint64(shift))
            if pairs & (pairs >> np.uint64(2 * shift)):
                return True
        return False

    @numba.njit
    def reaches(mine: Any, taken: Any, wanted: int, rows: int, columns: int, table: Any) -> bool:
        one, room = np.uint64(1), (np.uint64(1) << np.uint64(rows)) - np.uint64(1)
        theirs, moves, block = taken ^ mine, 0, -1
        for column in range(columns):
            at = np.uint64(column * (rows + 1))
            stone = (taken + (one << at)) & (room << at) & ~taken
            if stone == np.uint64(0):
                continue
            moves += 1
            if four(mine | stone, rows):
                return True
            if four(theirs | stone, rows):
                block = column
        if moves == 0:
            return wanted <= 0
        word = ((mine + taken) << np.uint64(2)) | np.uint64(2 * wanted)
        place = (word * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - KEPT)
        if table[place] | one == word | one:
            return table[place] == word | one
        found = False
        for i in range(columns):
            # The middle first, then what is one, two, ... to its left and right.
            column = columns // 2 + (i + 1) // 2 * (1 if i % 2 == columns % 2 else -1)
            at = np.uint64(column * (rows + 1))
            stone = (taken + (one << at)) & (room << at) & ~taken
            if stone == np.uint64(0) or (block >= 0 and column != block):
                continue
            if not reaches(theirs, taken | stone, 1 - wanted, rows, columns, table):
                found = True
                break
        table[place] = word | (one if found else np.uint64(0))
        return found

    return reaches
