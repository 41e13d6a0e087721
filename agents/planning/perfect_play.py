"""Perfect play in `envs.connect_four`: who wins if nobody errs. For small boards and late positions.

A position is two sets of bits, the stones of who moves next and all stones, with `rows + 1` bits for each
column, so that four in a row is a few shifts. "Does the next to move win?" and "does it at least draw?" are
answered by trying all moves, those that threaten most first, but none after which the other wins
at once; answers are kept in a table (Tromp 2008, John's Connect Four Playground; Pons 2015).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from envs.scenes.connect_four import COLUMNS, ROWS
from envs.scenes.connect_four_solver import KEPT, NOTHING, compiled


class Solver:
    """Values positions of one board.

    Args:
        columns: of the board.
        rows: likewise.
    """

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.columns, self.rows = columns, rows
        self._table = np.full(2**KEPT, NOTHING)
        self._reaches = compiled()

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
        ones = sum(1 << (column * (self.rows + 1)) for column in range(self.columns))
        cells = np.uint64(ones * ((1 << self.rows) - 1))
        board = self.rows, self.columns, np.uint64(ones), cells, self._table
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
