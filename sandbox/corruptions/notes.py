"""Ways to spoil music: wrong notes, another order of time, another key."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.corruptions.corruption import Corruption
from sandbox.data.piano_roll import KEYS, transposed


def wrong_notes(pieces: Any, amount: float, seed: int) -> Sequence[NDArray[np.bool_]]:
    """Move a share of the notes by a semitone up or down."""
    found = []
    for number, piece in enumerate(pieces):
        roll = np.array(piece, bool)
        generator = np.random.default_rng((seed, number))
        # The same draws for every amount: what is wrong stays wrong as the amount grows.
        drawn, by = generator.random(roll.shape), generator.choice([-1, 1], roll.shape)
        wrong = roll & (drawn < amount)
        for step, key in np.argwhere(wrong):
            place = key + by[step, key]
            roll[step, key] = False
            roll[step, place if 0 <= place < KEYS else key] = True
        found.append(roll)
    return found


def shuffled(pieces: Any, amount: float, seed: int) -> Sequence[NDArray[np.bool_]]:
    """Exchange a share of the chords among themselves."""
    found = []
    for number, piece in enumerate(pieces):
        roll = np.array(piece, bool)
        generator = np.random.default_rng((seed, number))
        places = np.flatnonzero(generator.random(len(roll)) < amount)
        roll[places] = roll[generator.permutation(places)]
        found.append(roll)
    return found


def another_key(pieces: Any, amount: float, seed: int) -> Sequence[NDArray[np.bool_]]:
    """Move whole pieces up by `amount` semitones."""
    return [transposed(piece, round(amount)) for piece in pieces]


CORRUPTIONS: Mapping[str, Corruption] = {
    "wrong_notes": Corruption(
        "Wrong notes",
        wrong_notes,
        "share of the notes",
        0.5,
        "A semitone beside the right note is the least expected one, and the next chord is foreseen from it.",
    ),
    "shuffled": Corruption(
        "Chords in another order",
        shuffled,
        "share of the chords",
        1.0,
        "Every chord is a good one still, but none leads to the next. What is lost is what it knows of time.",
    ),
    "another_key": Corruption(
        "Another key",
        another_key,
        "semitones up",
        12.0,
        "It has heard pieces in all keys, moved by up to six semitones. Of higher ones it has heard few.",
    ),
}
