"""Teach five words of your own in a minute: a few recordings of each, by one voice.

Some recordings of each word are unseen. They are by the same person, so this says how well it knows that
voice, and nothing about others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.data import formant_synthesis
from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.settings import MOST_STEPS, setting
from sandbox.tasks.families.audio_classification import OWN_SOUNDS, AudioClassification
from sandbox.tasks.families.sound_settings import SoundSettings
from sandbox.tasks.source import OwnData, Source

WORDS, TAKES = 5, 12


@dataclass(frozen=True, kw_only=True)
class TeachSettings(SoundSettings):
    """Of a small network for few recordings, which is done in seconds."""

    held_out: str = "0.33"
    channels: tuple[int, ...] = (16, 32, 48)
    hidden: tuple[int, ...] = (48,)
    steps: int = setting(300, "minibatches to learn from", low=1, high=MOST_STEPS)
    batch_size: int = 32
    voices: float = 0.7


class Teach(AudioClassification[TeachSettings]):
    """A few words by one person into classes."""

    title = "Can you teach a network five words of your own?"
    method = "teach it your words"
    presets: ClassVar[Mapping[str, TeachSettings]] = {"fast": TeachSettings()}
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 40, "channels": (8, 16), "hidden": (16,), "batch_size": 16}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "synthetic-voice",
            "five words of a synthetic voice",
            "One made-up voice says five digits, twelve times each; from a formant synthesiser.",
            synthetic=True,
        ),
        OWN_SOUNDS,
    )

    def load_named(self, settings: TeachSettings, source: Source) -> LabelledSounds:
        """One synthetic voice."""
        return formant_synthesis.load(
            settings.rate, settings.seconds, seed=1, voices=1, takes=TAKES, count=WORDS
        )


TASK = Teach()
