"""Notes as sound: each a sum of sines that fade, the high ones first, like those of a plucked string."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data.formats.midi import notes_of
from sandbox.data.piano_roll import LOWEST

RATE = 22_050
"""Samples a second."""
PARTIALS = 6
ATTACK, RELEASE = 0.006, 0.25
"""Seconds in which a note begins, and in which it fades behind its end."""
FADE = 1.4
"""Seconds in which a low note falls to a third; high ones fade faster."""
PEAK = 0.8


def frequency(note: int) -> float:
    """Hertz of a MIDI number, in equal temperament; A4 has 440."""
    return 440.0 * 2 ** ((note - 69) / 12)


def tone(note: int, seconds: float) -> Float[np.ndarray, " T"]:
    """One note of a MIDI number."""
    time = np.arange(round((seconds + RELEASE) * RATE)) / RATE
    pitch = frequency(note)
    wave = np.zeros(len(time))
    for partial in range(1, PARTIALS + 1):
        if partial * pitch < RATE / 2:  # what lies above would come back as another note
            fade = FADE * (220.0 / max(pitch, 110.0)) ** 0.4 / partial**0.7
            wave += np.sin(2 * np.pi * partial * pitch * time) * np.exp(-time / fade) / partial**1.3
    edges = np.minimum(time / ATTACK, 1.0) * np.clip((seconds + RELEASE - time) / RELEASE, 0.0, 1.0)
    return wave * edges


def sound(roll: NDArray[np.bool_], per_beat: int = 1, tempo: float = 90.0) -> Float[np.ndarray, " T"]:
    """A piano roll (T, 88) as samples in [-1, 1] at `RATE`; see `midi.to_bytes` for the arguments."""
    step = 60.0 / tempo / per_beat
    wave = np.zeros(round((len(roll) * step + RELEASE) * RATE) + 2)
    for key, start, end in notes_of(roll, tied=per_beat > 1):
        one, begin = tone(key + LOWEST, (end - start) * step), round(start * step * RATE)
        part = wave[begin : begin + len(one)]
        part += one[: len(part)]
    highest = float(np.abs(wave).max())
    return (wave * (PEAK / highest) if highest else wave).astype(np.float32)
