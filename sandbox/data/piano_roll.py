"""Music as a piano roll: which of a piano's 88 keys sound at each time step."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Int64
from numpy.typing import NDArray

from sandbox.errors import UserError

KEYS, LOWEST = 88, 21
"""Keys of a piano, and the MIDI number of the lowest, A0."""
VOICES = 8
"""Notes that sound at the same time, at most."""
LONGEST = 160
"""Time steps of a piece that is learned from or read."""
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
REST = "."
MOST_TYPED = 4_000
"""Characters of typed notes."""
_PLACES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NOTE = re.compile(r"([A-Ga-g])([#b♯♭]?)(-?\d)")

Rolls = Sequence[NDArray[np.bool_]]
"""Pieces, each an array (T, 88)."""


def roll_of(chords: Sequence[Iterable[int]]) -> NDArray[np.bool_]:
    """A piano roll (T, 88) of chords, each the MIDI numbers that sound at a time step.

    Raises:
        ValueError: a number is no key of a piano.
    """
    roll = np.zeros((len(chords), KEYS), bool)
    for row, chord in zip(roll, chords, strict=True):
        for note in chord:
            if not LOWEST <= note < LOWEST + KEYS:
                raise ValueError(f"{note} is no key of a piano")
            row[note - LOWEST] = True
    return roll


def chords_of(roll: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """The MIDI numbers that sound at each step, the highest first."""
    return [tuple(int(key) + LOWEST for key in np.flatnonzero(row)[::-1]) for row in np.asarray(roll, bool)]


def slots_of(roll: NDArray[np.bool_]) -> Int64[np.ndarray, "T 8"]:
    """The keys that sound at each step, counted from 1, the highest first; 0 where there are no more."""
    found = np.zeros((len(roll), VOICES), np.int64)
    for row, keys in zip(found, np.asarray(roll, bool), strict=True):
        some = np.flatnonzero(keys)[::-1][:VOICES] + 1
        row[: len(some)] = some
    return found


def roll_of_slots(slots: Int64[np.ndarray, "T S"]) -> NDArray[np.bool_]:
    """The reverse of `slots_of`."""
    roll = np.zeros((len(slots), KEYS + 1), bool)
    np.put_along_axis(roll, np.asarray(slots), True, 1)
    return roll[:, 1:]


def thinned(roll: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At most `VOICES` notes at each step: of more, the lowest and the highest ones."""
    roll = np.array(roll, bool)
    for row in np.flatnonzero(roll.sum(1) > VOICES):
        keys = np.flatnonzero(roll[row])
        roll[row, keys[1 : len(keys) - VOICES + 1]] = False
    return roll


def melody_of(roll: NDArray[np.bool_]) -> Int64[np.ndarray, " T"]:
    """The highest key of each step, counted from 1; 0 where nothing sounds."""
    return slots_of(roll)[:, 0]


def transposed(roll: NDArray[np.bool_], semitones: int) -> NDArray[np.bool_]:
    """Every note higher by so many semitones, or as near to that as the piano allows."""
    sounding = np.flatnonzero(np.asarray(roll).any(0))
    if not len(sounding):
        return np.array(roll, bool)
    moved = int(np.clip(semitones, -sounding[0], KEYS - 1 - sounding[-1]))
    return np.roll(np.asarray(roll, bool), moved, axis=1)


def name_of(note: int) -> str:
    """What a MIDI number is called: `C4` is 60, the middle one."""
    return f"{NAMES[note % 12]}{note // 12 - 1}"


def text_of(roll: NDArray[np.bool_]) -> str:
    """A piece as `parse` reads it: `C4+E4 D4 .`."""
    return " ".join("+".join(map(name_of, chord)) or REST for chord in chords_of(roll))


def parse(text: str) -> NDArray[np.bool_]:
    """A piano roll of typed notes: `C4 D4 E4+G4*2 .` is two notes, a chord of two steps and a rest.

    Raises:
        UserError: a word is no note; names it.
    """
    if len(text) > MOST_TYPED:
        raise UserError(f"At most {MOST_TYPED:,} characters of notes can be typed.")
    chords: list[tuple[int, ...]] = []
    for word in text.replace("|", " ").replace(",", " ").split():
        said, star, times = word.partition("*")
        if star and not (times.isdecimal() and 1 <= int(times) <= LONGEST):
            raise UserError(f"{word[:20]} is no note: behind * stands for how many steps, such as C4*2.")
        notes = () if said in (REST, "-") else tuple(_number(note) for note in said.split("+"))
        chords += [notes] * (int(times) if star else 1)
    if not any(chords):
        raise UserError("There are no notes: type some, such as C5 D5 E5.")
    if len(chords) > LONGEST:
        raise UserError(f"There are {len(chords):,} steps; {LONGEST} are the most.")
    return thinned(roll_of(chords))


def _number(note: str) -> int:
    found = _NOTE.fullmatch(note)
    if not found:
        raise UserError(
            f"{note[:20]!r} is no note; a note is a letter and its octave, such as C5, F#4 or Bb3."
        )
    letter, sign, octave = found.groups()
    number = (
        _PLACES[letter.upper()] + {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}[sign] + 12 * (int(octave) + 1)
    )
    if not LOWEST <= number < LOWEST + KEYS:
        raise UserError(f"{note} is no key of a piano, which has A0 to C8.")
    return number
