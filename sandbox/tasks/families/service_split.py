"""What can be chosen about answering customers, and what their questions and documents are divided into."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data import documents
from sandbox.data.documents import Queries, Searched
from sandbox.data.enquiries import Enquiries
from sandbox.settings import WIDEST, setting
from sandbox.tasks.families.service_network import Sayings
from sandbox.tasks.families.text_classification import TextExamples, TextSettings, TextSplit
from sandbox.tasks.split import About, Examples


@dataclass(frozen=True, kw_only=True)
class ServiceSettings(TextSettings):
    """What can be chosen about a training."""

    threshold_cost: float = setting(
        0.02, "share of the questions whose right answer may be given up for an `I don't know`", low=0, high=1
    )
    places: int = setting(256, "numbers that a message or a passage becomes in a search", low=1, high=WIDEST)
    importance_rate: float = setting(
        0.002, "largest step size of the weights of words in a search", above=0, high=10
    )
    turning_rate: float = setting(
        0.0002, "largest step size of the vectors of words in a search", low=0, high=10
    )


@dataclass(frozen=True)
class ServiceExamples(TextExamples):
    """Texts with their intents.

    Attributes:
        queries: unseen sentences of passages; None without documents.
    """

    queries: Queries | None = None

    def with_inputs(self, inputs: Any) -> "ServiceExamples":
        """The same texts with other words, such as spoilt ones; nothing else is tested with them."""
        return replace(self, inputs=inputs, outside=(), queries=None)


@dataclass(frozen=True, kw_only=True)
class ServiceSplit(TextSplit):
    """Texts with their intents, what can be said to them, and what is searched.

    Attributes:
        sayings: answers and passages.
        aside: texts that are neither learned from nor tested on.
        aside_outside: likewise, and none of the intents.
        searched: passages and sentences of them; None without documents.
    """

    sayings: Sayings
    aside: Examples[str, NDArray[np.int64]]
    aside_outside: Sequence[str] = ()
    searched: Searched | None = None


def split_of(found: Enquiries, about: About, seed: int) -> ServiceSplit:
    """What customers ask, divided, with sentences of the documents that are taken out of them."""
    texts = found.texts
    searched = documents.divided(found.passages, seed) if found.passages else None
    if searched is not None and not (len(searched.train) and len(searched.unseen)):
        searched = None
    return ServiceSplit(
        train=Examples(texts.train, texts.train_labels),
        test=ServiceExamples(
            texts.test, texts.test_labels, texts.outside, None if searched is None else searched.unseen
        ),
        about=about,
        classes=texts.classes,
        sayings=Sayings(
            answers=found.answers,
            passages=() if searched is None else searched.passages,
            person=found.person,
        ),
        aside=Examples(texts.aside, texts.aside_labels),
        aside_outside=found.outside,
        searched=searched,
    )
