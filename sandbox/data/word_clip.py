"""One word of a recording in the middle of a clip of fixed length, or several words, one clip each."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.errors import UserError

SILENT = 35.0
"""Decibels below the loudest moment at which a recording counts as silent."""
MOMENT = 0.02
"""Seconds over which loudness is measured, and that are kept around the word."""
PAUSE = 0.3
"""Seconds of silence between two words; within one there is less, as before the t of eight."""
LONG = 2.5
"""A recording of more than so many clips may hold several words."""
FAINTEST = 1e-4
"""Largest sample below which there is nothing to hear, of full scale."""


def clip(wave: Float[np.ndarray, " T"], samples: int, rate: int) -> Float[np.ndarray, " S"]:
    """The loud part of a recording in the middle of `samples` samples, as loud as possible.

    One that already has this length stays where it is. A longer word loses its ends, the quieter one first.

    Raises:
        UserError: it is silent.
    """
    peak = float(np.abs(wave).max()) if len(wave) else 0.0
    if peak < FAINTEST:
        raise UserError("The recording is silent.")
    found = (wave / peak).astype(np.float32)
    if len(found) == samples:
        return found
    part = _loudest(found[_loud(found, rate)], samples)
    result = np.zeros(samples, np.float32)
    start = (samples - len(part)) // 2
    result[start : start + len(part)] = part
    return result


def words(wave: Float[np.ndarray, " T"], samples: int, rate: int) -> list[Float[np.ndarray, " S"]]:
    """Each word of a recording in a clip of its own, where it is long and has pauses; else the one `clip`.

    Raises:
        UserError: it is silent.
    """
    whole = clip(wave, samples, rate)
    if len(wave) <= LONG * samples:
        return [whole]
    loud = _loud_places(wave, rate)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > PAUSE * rate) + 1)
    margin = round(MOMENT * rate)
    # A click or a breath is shorter than any word.
    spans = [(part[0], part[-1]) for part in parts if part[-1] - part[0] > 4 * margin]
    if len(spans) < 2:
        return [whole]
    return [clip(wave[max(0, first - margin) : last + margin], samples, rate) for first, last in spans]


def _loud(wave: Float[np.ndarray, " T"], rate: int) -> slice:
    """From the first loud moment to the last."""
    loud, width = _loud_places(wave, rate), round(MOMENT * rate)
    return slice(max(0, loud[0] - width), loud[-1] + width + 1)


def _loud_places(wave: Float[np.ndarray, " T"], rate: int) -> NDArray[np.integer]:
    """Samples around which it is at most `SILENT` decibels quieter than at the loudest."""
    width = max(1, round(MOMENT * rate))
    sums = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    ends = np.minimum(np.arange(len(wave)) + width // 2 + 1, len(wave))
    begins = np.maximum(np.arange(len(wave)) - width // 2, 0)
    power = sums[ends] - sums[begins]
    return np.flatnonzero(power >= power.max() * 10 ** (-SILENT / 10))


def _loudest(wave: Float[np.ndarray, " T"], samples: int) -> Float[np.ndarray, " S"]:
    """At most so many samples: the span with the most energy."""
    if len(wave) <= samples:
        return wave
    sums = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    start = int((sums[samples:] - sums[:-samples]).argmax())
    return wave[start : start + samples]
