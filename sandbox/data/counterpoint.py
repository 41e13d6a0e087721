"""Two-voice counterpoint, composed by rules: a lower and an upper voice, note against note. Fux 1725.

A piece has four phrases of eight notes in a major key. Each ends with a cadence: the leading tone rises to an
octave, in the second phrase on the fifth degree, in the others on the first or sixth. No rule of
`sandbox.metrics.counterpoint` is broken, leaps are followed by a step back, and the voices do not cross.

The pieces are synthetic: there is nobody's taste in them, but their rules are known.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sandbox.data.piano_roll import roll_of
from sandbox.metrics.counterpoint import LEAPS, moves

PHRASES, PHRASE = 4, 8
"""Phrases of a piece, and notes of a phrase in each voice."""
SCALE = (0, 2, 4, 5, 7, 9, 11)
CADENCES = ((0, 9), (7,), (0, 9), (0,))
"""Semitones above the tonic on which each phrase may end."""
CONSONANT = (3, 4, 7, 8, 9, 12, 15, 16)
"""Semitones between the voices: thirds, sixths, fifths, octaves and tenths."""
LOWER, UPPER = (48, 64), (57, 77)
"""MIDI numbers that each voice keeps to."""
STEP = 2
"""Semitones of the largest step; more is a leap."""
ALIKE = 3
"""Thirds or sixths in a row, at most."""

Pair = tuple[int, int]


@lru_cache(maxsize=4)
def pieces(count: int, seed: int) -> tuple[NDArray[np.bool_], ...]:
    """Piano rolls (32, 88), all different."""
    generator = np.random.default_rng(seed)
    found: dict[bytes, NDArray[np.bool_]] = {}
    while len(found) < count:
        roll = roll_of(piece(generator))
        found.setdefault(roll.tobytes(), roll)
    return tuple(found.values())


def piece(generator: np.random.Generator) -> list[Pair]:
    """A piece: the upper and the lower note of each step."""
    tonic = int(generator.integers(12))
    found: list[Pair] = []
    for ends in CADENCES:
        while True:
            phrase = _phrase(found[-2:], tonic, int(generator.choice(ends)), generator)
            if phrase:
                break
            if generator.random() < 0.05:  # where the last phrase ended, nothing goes on
                return piece(generator)
        found += phrase
    return found


def _phrase(before: list[Pair], tonic: int, end: int, generator: np.random.Generator) -> list[Pair] | None:
    """Notes of a phrase, or None where the draws have come to a dead end."""
    phrase: list[Pair] = []
    goal = (tonic + end) % 12
    for place in range(PHRASE):
        known = [*before, *phrase]
        options = _options(known, tonic, goal, PHRASE - 1 - place)
        if not options:
            return None
        weights = np.array([_weight(known, pair) for pair in options])
        phrase.append(options[int(generator.choice(len(options), p=weights / weights.sum()))])
    return phrase


def _options(known: list[Pair], tonic: int, goal: int, left: int) -> list[Pair]:
    """Pairs that may follow, where so many steps of the phrase are left behind them."""
    if left == 0:
        uppers, lowers = {goal}, {goal}
    elif left == 1:
        uppers, lowers = {(goal - 1) % 12}, {(goal + 2) % 12}
    else:
        uppers = lowers = {(tonic + degree) % 12 for degree in SCALE}
    found = []
    for lower in range(LOWER[0], LOWER[1] + 1):
        if lower % 12 not in lowers or (known and _too_far(known[-1][1], lower)):
            continue
        for apart in CONSONANT:
            pair = lower + apart, lower
            if pair[0] % 12 in uppers and UPPER[0] <= pair[0] <= UPPER[1] and _allowed(known, pair, left):
                found.append(pair)
    return found


def _allowed(known: list[Pair], pair: Pair, left: int) -> bool:
    if not known:
        return (pair[0] - pair[1]) % 12 in (0, 7)
    last = known[-1]
    if ((pair[0] - pair[1]) % 12 == 0 and left) or not _follows(last, pair):
        return False
    if len(known) > 1:
        for voice in (0, 1):
            leap, step = last[voice] - known[-2][voice], pair[voice] - last[voice]
            if abs(leap) > 4 and not (abs(step) <= STEP and step * leap < 0):
                return False
        kinds = [(upper - lower) // 3 for upper, lower in [*known[-ALIKE:], pair]]
        if len(kinds) > ALIKE and len(set(kinds)) == 1:
            return False
    return True


@lru_cache(maxsize=40_000)
def _follows(last: Pair, pair: Pair) -> bool:
    """Whether the rules for two neighbouring steps allow it."""
    if pair == last or _too_far(last[0], pair[0]) or any(moves(last, pair).values()):
        return False
    if pair[1] >= last[0] or pair[0] <= last[1]:  # a voice passes where the other one was
        return False
    together = (pair[0] - last[0]) * (pair[1] - last[1]) > 0
    if together and (pair[0] - pair[1]) % 12 in (0, 7):  # hidden fifths and octaves
        return False
    return not (abs(pair[0] - last[0]) > STEP and abs(pair[1] - last[1]) > STEP)


def _too_far(last: int, note: int) -> bool:
    return abs(note - last) > 8 or abs(note - last) in LEAPS


def _weight(known: list[Pair], pair: Pair) -> float:
    """Steps rather than leaps, and voices that move against each other."""
    if not known:
        return 1.0
    upper, lower = pair[0] - known[-1][0], pair[1] - known[-1][1]
    weight = np.exp(-0.45 * (max(0, abs(upper) - STEP) + max(0, abs(lower) - STEP)))
    if upper == 0 or lower == 0:
        weight *= 0.35
    return float(weight * (2.5 if upper * lower < 0 else 1.0))
