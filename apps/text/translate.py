"""Translate: numbers in words and dates into another language, or sentences of your own.

By default English numbers below a million and dates of two centuries, made by a rule, into French, German or
Spanish. Every unseen one holds a composition of parts that no training pair has; see
`sandbox/data/spoken_numbers.py`. Tatoeba's short sentences and own pairs are divided by sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.blocks.attention import attend
from sandbox.blocks.lstm import lstm_cell
from sandbox.data import spoken_numbers
from sandbox.data.sentence_pairs import SentencePairs
from sandbox.data.spoken_numbers import Language
from sandbox.settings import setting
from sandbox.tasks.beam_search import beam_search
from sandbox.tasks.families.translation import OWN_PAIRS, SentenceTranslation, TranslationSettings
from sandbox.tasks.families.translation_network import TranslationNetwork
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

LEARNED, TESTED = 6_000, 600
"""Pairs that are made."""


@dataclass(frozen=True, kw_only=True)
class NumberSettings(TranslationSettings):
    """What can be chosen about a training."""

    language: Language = setting("french", "into which numbers and dates are translated")


class Translate(SentenceTranslation):
    """Sentences from one language into another."""

    title = "Can a network learn to translate?"
    method = "translate"
    presets: ClassVar[Mapping[str, NumberSettings]] = {
        "fast": NumberSettings(),
        "sentences": NumberSettings(
            vocabulary=1_000, hidden=256, embedding=128, dropout=0.4, label_smoothing=0.1, steps=1_500,
            learning_rate=0.003,
        ),
    }  # fmt: skip
    preset_titles: ClassVar[Mapping[str, str]] = {"fast": "numbers and dates", "sentences": "real sentences"}
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source(
            "numbers", "numbers and dates", "English numbers in words and dates, by a rule.", synthetic=True
        ),
        *public("tatoeba-eng-fra"),
        OWN_PAIRS,
    )
    split_settings = ("backwards", "split_seed", "language")
    example = "three hundred and twenty-one thousand and seven"
    code: ClassVar[Sequence[Any]] = (TranslationNetwork, lstm_cell, attend, beam_search)

    def load_named(self, settings: NumberSettings, source: Source) -> tuple[SentencePairs, About]:
        """Pairs that the rule makes."""
        parts = spoken_numbers.pairs(settings.language, LEARNED, TESTED, settings.split_seed)
        train, test = ([(one, (other,)) for one, other in part] for part in parts)
        about = About("numbers and dates", "phrases", "words for numbers by num2words (LGPL)", synthetic=True)
        return SentencePairs(train=train, test=test), about


TASK = Translate()
