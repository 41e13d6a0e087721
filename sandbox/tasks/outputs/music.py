"""Music as an answer: what follows a piece, as notes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from sandbox.data.formats import midi
from sandbox.data.piano_roll import chords_of, text_of
from sandbox.metrics.counterpoint import breaks

SHOWN = 12
"""Steps that are said in a line."""


@dataclass(frozen=True)
class Music:
    """An answer is a piano roll (T, 88).

    Attributes:
        per_beat: time steps of a beat.
    """

    per_beat: int = 1
    kind: ClassVar[str] = "music"

    def text(self, answer: Any) -> str:
        """Its first chords, such as `C5+E4 D5+F4 ...`."""
        roll = np.asarray(answer, bool)
        return text_of(roll[:SHOWN]) + (f" ... ({len(roll)} steps)" if len(roll) > SHOWN else "")

    def to_json(self, answer: Any) -> dict[str, Any]:
        """MIDI numbers of each step, the highest first, and the rules that they break."""
        roll = np.asarray(answer, bool)
        return {"chords": [list(chord) for chord in chords_of(roll)], "rule_breaks": dict(breaks(roll))}

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write it into a MIDI file."""
        path = folder / f"{stem}.mid"
        path.write_bytes(midi.to_bytes(np.asarray(answer, bool), self.per_beat))
        return path
