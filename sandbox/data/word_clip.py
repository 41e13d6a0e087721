"""One word of a recording: silence cut off, in the middle of a clip of fixed length."""

import numpy as np
from jaxtyping import Float

from sandbox.errors import UserError

SILENT = 35.0
"""Decibels below the loudest moment at which a recording counts as silent."""
MOMENT = 0.02
"""Seconds over which loudness is measured, and that are kept around the word."""
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


def _loud(wave: Float[np.ndarray, " T"], rate: int) -> slice:
    """From the first loud moment to the last."""
    width = max(1, round(MOMENT * rate))
    sums = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    ends = np.minimum(np.arange(len(wave)) + width // 2 + 1, len(wave))
    begins = np.maximum(np.arange(len(wave)) - width // 2, 0)
    power = sums[ends] - sums[begins]
    loud = np.flatnonzero(power >= power.max() * 10 ** (-SILENT / 10))
    return slice(max(0, loud[0] - width), loud[-1] + width + 1)


def _loudest(wave: Float[np.ndarray, " T"], samples: int) -> Float[np.ndarray, " S"]:
    """At most so many samples: the span with the most energy."""
    if len(wave) <= samples:
        return wave
    sums = np.concatenate([[0.0], np.cumsum(np.square(wave, dtype=np.float64))])
    start = int((sums[samples:] - sums[:-samples]).argmax())
    return wave[start : start + samples]
