"""Recognise spoken words: synthetic digits by default, or a folder of recordings.

Whoever speaks in the unseen recordings is never heard in training. The number of steps is fixed beforehand,
and the last weights are used.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.data import formant_synthesis
from sandbox.data.labelled_sounds import LabelledSounds
from sandbox.tasks.families.audio_classification import OWN_SOUNDS, AudioClassification
from sandbox.tasks.families.sound_settings import SoundSettings
from sandbox.tasks.source import OwnData, Source, public


class Words(AudioClassification[SoundSettings]):
    """Spoken words into classes, by people it has never heard."""

    title = "Can a network understand people it has never heard?"
    method = "words"
    presets: ClassVar[Mapping[str, SoundSettings]] = {
        "fast": SoundSettings(),
        "speakers": SoundSettings(steps=1200, channels=(32, 64, 96), dropout=0.5),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "fast": "a minute",
        "speakers": "a minute and a half, for real speakers",
    }
    tiny: ClassVar[Mapping[str, Any]] = {"steps": 40, "channels": (8, 16), "batch_size": 32}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "synthetic-digits",
            "synthetic spoken digits",
            "2,400 synthetic digits by 60 made-up voices, from a formant synthesiser.",
            synthetic=True,
        ),
        *public("free-spoken-digits", "speech-commands-mini"),
        OWN_SOUNDS,
    )

    def load_named(self, settings: SoundSettings, source: Source) -> LabelledSounds:
        """The synthetic digits."""
        return formant_synthesis.load(settings.rate, settings.seconds)


TASK = Words()
