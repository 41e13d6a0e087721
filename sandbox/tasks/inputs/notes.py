"""Music as notes: a MIDI file, typed notes, or a piano roll."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import midi
from sandbox.data.piano_roll import KEYS, LONGEST, parse, thinned
from sandbox.errors import UserError


@dataclass(frozen=True)
class Notes:
    """A piece is a piano roll, an array (T, 88) of which keys sound; its last 160 steps are read.

    Attributes:
        per_beat: time steps of a beat.
    """

    per_beat: int = 1
    kind: ClassVar[str] = "notes"
    files: ClassVar[str] = "a MIDI file (.mid)"

    def read(self, file: Path) -> NDArray[np.bool_]:
        """The piano roll of a MIDI file.

        Raises:
            UserError: it cannot be read, or holds no notes; names it.
        """
        return midi.read(file, self.per_beat)

    def encode(self, raw: Any) -> NDArray[np.bool_]:
        """A piece as the network takes it, from a piano roll, typed notes, or the bytes of a MIDI file.

        Raises:
            UserError: it is none of these, or empty.
        """
        if isinstance(raw, str):
            return parse(raw)
        roll = midi.read(raw, self.per_beat) if isinstance(raw, bytes) else np.asarray(raw)
        if roll.ndim != 2 or roll.shape[1] != KEYS or not len(roll):
            raise UserError(f"A piece is an array (T, {KEYS}) of the keys that sound, not {roll.shape}.")
        return thinned(roll.astype(bool)[-LONGEST:])

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a piece into a MIDI file."""
        path = folder / f"{stem}.mid"
        path.write_bytes(midi.to_bytes(np.asarray(value, bool), self.per_beat))
        return path
