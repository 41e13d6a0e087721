"""Sort texts: which part of Python's reference is a passage from? Or what does a customer want?

By default passages of Python's own reference text are sorted into its parts; a quarter of each, in blocks of
neighbours, is unseen. A file of your own has a text and a label in each row. CLINC150 (Larson et al. 2019),
150 wishes of customers, is read from its `data_full.json`, with its own test split and what is out of scope.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sandbox.data import reference_text
from sandbox.data.labelled_texts import LabelledTexts
from sandbox.data.text_features import TextFeatures, hashed
from sandbox.tasks.families.text_classification import (
    OWN_TEXTS,
    TextClassification,
    TextSettings,
)
from sandbox.tasks.families.text_network import TextNetwork
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About


class Classify(TextClassification):
    """Texts into classes, by the words and pieces of words in them."""

    title = "Can a network tell what a text is about?"
    method = "sort texts"
    presets: ClassVar[Mapping[str, TextSettings]] = {
        "fast": TextSettings(),
        "best": TextSettings(steps=2_400, missing=0.5, dropout=0.5, learning_rate=0.003),
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("reference", "parts of Python's reference", "Passages of Python's own help, in eight parts."),
        *public("clinc150"),
        OWN_TEXTS,
    )
    code: ClassVar[Sequence[Any]] = (TextNetwork, TextFeatures, hashed)

    def load_named(self, settings: TextSettings, source: Source) -> tuple[LabelledTexts, About]:
        """The passages that come with Python."""
        about = About(reference_text.NAME, "passages", reference_text.LICENCE)
        return reference_text.parts(settings.split_seed), about


TASK = Classify()
