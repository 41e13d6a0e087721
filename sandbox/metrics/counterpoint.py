"""Rules of counterpoint that a piece breaks, counted. Fux 1725; Jeppesen 1931.

    parallel fifths    two voices a fifth apart both move, and are a fifth apart again
    parallel octaves   the same with octaves or unisons
    leaps              a voice moves by a tritone, a seventh, or more than an octave
    dissonances        two notes that are no third, fifth or sixth; more that are no stack of thirds

The voices of a chord are its notes from the highest to the lowest. Between chords of different sizes only the
outer voices are followed. Composers break these rules, so a count says something beside that of their music.
"""

from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from sandbox.data.piano_roll import chords_of

RULES = ("parallel fifths", "parallel octaves", "leaps", "dissonances")
OCTAVE, FIFTH = 12, 7
LEAPS = (6, 10, 11)
"""Semitones that no voice moves by; nor by more than an octave."""
CONSONANT = (0, 3, 4, 7, 8, 9)
"""Semitones above the bass, in one octave."""
STACKS = (
    (0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8),
    (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 3, 6, 10), (0, 3, 6, 9),
)  # fmt: skip
"""Triads and seventh chords, in semitones above their root."""
_KNOWN = frozenset(
    frozenset((root + one) % OCTAVE for one in some)
    for stack in STACKS
    for root in range(OCTAVE)
    for size in (3, 4)
    for some in combinations(stack, size)
)

Chord = tuple[int, ...]


def breaks(roll: NDArray[np.bool_]) -> Mapping[str, int]:
    """How often a piece (T, 88) breaks each rule."""
    counts: dict[str, int] = dict.fromkeys(RULES, 0)
    chords = chords_of(roll)
    for before, after in pairwise(chords):
        for rule, count in moves(before, after).items():
            counts[rule] += count
    counts["dissonances"] = sum(map(dissonant, chords))
    return counts


def moves(before: Chord, after: Chord) -> Mapping[str, int]:
    """The rules broken between two chords, each from the highest note to the lowest."""
    if not before or not after:
        return {}
    if len(before) != len(after):
        before, after = (before[0], before[-1]), (after[0], after[-1])
    pairs = list(zip(before, after, strict=True))
    steps = [abs(new - old) for old, new in pairs]
    found = {"leaps": sum(step in LEAPS or step > OCTAVE for step in steps)}
    for (upper, upper_after), (lower, lower_after) in combinations(pairs, 2):
        if upper == upper_after or lower == lower_after or upper - lower == upper_after - lower_after == 0:
            continue
        if (upper_after > upper) != (lower_after > lower):
            continue  # they move apart, or towards each other
        apart = (upper - lower) % OCTAVE
        if apart == (upper_after - lower_after) % OCTAVE and apart in (0, FIFTH):
            rule = "parallel octaves" if apart == 0 else "parallel fifths"
            found[rule] = found.get(rule, 0) + 1
    return found


def dissonant(chord: Chord) -> bool:
    """Whether the notes of a chord are no consonance, triad or seventh chord."""
    classes = frozenset(note % OCTAVE for note in chord)
    if len(classes) > 2:
        return classes not in _KNOWN
    return any((note - chord[-1]) % OCTAVE not in CONSONANT for note in chord)
