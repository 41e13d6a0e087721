"""Electrocardiograms: made ones of many hearts, R peaks, and windows around the beats. Not for clinical use.

A made one is a sum of Gaussians for each beat, the waves P, Q, R, S and T, in the manner of McSharry et al.
2003 (in time instead of phase), with a heart rate that breathes, a wandering baseline and noise. Every heart
has waves of its own. Hearts that something is wrong with have beats that come early, are missing, are
widened, or are covered by noise.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64
from numpy.typing import NDArray

from sandbox.errors import UserError
from sandbox.files import path_text

RATE = 100
"""Measurements a second, to which every recording is brought."""
BEFORE, AFTER = 80, 100
"""Measurements of a window before and from the R peak on: the beat, and where its neighbours should be."""
KINDS = ("normal", "early", "missing", "widened", "noisy")
"""`missing` is a beat behind which the next one is missing."""
WAVES = (  # name, seconds from R in a beat of one second, height in mV, width in seconds
    ("P", -0.17, 0.15, 0.025),
    ("Q", -0.030, -0.10, 0.010),
    ("R", 0.0, 1.10, 0.012),
    ("S", 0.030, -0.22, 0.012),
    ("T", 0.27, 0.30, 0.055),
)
APART = 5
"""Beats between two that something is wrong with, at least; their neighbours are not tested."""
HIGHEST_RATE = 10_000.0


@dataclass(frozen=True)
class Beats:
    """Windows around beats.

    Attributes:
        windows: (N, T), in mV.
        kinds: (N,), places in `KINDS`.
        hearts: (N,), whose beats they are.
    """

    windows: NDArray[np.float32]
    kinds: NDArray[np.int64]
    hearts: NDArray[np.int64]


def made(hearts: int, beats: int, seed: int, *, ill: bool) -> Beats:
    """Beats of made hearts.

    Args:
        hearts: how many, each another one.
        beats: of each, about.
        seed: of the draws.
        ill: whether about one of seven beats has something wrong with it.
    """
    found = [_heart(beats, np.random.default_rng((seed, heart)), ill) for heart in range(hearts)]
    owners = np.concatenate([np.full(len(kinds), heart) for heart, (_, kinds) in enumerate(found)])
    return Beats(np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found]), owners)


def _heart(
    beats: int, random: np.random.Generator, ill: bool
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rate = random.uniform(0.65, 1.05)  # seconds from beat to beat
    breath = random.uniform(0.02, 0.05) * np.sin(np.arange(beats) * random.uniform(1.1, 1.9))
    gaps = rate * (1 + breath + random.normal(0, 0.012, beats))
    kinds = np.zeros(beats, np.int64)
    if ill:
        place = 4
        while place < beats - 4:
            kinds[place] = random.integers(1, len(KINDS))
            place += APART + int(random.integers(0, 4))
    early = kinds == KINDS.index("early")
    gaps[early] *= random.uniform(0.6, 0.78, early.sum())
    gaps[np.flatnonzero(early) + 1] *= 1.2  # the pause behind it
    peaks = 1.0 + np.cumsum(gaps)
    waves = [
        (
            name,
            at * random.uniform(0.9, 1.1),
            height * random.uniform(0.75, 1.3),
            width * random.uniform(0.9, 1.2),
        )
        for name, at, height, width in WAVES
    ]
    time = np.arange(int((peaks[-1] + 1.5) * RATE)) / RATE
    signal = 0.08 * np.sin(2 * np.pi * random.uniform(0.15, 0.3) * time + random.uniform(0, 6))
    signal += random.normal(0, 0.02, len(time))
    for beat, peak in enumerate(peaks):
        if beat and kinds[beat - 1] == KINDS.index("missing"):
            continue
        wide = random.uniform(1.8, 3.0) if kinds[beat] == KINDS.index("widened") else 1.0
        _draw(signal, time, peak, gaps[beat], waves, wide)
    for beat in np.flatnonzero(kinds == KINDS.index("noisy")):
        here = np.abs(time - peaks[beat]) < random.uniform(0.3, 0.7)
        signal[here] += random.normal(0, random.uniform(0.08, 0.3), here.sum())
    found = r_peaks(signal)
    # Neighbours have the wrong beat in their window, too: neither normal nor the beat itself.
    wrong = np.flatnonzero(kinds)
    kept, said = [], []
    for peak in found:
        beat = int(np.argmin(np.abs(peaks - peak / RATE)))
        near = bool(len(wrong)) and np.abs(wrong - beat).min() <= 2
        whole = BEFORE <= peak < len(signal) - AFTER
        if abs(peaks[beat] - peak / RATE) < 0.1 and whole and (kinds[beat] or not near):
            kept.append(peak)
            said.append(kinds[beat])
    return around(signal, np.array(kept, np.int64)), np.array(said, np.int64)


def _draw(signal: NDArray, time: NDArray, peak: float, gap: float, waves: list, wide: float) -> None:
    """Add one beat; a widened one has no P wave, and its T wave points the other way."""
    for name, at, height, width in waves:
        if wide > 1:
            height = {"P": 0.0, "T": -height}.get(name, height)
            width, at = width * (wide if name != "T" else 1), at * (wide if name in "QS" else 1)
        at = at * np.sqrt(gap) if name in "PT" else at  # they move with the heart's rate
        near = slice(*np.searchsorted(time, (peak + at - 5 * width, peak + at + 5 * width)))
        signal[near] += height * np.exp(-0.5 * ((time[near] - peak - at) / width) ** 2)


def r_peaks(signal: Float[np.ndarray, " N"]) -> Int64[np.ndarray, " P"]:
    """Where the beats are: steep, then highest. In the manner of Pan & Tompkins 1985, at `RATE`."""
    from scipy.ndimage import median_filter, uniform_filter1d
    from scipy.signal import find_peaks

    flat = signal - median_filter(signal, RATE // 2 + 1)
    steep = uniform_filter1d(np.square(np.gradient(flat)), RATE // 8)
    high = np.quantile(steep, 0.97)
    found, _ = find_peaks(steep, height=max(0.15 * high, 1e-9), distance=int(0.28 * RATE))
    reach = RATE // 10
    peaks = [
        lo + int(np.argmax(np.abs(flat[lo : at + reach]))) for at in found for lo in [max(0, at - reach)]
    ]
    return np.unique(np.array(peaks, np.int64))


def around(signal: NDArray[np.floating], peaks: NDArray[np.int64]) -> Float[np.ndarray, "P T"]:
    """Windows around peaks that lie whole in a recording."""
    return signal[peaks[:, None] + np.arange(-BEFORE, AFTER)].astype(np.float32)


def recording(path: Path) -> NDArray[np.float64]:
    """The recording of the public set, in mV at `RATE`.

    Raises:
        UserError: the file is no archive of NumPy, or holds no such array.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            values = np.asarray(found["ecg"], np.float64)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path_text(path)} holds no recording that can be read.") from error
    return resampled((values - 1024) / 200, 360.0)


