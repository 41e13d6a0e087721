"""A sound with only some of its pitches at some of its moments: to hear what a network listened to."""

import numpy as np
from jaxtyping import Float

from sandbox.data.log_mel import LogMel


def masked(
    wave: Float[np.ndarray, " T"], gains: Float[np.ndarray, "M L"], front: LogMel
) -> Float[np.ndarray, " T"]:
    """The sound with every pitch at every moment times its gain.

    Args:
        wave: the sound.
        gains: factor of each region of the sound's spectrogram by `front`.
        front: what the spectrogram was made with.
    """
    from scipy.signal import istft, stft

    window = 4 * front.hop
    frequencies, _, found = stft(wave, front.rate, nperseg=window, noverlap=window - front.hop)
    centres = front.edges[1:-1].numpy()
    at = np.interp(frequencies, centres, np.arange(len(centres)))
    low, share = np.floor(at).astype(int), (at % 1)[:, None]
    high = np.minimum(low + 1, len(gains) - 1)
    factors = gains[low] * (1 - share) + gains[high] * share
    columns = np.linspace(0, factors.shape[1] - 1, found.shape[1]).round().astype(int)
    _, heard = istft(found * factors[:, columns], front.rate, nperseg=window, noverlap=window - front.hop)
    result = np.zeros(len(wave), np.float32)
    kept = heard[: len(wave)]
    result[: len(kept)] = kept
    return result
