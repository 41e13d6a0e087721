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
