"""Customer service: what does a customer want, what is the answer, and when is "I don't know" the better one?

By default the customers are those of an online shop for small computers, books and courses: the sentences
were written for this project, in `shop.toml`, and the unseen ones share no template with those that are
learned from. Whoever asks about Python is answered from its reference, which comes with every Python. A file
of your own has questions and answers. CLINC150 (Larson et al. 2019) has questions that belong to no intent,
banking77 (Casanueva et al. 2020) has intents that are much alike; neither has answers.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from sandbox.data import reference_text
from sandbox.data.documents import passages_of
from sandbox.data.enquiries import Enquiries
from sandbox.data.labelled_texts import LabelledTexts
from sandbox.data.templates import filled
from sandbox.tasks.families.customer_service import OWN_FAQ, CustomerService
from sandbox.tasks.families.passage_network import PassageNetwork
from sandbox.tasks.families.service_network import ServiceAgent
from sandbox.tasks.families.service_split import ServiceSettings
from sandbox.tasks.families.text_network import TextNetwork
from sandbox.tasks.source import OwnData, Source, public
from sandbox.tasks.split import About

SHOP = Path(__file__).with_name("shop.toml")
PARTS = {"unseen": (0.25, 2), "aside": (0.1, 2), "learn": (1.0, 5)}
"""Shares of an intent's sentences, the last one of what is left, and how often words are filled into each."""


class Chat(CustomerService):
    """A shop's customers."""

    title = "Can a network answer customers, and know when it does not know?"
    presets: ClassVar[Mapping[str, ServiceSettings]] = {
        "fast": ServiceSettings(steps=400),
        "best": ServiceSettings(steps=2_400, missing=0.5, dropout=0.5, learning_rate=0.003),
    }
    sources: ClassVar[Sequence[Source | OwnData]] = (
        Source("shop", "customers of a shop", "Sentences of an online shop's customers, in 29 intents."),
        *public("clinc150", "banking77"),
        OWN_FAQ,
    )
    code: ClassVar[Sequence[Any]] = (TextNetwork, PassageNetwork, ServiceAgent)

    def load_enquiries(self, settings: Any, source: Source) -> tuple[Enquiries, About]:
        """The shop of `shop.toml`, with the passages of Python's reference."""
        about = About(
            "a shop's customers, written for this project",
            "questions",
            f"sentences: this project; documents: {reference_text.LICENCE}",
            synthetic=True,
        )
        return shop(settings.split_seed), about


def contents() -> dict[str, Any]:
    """What `shop.toml` holds."""
    return tomllib.loads(SHOP.read_text(encoding="utf-8"))


def shop(seed: int = 0) -> Enquiries:
    """Sentences of the shop's customers, with answers and documents."""
    content = contents()
    generator = np.random.default_rng(seed)
    slots = content["slots"]
    made: dict[str, tuple[list[str], list[int]]] = {part: ([], []) for part in PARTS}
    for number, intent in enumerate(content["intent"]):
        for part, (said, count) in _divided(intent["say"], generator).items():
            words = slots | content["unseen"] if part == "unseen" else slots
            sentences = filled(said, words, count, generator)
            made[part][0].extend(sentences)
            made[part][1].extend([number] * len(sentences))
    outside = generator.permutation(content["outside"]["say"]).tolist()
    cut = len(outside) // 3
    (unseen, of_unseen), (aside, of_aside), (learn, of_learn) = made.values()
    return Enquiries(
        texts=LabelledTexts(
            train=learn,
            train_labels=np.array(of_learn),
            test=unseen,
            test_labels=np.array(of_unseen),
            classes=tuple(intent["name"] for intent in content["intent"]),
            outside=outside[cut:],
            aside=aside,
            aside_labels=np.array(of_aside),
        ),
        answers=[intent["answer"] for intent in content["intent"]],
        outside=outside[:cut],
        passages=passages_of(reference_text.topics()),
        person=content["person"],
    )


def _divided(said: Sequence[str], generator: np.random.Generator) -> dict[str, tuple[list[str], int]]:
    """The sentences of each part, and how often words are filled into them."""
    left, found = [said[i] for i in generator.permutation(len(said))], {}
    for part, (share, count) in PARTS.items():
        cut = round(share * len(said))
        found[part] = left[:cut], count
        left = left[cut:]
    return found


TASK = Chat()
