"""Write on: learn a text character by character, then go on with any beginning.

By default it learns Python's own reference text, topic by topic; about a tenth of it, whole topics, is
unseen. Of a text of your own the last tenth is unseen. The curve shows unseen passages while training, but
nothing is chosen by them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import reference_text
from sandbox.data.subwords import learn
from sandbox.tasks.families.language_model import OWN_TEXT, LanguageModel, LanguageSettings
from sandbox.tasks.families.language_network import LanguageNetwork
from sandbox.tasks.reference import Reference
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About
from sandbox.tasks.writer import tempered
from sandbox.training.carried_state import CarriedState


class Write(LanguageModel):
    """What comes next in a text."""

    title = "Can a network learn to write, one character at a time?"
    method = "write on"
    presets: ClassVar[Mapping[str, LanguageSettings]] = {
        "fast": LanguageSettings(),
        "good": LanguageSettings(steps=2_500, dropout=0.1),
        "best": LanguageSettings(hidden=512, steps=5_000, learning_rate=0.004, dropout=0.5, weight_decay=0.1),
        "attention": LanguageSettings(block="attention", hidden=128, depth=3, learning_rate=0.002),
        "subwords": LanguageSettings(tokens="subwords", hidden=384),
    }
    preset_titles: ClassVar[Mapping[str, str]] = {
        "fast": "short", "good": "longer", "best": "longest",
    }  # fmt: skip
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("reference", "Python's reference text", "The topics of Python's own help, by topic."),
        *public("tiny-shakespeare"),
        OWN_TEXT,
    )
    references: ClassVar[Sequence[Reference]] = (
        Reference(
            figure="2.12 bits per character (1.4697 nats)",
            method="a transformer",
            hardware="3 minutes of an A100",
            source="README of nanoGPT",
            data="tiny-shakespeare",
        ),
        Reference(
            figure="2.71 bits per character (1.88 nats)",
            method="a small transformer",
            hardware="3 minutes of a processor",
            source="README of nanoGPT",
            data="tiny-shakespeare",
        ),
    )
    code: ClassVar[Sequence[Any]] = (LanguageNetwork, lstm_cell, attend, CarriedState, tempered, learn)

    def texts(self, source: Source) -> tuple[Mapping[str, str], About]:
        """The topics that come with Python."""
        about = About(reference_text.NAME, "passages", reference_text.LICENCE)
        return reference_text.topics(), about


TASK = Write()
