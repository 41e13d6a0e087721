"""Ways to spoil sounds: noise, clipping, tempo, pitch, loudness, another microphone, cut off."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sandbox.corruptions.corruption import Corruption
from sandbox.data.time_stretch import stretched
from sandbox.tasks.inputs.sound import Sound

Waves = Float[Tensor, "N T"]
"""In [-1, 1]."""
TELEPHONE = (1_200.0, 1_700.0)
"""Hertz that the worst microphone lets through."""


def corruptions(input: Sound) -> Mapping[str, Corruption]:
    """All of them, for sounds of the input's rate."""
    return {**CORRUPTIONS, "microphone": _microphone(input.rate)}


def noise(waves: Waves, amount: float, seed: int) -> Waves:
    """Add white noise, `amount` times as strong as the word."""
    drawn = torch.randn(waves.shape, generator=torch.Generator().manual_seed(seed))
    return _whole(waves + amount * _strength(waves) * drawn)


def clipping(waves: Waves, amount: float, seed: int) -> Waves:
    """Amplify by `amount` decibels and cut off what is beyond full scale."""
    return (waves * 10 ** (amount / 20)).clamp(-1, 1)


def speed(waves: Waves, amount: float, seed: int) -> Waves:
    """Say everything `1 + amount` times as fast, at the same pitch."""
    return waves if amount == 0 else _fitted(stretched(waves.numpy(), 1 / (1 + amount)), waves)


def pitch(waves: Waves, amount: float, seed: int) -> Waves:
    """Raise the voice and its formants by `amount` semitones, at the same tempo, as on a faster tape."""
    if amount == 0:
        return waves
    longer = torch.from_numpy(stretched(waves.numpy(), 2 ** (amount / 12)))
    faster = torch.nn.functional.interpolate(longer[:, None], waves.shape[1], mode="linear")[:, 0]
    return _fitted(faster.numpy(), waves)


def quieter(waves: Waves, amount: float, seed: int) -> Waves:
    """Record it `amount` decibels quieter with the 65,536 steps of 16 bits."""
    return waves if amount == 0 else (waves * 10 ** (-amount / 20) * 32_768).round() / 32_768


def cut_off(waves: Waves, amount: float, seed: int) -> Waves:
    """Silence the last `amount` (0 to 1) of each clip."""
    kept = waves.clone()
    kept[:, round((1 - amount) * waves.shape[1]) :] = 0
    return kept


def microphone(rate: int, waves: Waves, amount: float, seed: int) -> Waves:
    """Let through fewer and fewer frequencies; all at 0, those of `TELEPHONE` at 1."""
    if amount == 0:
        return waves
    count = waves.shape[1]
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    low = amount * TELEPHONE[0]
    high = (rate / 2) ** (1 - amount) * TELEPHONE[1] ** amount
    passes = 1 / (1 + (low / np.maximum(frequencies, 1e-3)) ** 8) / (1 + (frequencies / high) ** 8)
    found = np.fft.irfft(np.fft.rfft(waves.numpy(), axis=1) * passes, count, axis=1)
    return torch.from_numpy(found.astype(np.float32))


def _strength(waves: Waves) -> Tensor:
    """Root of the mean square of each word, (N, 1), silence left out."""
    loud = waves.abs() > 0.01
    return (waves.square().sum(1) / loud.sum(1).clamp_min(1)).sqrt()[:, None]


def _whole(waves: Waves) -> Waves:
    """Scaled down where they are beyond full scale, so that nothing is cut off."""
    return waves / waves.abs().amax(1, keepdim=True).clamp_min(1.0)


def _fitted(found: Any, like: Waves) -> Waves:
    """Sounds of another length in the middle of clips as before."""
    count, wanted = found.shape[1], like.shape[1]
    if count > wanted:
        begin = (count - wanted) // 2
        return _whole(torch.from_numpy(np.ascontiguousarray(found[:, begin : begin + wanted])))
    result = torch.zeros_like(like)
    begin = (wanted - count) // 2
    result[:, begin : begin + count] = torch.from_numpy(found)
    return _whole(result)


def _microphone(rate: int) -> Corruption:
    return Corruption(
        "Another microphone",
        partial(microphone, rate),
        "blend with a very bad telephone",
        1.0,
        "High and low frequencies are gone. Where s and f differed, there is nothing left to hear.",
    )


CORRUPTIONS: Mapping[str, Corruption] = {
    "noise": Corruption(
        "Noise",
        noise,
        "times as strong as the word",
        2.0,
        "Noise fills the quiet regions of the spectrogram, where consonants differ.",
    ),
    "clipping": Corruption(
        "Clipping",
        clipping,
        "decibels too loud",
        40.0,
        "Cut-off peaks add frequencies that nobody spoke. The formants mostly stay where they were.",
    ),
    "speed": Corruption(
        "Faster",
        speed,
        "faster than it was said, in times",
        1.5,
        "Training stretched each word a little. Twice as fast is outside of what it has heard.",
    ),
    "pitch": Corruption(
        "Higher",
        pitch,
        "semitones up",
        12.0,
        "All formants move up, as in a shorter vocal tract. No child's voice was in the training.",
    ),
    "quieter": Corruption(
        "Quieter",
        quieter,
        "decibels quieter",
        84.0,
        "Each word is normalised by itself, so loudness alone does not matter. Below 60 decibels, too few "
        "steps of the recording are left.",
    ),
    "microphone": _microphone(8_000),
    "cut_off": Corruption(
        "Cut off",
        cut_off,
        "of the clip, from its end",
        1.0,
        "Six and seven begin alike. Without the end of a word nobody can know.",
    ),
}
"""By name."""
