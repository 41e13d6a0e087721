"""A network that sorts what customers want and finds passages for them, and what answers with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from sandbox.data.documents import Passage
from sandbox.errors import UserError
from sandbox.tasks.families.passage_network import PassageBatches, PassageNetwork
from sandbox.tasks.families.text_network import BagBatches, TextClassifier, TextNetwork
from sandbox.tasks.outputs.replies import PERSON, UNKNOWN, Found, Replies, Reply

SHOWN = 3
"""Passages that are found for a text."""


@dataclass(frozen=True, kw_only=True)
class Sayings:
    """What can be said.

    Attributes:
        answers: one for each intent; empty where none is known.
        passages: of documents.
        person: the intent of who wants to talk to a person; empty if there is none.
    """

    answers: Sequence[str]
    passages: Sequence[Passage] = ()
    person: str = ""

    def encoded(self) -> Tensor:
        """As bytes, to be kept with a network's weights."""
        pairs = [[passage.title, passage.text] for passage in self.passages]
        content = json.dumps([list(self.answers), pairs, self.person]).encode()
        return torch.from_numpy(np.frombuffer(content, np.uint8).copy())

    @classmethod
    def decoded(cls, content: Tensor) -> Sayings:
        """From bytes, which anybody may have written.

        Raises:
            ValueError: they say something else.
        """
        answers, pairs, person = json.loads(content.cpu().numpy().tobytes())
        if not all(
            isinstance(one, str) for one in [*answers, person, *(part for pair in pairs for part in pair)]
        ):
            raise ValueError("what it can say is no text")
        return cls(answers=answers, passages=[Passage(*pair) for pair in pairs], person=person)


class ServiceNetwork(nn.Module):
    """Sorts texts into intents, and puts texts and passages into one space.

    Args:
        intents: sorts texts.
        search: finds passages; None where there are no documents.
        characters: bytes of what can be said.

    Attributes:
        threshold: of the probability, below which it does not know.
        near: of the nearness of a passage, from which on it answers.
        sayings: see `Sayings.encoded`.
    """

    threshold: Tensor
    near: Tensor
    sayings: Tensor

    def __init__(self, intents: TextNetwork, search: PassageNetwork | None, characters: int) -> None:
        super().__init__()
        self.intents, self.search = intents, search
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("near", torch.ones(()))
        self.register_buffer("sayings", torch.zeros(characters, dtype=torch.uint8))

    def forward(self, inputs: tuple[Any, ...]) -> tuple[Tensor, Tensor | None]:
        """Scores of intents (B, C), and of passages (B', P) where there are some."""
        bags, found = inputs
        scores = None if self.search is None or found is None else self.search.scores(*found)
        return self.intents(bags), scores


class ServiceBatches:
    """Texts with their intents, and sentences with their passages, as `ServiceNetwork` takes them."""

    def __init__(self, texts: BagBatches, passages: PassageBatches | None) -> None:
        self.texts, self.passages = texts, passages

    def __call__(self, step: int) -> tuple[Any, Any]:
        """Inputs and targets of one step."""
        bags, labels = self.texts(step)
        found = None if self.passages is None else self.passages(step)
        return (bags, found), (labels, None if found is None else found[2])


class ServiceAgent:
    """A trained network that answers customers.

    Attributes:
        model: makes probabilities and places.
        input: how a text is read.
        output: the names of the intents.
        replies: what is said to a text; `predict` only sorts it.
        threshold: of the probability, below which it does not know; None for the one that was chosen.
    """

    def __init__(self, model: ServiceNetwork, classes: Sequence[str], sayings: Sayings) -> None:
        self.model, self.sayings = model, sayings
        self.sorter = TextClassifier(model.intents, classes)
        self.input, self.output, self.replies = self.sorter.input, self.sorter.output, Replies()
        self._threshold: float | None = None

    @property
    def threshold(self) -> float:
        """Of the probability, below which it does not know."""
        return float(self.model.threshold) if self._threshold is None else self._threshold

    def told(self, values: Mapping[str, str]) -> None:
        """Know less or more from now on, as `sandbox predict --set threshold=0.5` says.

        Raises:
            UserError: there is no such setting, or it is no number between 0 and 1.
        """
        for name, value in values.items():
            if name != "threshold":
                raise UserError(f"There is no setting {name!r}. There is threshold.")
            try:
                self._threshold = float(value)
            except ValueError:
                raise UserError(f"threshold must be a number, not {value!r}.") from None
            if not 0 <= self._threshold <= 1:
                raise UserError(f"threshold must be between 0 and 1, not {value}.")

    def predict(self, inputs: Any) -> NDArray[np.float32]:
        """The probability of each intent, (N, C)."""
        return self.sorter.predict(inputs)

    def rank(self, texts: Sequence[str]) -> Float[np.ndarray, "N P"]:
        """See `PassageNetwork.nearness`; (N, 0) without documents."""
        if self.model.search is None:
            return np.zeros((len(texts), 0), np.float32)
        with torch.inference_mode():
            return self.model.search.nearness(texts).float().cpu().numpy()

    def is_near(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Whether a passage is near enough to answer each text."""
        found = self.rank(texts)
        return found.max(1, initial=-1.0) >= float(self.model.near)

    def reply(self, texts: Sequence[str], threshold: float | None = None) -> list[Reply]:
        """What is said to each text.

        Args:
            texts: of customers.
            threshold: another one.
        """
        least = self.threshold if threshold is None else threshold
        pairs = zip(self.predict(texts), self.rank(texts), strict=True)
        return [self._reply(shares, nearness, least) for shares, nearness in pairs]

    def _reply(self, shares: NDArray[np.float32], nearness: NDArray[np.float32], threshold: float) -> Reply:
        best = int(shares.argmax())
        intent, confidence = str(self.output.classes[best]), float(shares[best])
        found = [
            Found(self.sayings.passages[place], float(nearness[place]))
            for place in np.argsort(-nearness, kind="stable")[:SHOWN].tolist()
        ]
        said: dict[str, Any] = {"intent": intent, "confidence": confidence, "passages": found}
        # First, because a network that sorts is sure of words it knows from elsewhere: `return`, `class`.
        if found and found[0].score >= float(self.model.near):
            return Reply(kind="passage", text=found[0].passage.text, **said)
        if confidence >= threshold:
            person = intent == self.sayings.person
            text = self.sayings.answers[best] or (PERSON if person else f"You mean: {intent}.")
            return Reply(kind="person" if person else "answer", text=text, **said)
        return Reply(kind="unknown", text=UNKNOWN, **said)