def resampled(values: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """A recording at `rate` measurements a second, brought to `RATE`.

    Raises:
        UserError: the rate is too low to see a beat.
    """
    from scipy.signal import resample_poly

    if not 50 <= rate <= HIGHEST_RATE:
        raise UserError(f"rate must be between 50 and {HIGHEST_RATE:g} measurements a second, not {rate:g}.")
    return values if rate == RATE else resample_poly(values, RATE * 10, round(rate * 10))


def spoilt(window: Float[np.ndarray, " T"], kind: int, random: np.random.Generator) -> NDArray[np.float32]:
    """A beat with something done to it, as recordings without labels need it: one of `KINDS` from 1 on."""
    beat, place = window.astype(np.float64).copy(), np.arange(len(window))
    name = KINDS[kind]
    if name == "noisy":
        here = np.abs(place - BEFORE) < random.uniform(0.3, 0.7) * RATE
        beat[here] += random.normal(0, random.uniform(0.15, 0.5) * window.std(), here.sum())
    elif name == "widened":
        wide = random.uniform(1.8, 3.0)
        near = np.abs(place - BEFORE) < 0.25 * RATE
        fade = np.clip((0.25 * RATE - np.abs(place - BEFORE)) / (0.05 * RATE), 0, 1)
        stretched = np.interp(BEFORE + (place - BEFORE) / wide, place, window)
        beat[near] = (fade * stretched + (1 - fade) * window)[near]
    else:
        peaks = r_peaks(window)
        others = (
            peaks[peaks > BEFORE + 0.25 * RATE] if name == "missing" else peaks[peaks < BEFORE - 0.25 * RATE]
        )
        neighbour = int(others[0] if name == "missing" else others[-1]) if len(others) else None
        if name == "missing":
            begin = (neighbour or len(window) - 20) - int(0.2 * RATE)
            beat[begin:] = np.median(window)
        else:  # the beat and what follows move towards the beat before; the window follows them
            moved = int(random.uniform(0.22, 0.4) * (BEFORE - (neighbour or 0)))
            left = window[: BEFORE - moved - int(0.2 * RATE)]
            beat[: BEFORE - int(0.2 * RATE)] = _padded(left, moved)
    return beat.astype(np.float32)


def _padded(left: NDArray[np.floating], moved: int) -> NDArray[np.floating]:
    """What lies before a beat, moved towards it: its beginning is filled with its first value."""
    return np.concatenate([left[:1].repeat(moved), left])
