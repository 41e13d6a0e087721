"""The one way in for sounds: a file or its bytes becomes one channel at the wanted rate.

Files come from anywhere: what a header promises is checked against limits before anything is decoded.
"""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.errors import UserError, because
from sandbox.files import path_text

ENDINGS = (".wav", ".wave", ".flac", ".ogg", ".oga", ".mp3")
"""Of the files that are taken for sounds, in lower case."""
KINDS = "WAV, FLAC, OGG or MP3"
FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "MPEG")
MAX_BYTES = 100 * 10**6
MAX_SECONDS = 60.0
"""Of one recording: a word or a sentence, not a concert."""
MAX_SAMPLES = 50 * 10**6
"""Of all channels of a file as it is decoded."""
RATES = (1_000, 400_000)
"""Samples a second that a file may have."""
CANCELLED = 0.1
"""Channels whose mean is weaker than this share of the strongest one are out of phase: that one is taken."""

Wave = Float[np.ndarray, " T"]
"""Samples in [-1, 1], one channel."""


class SoundError(UserError, ValueError):
    """What was given is no sound that can be read; the sentence says why."""


def read(source: Path | str | bytes, rate: int, *, name: str = "") -> Wave:
    """The sound of a file: all channels as one, without a constant offset, at `rate` samples a second.

    Args:
        source: a file, or its bytes.
        rate: wanted samples a second; what lies above half of it is filtered out first.
        name: what it is called in a message; by default its path.

    Raises:
        SoundError: it is missing, empty, too long, damaged or of another format; names it.
    """
    import soundfile

    name = name or (path_text(source) if isinstance(source, Path | str) else "The recording")
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    except OSError as error:
        raise SoundError(f"{name} cannot be read because {because(error)}.") from None
    if not size:
        raise SoundError(f"{name} is an empty file.")
    if size > MAX_BYTES:
        raise SoundError(f"{name} is larger than {MAX_BYTES // 10**6} MB; cut it first.")
    try:
        with soundfile.SoundFile(io.BytesIO(source) if isinstance(source, bytes) else str(source)) as file:
            _check(file, name)
            channels = file.read(dtype="float32", always_2d=True)
            found = file.samplerate
    except SoundError:
        raise
    except (soundfile.SoundFileError, RuntimeError, ValueError, OSError, TypeError) as error:
        if _is_other(error):
            raise SoundError(f"{name} is not a {KINDS} sound.") from None
        raise SoundError(f"{name} cannot be read: it is damaged.") from error
    if not len(channels):
        raise SoundError(f"{name} holds no sound: it is 0 seconds long.")
    if not np.isfinite(channels).all():
        raise SoundError(f"{name} is damaged: some of its samples are no numbers.")
    return resampled(one_channel(channels), found, rate)


def one_channel(channels: Float[np.ndarray, "T C"]) -> Wave:
    """The mean of all channels, or the strongest one where they cancel; at most 1, around 0."""
    peak = float(np.abs(channels).max())
    centred = channels - channels.mean(0, dtype=np.float64)
    if peak > 1:  # files of floats may go beyond full scale
        centred /= peak
    mean = centred.mean(1)
    power = np.square(centred).mean(0)
    if np.square(mean).mean() < CANCELLED**2 * power.max():
        mean = centred[:, power.argmax()]
    return mean.clip(-1, 1).astype(np.float32)


def resampled(wave: Wave, found: int, wanted: int) -> Float[np.ndarray, " U"]:
    """The same sound at another rate, through a filter against aliasing; at least one sample."""
    if found == wanted:
        return wave
    from scipy.signal import resample_poly

    ratio = Fraction(wanted, found).limit_denominator(1_000)  # within 0.1 % of the length and the pitch
    return np.asarray(resample_poly(wave, ratio.numerator, ratio.denominator), np.float32)


def write(path: Path, wave: NDArray[np.floating], rate: int) -> None:
    """Write one channel as a WAV file of 16 bits; what is beyond full scale is cut off."""
    path.write_bytes(wav(wave, rate))


def wav(wave: NDArray[np.floating], rate: int) -> bytes:
    """One channel as the bytes of a WAV file of 16 bits."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(wave, -1, 1), rate, subtype="PCM_16", format="WAV")
    return buffer.getvalue()


def _check(file, name: str) -> None:
    """Refuse what would take too much memory, going by the header."""
    if file.format not in FORMATS:
        raise SoundError(f"{name} is not a {KINDS} sound.")
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise SoundError(f"{name} says it has {file.samplerate:,} samples a second, which cannot be read.")
    if file.frames > MAX_SECONDS * file.samplerate:
        raise SoundError(f"{name} is longer than {MAX_SECONDS:.0f} seconds; cut the part out that matters.")
    if file.frames * file.channels > MAX_SAMPLES:
        raise SoundError(f"{name} has {file.channels} channels, which is too much to read.")


def _is_other(error: Exception) -> bool:
    """Whether libsndfile found no format that it knows, rather than a damaged file of one."""
    return "Format not recognised" in str(error) or "unknown format" in str(error).lower()
