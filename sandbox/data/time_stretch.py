"""Longer or shorter sounds of the same pitch: a phase vocoder. Flanagan & Golden 1966."""

import numpy as np
from jaxtyping import Float

WINDOW = 256


def stretched(waves: Float[np.ndarray, "N T"], factor: float) -> Float[np.ndarray, "N U"]:
    """Sounds that last `factor` times as long, at the same pitch; U is about `factor * T`."""
    from scipy.signal import istft, stft

    _, _, found = stft(waves, nperseg=WINDOW, noverlap=3 * WINDOW // 4, axis=-1)
    frames = found.shape[2]
    at = np.arange(0, frames - 1, 1 / factor)
    low, share = np.floor(at).astype(int), (at % 1).astype(np.float32)
    size = np.abs(found)
    size = size[..., low] * (1 - share) + size[..., low + 1] * share
    turn = np.angle(found[..., 1:] * np.conj(found[..., :-1]))
    phase = np.angle(found[..., :1]) + np.concatenate(
        [np.zeros_like(turn[..., :1]), np.cumsum(turn[..., low], -1)[..., :-1]], -1
    )
    _, made = istft(size * np.exp(1j * phase), nperseg=WINDOW, noverlap=3 * WINDOW // 4)
    return np.asarray(made, np.float32)
