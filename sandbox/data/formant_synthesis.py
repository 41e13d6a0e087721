"""Spoken digits made by formulas: a source of pulses and noise, and the resonances of a mouth. Klatt 1980.

    e(t) = a(t) g'(phase(t)) + h(t) n(t)          change of the flow through the glottis, and breath
    y    = R_5 * R_4 * R_3 * R_2 * R_1 * e  +  R_f * f n      a cascade of resonators; friction beside it
    R      y_t = (1 - B - C) x_t + B y_(t-1) + C y_(t-2),     C = -exp(-2 pi b / rate),
                                                              B = 2 exp(-pi b / rate) cos(2 pi f / rate)

f and b are the frequency and the width of a formant; those of a word follow its phonemes. Each voice has a
pitch, a length of its vocal tract, a speed, breath, an accent (every vowel a little elsewhere), and a room.
It is synthetic speech: easy to tell from a person's, and no measure of how well people are understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.data.word_clip import clip

FRAME = 0.005
"""Seconds for which formants stay where they are."""
VOICES, TAKES = 60, 4
"""Voices, and how often each says every word."""
BANDWIDTHS = np.array([70.0, 100.0, 140.0, 200.0, 280.0])
HIGHER = (3500.0, 4500.0)
"""The fourth and fifth formant, which words do not move."""
CHUNK = 1_200
"""Words that are made at a time."""


@dataclass(frozen=True)
class Phoneme:
    """A sound of speech.

    Attributes:
        start: first three formants of a man, in hertz. Peterson & Barney 1952; Klatt 1980.
        end: those it glides to; None for none.
        ms: how long it lasts, in thousandths of a second.
        voice: strength of the pulses.
        breath: strength of the noise from the glottis.
        friction: strength of the noise made in the mouth, its frequency and its width in hertz.
        damped: how much wider the formants are, as in nasals.
    """

    start: tuple[int, int, int]
    end: tuple[int, int, int] | None = None
    ms: int = 120
    voice: float = 1.0
    breath: float = 0.0
    friction: tuple[float, int, int] = (0.0, 2000, 1000)
    damped: float = 1.0


def _noise(strength: float, frequency: int, width: int, ms: int) -> Phoneme:
    return Phoneme((330, 1500, 2500), ms=ms, voice=0.0, friction=(strength, frequency, width))


NASAL = Phoneme((260, 1450, 2500), ms=85, voice=0.5, damped=2.5)
CLOSED = Phoneme((300, 1700, 2500), ms=55, voice=0.0)
BURST_T = _noise(0.9, 3700, 900, 14)
PUFF = Phoneme((350, 1700, 2600), ms=40, voice=0.0, breath=0.5)
F, TH = _noise(0.14, 1300, 3000, 95), _noise(0.11, 2600, 2500, 90)
S = _noise(0.8, 3800, 700, 110)
V = Phoneme((260, 1100, 2250), ms=60, voice=0.4, friction=(0.05, 1300, 3000), damped=1.5)
Z = Phoneme((260, 1550, 2550), ms=80, voice=0.3, friction=(0.35, 3800, 700), damped=1.5)
R = Phoneme((340, 1120, 1580), ms=75, voice=0.8)
AY = Phoneme((720, 1200, 2500), (420, 1950, 2600), ms=210)
WORDS: Mapping[str, tuple[Phoneme, ...]] = {
    "zero": (Z, Phoneme((400, 1850, 2500), ms=85), R, Phoneme((520, 950, 2400), (370, 800, 2350), 170)),
    "one": (Phoneme((310, 660, 2250), ms=70, voice=0.8), Phoneme((640, 1200, 2450), ms=135), NASAL),
    "two": (CLOSED, BURST_T, PUFF, Phoneme((330, 1500, 2350), (310, 950, 2250), 190)),
    "three": (TH, R, Phoneme((290, 2250, 2950), ms=190)),
    "four": (F, Phoneme((570, 850, 2450), ms=160), Phoneme((450, 1200, 1650), ms=80, voice=0.8)),
    "five": (F, AY, V),
    "six": (*(S, Phoneme((400, 1950, 2550), ms=80), CLOSED, _noise(0.6, 2100, 700, 14), S),),
    "seven": (S, Phoneme((550, 1780, 2500), ms=100), V, Phoneme((500, 1400, 2450), ms=50), NASAL),
    "eight": (Phoneme((480, 1950, 2600), (330, 2200, 2750), 165), CLOSED, BURST_T, PUFF),
    "nine": (NASAL, AY, NASAL),
}
"""English digits as phonemes."""


@dataclass(frozen=True)
class Voice:
    """One speaker that nobody is.

    Attributes:
        pitch: mean frequency of the pulses, in hertz.
        tract: factor of all formants: above 1 for a shorter vocal tract.
        accent: further factors of the first three formants of each word's vowels, (words, 3).
        speed: factor of the tempo.
        breath: noise in the voice, as a share of the pulses.
        open: share of a cycle during which the glottis is open; a soft voice has a long one.
        melody: how far the pitch falls over a word, as a share.
        tilt: of the microphone: above 0 brighter, below darker.
        noise: of the room, in decibels below the word.
    """

    pitch: float
    tract: float
    accent: Float[np.ndarray, "W 3"]
    speed: float
    breath: float
    open: float
    melody: float
    tilt: float
    noise: float


def voice(seed: int, number: int) -> Voice:
    """One of endlessly many voices: low and high, long and short vocal tracts, young and old."""
    draw = np.random.default_rng((seed, number))
    size = draw.uniform(-1, 1)  # a large body has a low pitch and a long tract, mostly
    return Voice(
        pitch=155 * 2 ** (0.75 * size + 0.25 * draw.normal()),
        tract=1.08 * np.exp(0.13 * size + 0.05 * draw.normal()),
        accent=np.exp(0.06 * draw.normal(size=(1, 3)) + 0.06 * draw.normal(size=(len(WORDS), 3))),
        speed=np.exp(draw.uniform(-0.35, 0.35)),
        breath=draw.uniform(0.01, 0.25) ** 1.5,
        open=draw.uniform(0.45, 0.8),
        melody=draw.uniform(-0.1, 0.35),
        tilt=draw.uniform(-0.5, 0.6),
        noise=draw.uniform(12, 40),
    )


@lru_cache(maxsize=4)
def load(
    rate: int = 8_000,
    seconds: float = 1.0,
    seed: int = 0,
    voices: int = VOICES,
    takes: int = TAKES,
    count: int = len(WORDS),
) -> LabelledSounds:
    """Voices say the first `count` digits several times each; the same for the same arguments.

    Args:
        rate: samples a second, of which half is the highest frequency there is.
        seconds: of a clip.
        seed: of the voices and of how they speak.
        voices: how many there are.
        takes: how often each says a word.
        count: words, of `WORDS`.
    """
    plan = [(v, word) for v in range(voices) for word in range(count) for _ in range(takes)]
    samples = round(rate * seconds)
    waves = [
        clip(wave, samples, rate)
        for begin in range(0, len(plan), CHUNK)
        for wave in spoken(plan[begin : begin + CHUNK], rate, seed, begin)
    ]
    return LabelledSounds(
        name="synthetic spoken digits",
        classes=tuple(WORDS)[:count],
        rate=rate,
        waves=np.stack(waves),
        labels=np.array([word for _, word in plan], np.int64),
        speakers=[f"voice {v + 1}" for v, _ in plan],
        source="Made by formant synthesis (Klatt 1980); synthetic, no person speaks.",
    )


def spoken(
    plan: list[tuple[int, int]], rate: int, seed: int = 0, take: int = 0
) -> list[Float[np.ndarray, " T"]]:
    """Words as waveforms of different lengths.

    Args:
        plan: number of a voice and number of a word of `WORDS` for each.
        rate: samples a second.
        seed: of the voices.
        take: number of the first one: the same word is never said twice in the same way.
    """
    draw = np.random.default_rng((seed, 10_000, take))
    voices = {number: voice(seed, number) for number in {v for v, _ in plan}}
    tracks = [_tracks(list(WORDS.values())[w], voices[v], voices[v].accent[w], draw) for v, w in plan]
    lengths = [track.shape[1] for track in tracks]
    padded = np.stack([np.pad(t, ((0, 0), (0, max(lengths) - t.shape[1])), mode="edge") for t in tracks])
    who = [voices[v] for v, _ in plan]
    step = round(FRAME * rate)
    sounds = _filtered(padded, who, rate, step, draw)
    return [
        _in_a_room(sound[: n * step], each, rate, draw)
        for sound, each, n in zip(sounds, who, lengths, strict=True)
    ]


def _tracks(
    word: tuple[Phoneme, ...], voice: Voice, accent: NDArray[np.float64], draw: np.random.Generator
) -> Float[np.ndarray, "10 L"]:
    """What changes within a word, every `FRAME`: three formants, damping, pitch, voice, breath, friction."""
    slur, effort = draw.uniform(0, 0.2), np.exp(0.1 * draw.normal())
    rows = []
    for phoneme in word:
        ms = phoneme.ms * np.exp(0.15 * draw.normal()) / (voice.speed * effort)
        count = max(2, round(ms / 1000 / FRAME))
        start = np.array(phoneme.start)
        at = np.linspace(start, np.array(phoneme.end or start), count, axis=1)
        strength, frequency, width = phoneme.friction
        rest = (phoneme.damped, phoneme.voice, phoneme.breath, strength, frequency, width)
        rows.append(np.concatenate([at, np.repeat(np.array(rest)[:, None], count, 1)]))
    quiet = np.zeros((9, 6))
    found = np.concatenate([rows[0][:, :1] + quiet, *rows, rows[-1][:, -1:] + quiet], 1)
    found[4:7, :6] = found[4:7, -6:] = 0
    neutral = np.array([500.0, 1500.0, 2500.0])[:, None]
    wobble = np.exp(0.03 * draw.normal(size=(3, 1)))
    formants = (found[:3] * (1 - slur) + neutral * slur) * accent[:, None] * wobble * voice.tract
    formants = _smooth(formants, draw.uniform(0.045, 0.08))
    strengths = _smooth(found[4:7], 0.012)
    at = np.linspace(-0.5, 0.5, found.shape[1])
    bump = 0.1 * draw.normal() * np.cos(2 * np.pi * at) + 0.01 * np.cumsum(draw.normal(size=len(at))) / 3
    pitch = voice.pitch * np.exp(0.08 * draw.normal() - voice.melody * at + bump)
    friction = found[7:9] * voice.tract**0.5
    return np.concatenate([formants, _smooth(found[3:4], 0.03), pitch[None], strengths, friction])


def _smooth(track: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """A moving mean: the mouth is already on its way to the next sound."""
    width = max(1, round(seconds / FRAME))
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(track, ((0, 0), (width // 2, width - 1 - width // 2)), mode="edge")
    return np.stack([np.convolve(row, window / window.sum(), "valid") for row in padded])


def _filtered(
    tracks: Float[np.ndarray, "N 10 L"], voices: list[Voice], rate: int, step: int, draw: np.random.Generator
) -> Float[np.ndarray, "N T"]:
    """Source and noise through the resonators, sample by sample for all words at once."""
    count, _, frames = tracks.shape
    smooth = np.repeat(tracks[:, 4:8], step, 2)
    pitch, pulses, breath, friction = (smooth[:, i].astype(np.float32) for i in range(4))
    open_ = np.array([each.open for each in voices], np.float32)[:, None]
    airy = np.array([each.breath for each in voices], np.float32)[:, None]
    phase = np.cumsum(pitch / rate, 1, dtype=np.float64) + draw.uniform(size=(count, 1))
    phase = (phase % 1).astype(np.float32)
    noise = draw.standard_normal((count, frames * step), np.float32)
    excited = pulses * (flow_change(phase, open_) + airy * noise * (phase < open_)) + 0.3 * breath * noise
    tract = np.array([each.tract for each in voices])
    frequencies = np.empty((frames, 6, count))
    frequencies[:, :3] = tracks[:, :3].transpose(2, 1, 0)
    frequencies[:, 3:5] = np.array(HIGHER)[:, None] * tract
    frequencies[:, 5] = np.minimum(tracks[:, 8].T, 0.47 * rate)
    width = np.empty((frames, 6, count))
    width[:, :5] = BANDWIDTHS[:, None] * tracks[:, 3].T[:, None]
    width[:, 5] = tracks[:, 9].T
    a, b, c = (each.astype(np.float32) for each in resonator(frequencies, width, rate))
    result = np.empty((frames * step, count), np.float32)
    sources, hisses = np.ascontiguousarray(excited.T), np.ascontiguousarray((friction * noise).T)
    # Each resonator takes what the one before gave one sample earlier, so that all compute at once.
    before, now, y, part, x = (np.zeros((6, count), np.float32) for _ in range(5))
    for t in range(frames * step):
        frame = t // step
        x[0], x[1:5], x[5] = sources[t], now[:4], hisses[t]
        np.multiply(a[frame], x, out=y)
        y += np.multiply(b[frame], now, out=part)
        y += np.multiply(c[frame], before, out=part)
        before, now, y = now, y, before
        np.add(now[4], now[5], out=result[t])
    return np.ascontiguousarray(result.T)


def flow_change(phase: NDArray[np.float32], open: NDArray[np.float32]) -> NDArray[np.float32]:
    """The derivative of the flow through the glottis at a phase (0 to 1) of its cycle. Rosenberg 1971."""
    rise, fall = 0.65 * open, 0.35 * open
    rising = np.sin(np.pi * phase / rise) / rise
    falling = -np.sin(0.5 * np.pi * (phase - rise) / fall) / fall
    return 0.5 * np.where(phase < rise, rising, np.where(phase < open, falling, 0)).astype(np.float32)


def resonator(
    frequency: NDArray[np.float64], width: NDArray[np.float64], rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of a resonance with gain 1 at frequency 0. One above half the rate lets all through."""
    c = -np.exp(-2 * np.pi * width / rate)
    b = 2 * np.exp(-np.pi * width / rate) * np.cos(2 * np.pi * frequency / rate)
    inside = frequency < 0.48 * rate
    return np.where(inside, 1 - b - c, 1.0), np.where(inside, b, 0.0), np.where(inside, c, 0.0)


def _in_a_room(
    sound: NDArray[np.float32], voice: Voice, rate: int, draw: np.random.Generator
) -> Float[np.ndarray, " T"]:
    """Through a microphone, with the noise of a room."""
    heard = sound.copy()
    heard[1:] -= voice.tilt * sound[:-1]
    heard /= max(1e-9, float(np.abs(heard).max()))
    level = np.sqrt(np.square(heard).mean()) * 10 ** (-(voice.noise + draw.normal()) / 20)
    hiss = draw.standard_normal(len(heard), np.float32)
    return (0.9 * heard + level * hiss).astype(np.float32)
