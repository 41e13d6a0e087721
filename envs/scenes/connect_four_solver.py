"""Who wins in `envs.connect_four` if nobody errs: the compiled part of `agents.planning.perfect_play`."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

KEPT = 22
"""Bits of the number of answers that are kept; a later one takes the place of an earlier one."""
NOTHING = np.uint64(2**64 - 1)
"""A place in the table where nothing is kept yet."""


@cache
def compiled() -> Callable[..., bool]:
    """Compile `reaches`, which says whether the next to move gets at least 0 or 1."""
    import numba

    @numba.njit
    def makes_four(stones: Any, taken: Any, rows: int, board: Any) -> Any:
        """The empty cells in which one more stone makes four in a row."""
        one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
        found = (stones << one) & (stones << two) & (stones << three)
        for shift in (rows, rows + 1, rows + 2):
            s = np.uint64(shift)
            pair = (stones << s) & (stones << two * s)
            found |= pair & ((stones << three * s) | (stones >> s))
            pair = (stones >> s) & (stones >> two * s)
            found |= pair & ((stones >> three * s) | (stones << s))
        return found & board & ~taken

    @numba.njit
    def reaches(
        mine: Any, taken: Any, wanted: int, rows: int, columns: int, bottom: Any, board: Any, table: Any
    ) -> bool:
        one, none = np.uint64(1), np.uint64(0)
        theirs, free = taken ^ mine, (taken + bottom) & board
        if makes_four(mine, taken, rows, board) & free != none:
            return True
        if free == none:
            return wanted <= 0
        danger = makes_four(theirs, taken, rows, board)
        blocks = free & danger
        if blocks & (blocks - one) != none:
            return False  # two to block
        moves = (blocks if blocks != none else free) & ~(danger >> one)
        if moves == none:
            return False  # the other wins on top of each
        word = ((mine + taken) << np.uint64(2)) | np.uint64(2 * wanted)
        place = (word * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - KEPT)
        if table[place] | one == word | one:
            return table[place] == word | one
        order = np.empty(columns, np.int64)
        count, room = 0, (one << np.uint64(rows)) - one
        for i in range(columns):
            # What makes most threats first; else the middle, then what is one, two, ... beside it.
            column = columns // 2 + (i + 1) // 2 * (1 if i % 2 == columns % 2 else -1)
            stone = moves & (room << np.uint64(column * (rows + 1)))
            if stone == none:
                continue
            left, rank = makes_four(mine | stone, taken | stone, rows, board), 64 - i
            while left != none:
                left, rank = left & (left - one), rank + 64
            place_of = count
            while place_of > 0 and order[place_of - 1] < rank:
                order[place_of] = order[place_of - 1]
                place_of -= 1
            order[place_of], count = rank, count + 1
        found = False
        for k in range(count):
            i = -order[k] % 64
            column = columns // 2 + (i + 1) // 2 * (1 if i % 2 == columns % 2 else -1)
            stone = moves & (room << np.uint64(column * (rows + 1)))
            if not reaches(theirs, taken | stone, 1 - wanted, rows, columns, bottom, board, table):
                found = True
                break
        table[place] = word | (one if found else none)
        return found

    return reaches
