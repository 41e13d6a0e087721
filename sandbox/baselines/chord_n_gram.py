"""What chord follows the last few: counted in all keys, and smoothed. Chen & Goodman 1999.

    p(c | h) = max(n(h c) - D, 0) / n(h) + D k(h) / n(h) p(c | h')

h are the last chords, h' without the first of them, k(h) how many different chords follow h, and D is
n1 / (n1 + 2 n2). Below the counts of single chords stands a chain of notes: each given the one above it in
the chord, so that every chord has a probability.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from sandbox.data.piano_roll import KEYS, VOICES, Rolls, roll_of_slots, slots_of, transposed
from sandbox.tasks.composer import Composer, Composing

Chord = tuple[int, ...]
Start: Chord = (KEYS + 1,)
TRANSPOSED = range(-5, 7)
"""Semitones by which each piece is moved before it is counted."""
HALF = 0.5
"""Added to counts of notes, spread over all that may come."""


class ChordNGram(Composer):
    """Goes on with the chord that followed the last `order - 1` ones; a Markov chain with order 2.

    Args:
        pieces: to count in.
        order: chords in a group.
        composing: how it writes.
        per_beat: time steps of a beat.
    """

    def __init__(self, pieces: Rolls, order: int, composing: Composing, per_beat: int = 1) -> None:
        super().__init__(composing, per_beat)
        self.pieces, self.order = pieces, order
        self._known: dict[tuple[tuple[Chord, ...], int], tuple[list[Chord], NDArray[np.float64]]] = {}

    @cached_property
    def counts(self) -> "Sequence[dict[tuple[Chord, ...], Counter[Chord]]]":
        """What follows groups of 0, 1, ... chords; counted when they are first asked for."""
        found: list[dict[tuple[Chord, ...], Counter[Chord]]] = [{} for _ in range(self.order)]
        for piece in self.pieces:
            for by in TRANSPOSED:
                chords = [Start] * (self.order - 1) + _chords(transposed(piece, by))
                for place in range(self.order - 1, len(chords)):
                    for n in range(self.order):
                        history = tuple(chords[place - n : place])
                        found[n].setdefault(history, Counter())[chords[place]] += 1
        return found

    @cached_property
    def discounts(self) -> list[float]:
        """D of each order."""
        found = []
        for table in self.counts:
            kinds = Counter(count for row in table.values() for count in row.values())
            once, twice = kinds[1], kinds[2]
            found.append(once / (once + 2 * twice) if once and twice else HALF)
        return found

    @cached_property
    def chain(self) -> Float[np.ndarray, "9 90 89"]:
        """p(note | its place in the chord, the note above it), from the top to 0, the end."""
        found = np.zeros((VOICES + 1, KEYS + 2, KEYS + 1))
        for chord, count in self.counts[0][()].items():
            above = (KEYS + 1, *chord)
            for place, (last, note) in enumerate(zip(above, (*chord, 0), strict=True)):
                found[place, last, note] += count
        numbers = np.arange(KEYS + 1)
        allowed = (numbers[None] < np.arange(KEYS + 2)[:, None]).astype(float)
        allowed[0, 0] = 1.0
        found += HALF * allowed / allowed.sum(1, keepdims=True)
        found[VOICES] = numbers == 0
        return found / found.sum(2, keepdims=True)

    def costs(self, pieces: Rolls) -> list[Float[np.ndarray, " _"]]:
        """Minus the logarithm of the probability of each chord."""
        return [self._costs(_chords(piece)) for piece in pieces]

    def drawn(
        self, begins: Rolls, seeds: Sequence[int], how: Composing, melody: Int64[np.ndarray, "N T"]
    ) -> list[NDArray[np.bool_]]:
        """One chord after the other."""
        found = []
        for begin, seed, line in zip(begins, seeds, melody, strict=True):
            generator = np.random.default_rng(seed)
            chords = [Start] * (self.order - 1) + _chords(begin)
            for top in line.tolist():
                chords.append(self._next(tuple(chords[len(chords) - self.order + 1 :]), top, how, generator))
            new = chords[len(chords) - len(line) :]
            slots = np.zeros((len(new), VOICES), np.int64)
            for row, chord in zip(slots, new, strict=True):
                row[: len(chord)] = chord
            found.append(roll_of_slots(slots))
        return found

    def _costs(self, chords: list[Chord]) -> Float[np.ndarray, " T"]:
        whole, found = [Start] * (self.order - 1) + chords, np.zeros(len(chords))
        for place, chord in enumerate(chords):
            share = self._of_chain(chord)
            for n in range(self.order):
                row = self.counts[n].get(tuple(whole[place + self.order - 1 - n : place + self.order - 1]))
                if row is not None:
                    total, less = row.total(), self.discounts[n]
                    share = (max(row[chord] - less, 0.0) + less * len(row) * share) / total
            found[place] = -np.log(share)
        return found

    def _of_chain(self, chord: Chord) -> float:
        share = 1.0
        for place, (last, note) in enumerate(zip((KEYS + 1, *chord), (*chord, 0), strict=True)):
            share *= self.chain[place, last, note]
        return share

    def _next(
        self, history: tuple[Chord, ...], top: int, how: Composing, generator: np.random.Generator
    ) -> Chord:
        """Draw a chord, from the longest history that is known down to the chain of notes."""
        for n in reversed(range(self.order)):
            key = history[len(history) - n :]
            row = self.counts[n].get(key)
            if row is None:
                continue
            if (key, top) not in self._known:
                some = [chord for chord in row if not top or chord[:1] == (top,)]
                less = self.discounts[n]
                counted = np.array([*(row[chord] - less for chord in some), less * len(row)])
                self._known[key, top] = some, np.maximum(counted / counted.sum(), 1e-12)
            some, weights = self._known[key, top]
            sums = (weights ** (1 / how.temperature)).cumsum()
            place = min(int(np.searchsorted(sums, generator.random() * sums[-1])), len(some))
            if place < len(some):
                return some[place]
        chord: Chord = (top,) if top else ()
        while True:
            shares = self.chain[len(chord), chord[-1] if chord else KEYS + 1] ** (1 / how.temperature)
            note = int(generator.choice(KEYS + 1, p=shares / shares.sum()))
            if note == 0:
                return chord
            chord = (*chord, note)


def _chords(roll: NDArray[np.bool_]) -> list[Chord]:
    """Keys counted from 1, the highest first."""
    return [tuple(key for key in row if key) for row in slots_of(roll).tolist()]
