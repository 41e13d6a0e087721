"""Sounds: recordings made to fit a network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import sounds
from sandbox.data.word_clip import clip


@dataclass(frozen=True)
class Sound:
    """A sound is a waveform (T,) of one channel in [-1, 1], of the network's length and rate.

    Attributes:
        rate: samples a second.
        samples: of a clip, T.
    """

    rate: int
    samples: int
    kind: ClassVar[str] = "sound"
    files: ClassVar[str] = f"a {sounds.KINDS} recording"

    @property
    def shape(self) -> tuple[int]:
        """Of one input."""
        return (self.samples,)

    @property
    def seconds(self) -> float:
        """Length of a clip."""
        return self.samples / self.rate

    def read(self, file: Path) -> NDArray[np.float32]:
        """The sound in a file as one channel at the network's rate, of any length.

        Raises:
            SoundError: it cannot be read; names it.
        """
        return sounds.read(file, self.rate)

    def encode(self, raw: Any) -> NDArray[np.float32]:
        """The word in a recording, in the middle of a clip; a file's bytes are read first.

        Raises:
            UserError: it cannot be read, or it is silent.
        """
        wave = sounds.read(raw, self.rate) if isinstance(raw, bytes) else np.asarray(raw, np.float32)
        if wave.ndim != 1 or not np.isfinite(wave).all():
            raise sounds.SoundError(f"A sound is a row of finite samples, not {wave.shape}.")
        return clip(wave, self.samples, self.rate)

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a clip as a WAV file of 16 bits."""
        path = folder / f"{stem}.wav"
        sounds.write(path, np.asarray(value), self.rate)
        return path
