"""What is said to a customer: the answer to an intent, a passage of a document, or that nobody knows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from sandbox.data.documents import Passage

UNKNOWN = "I don't know. Could you say it in other words?"
PERSON = "I am passing you on to one of my colleagues. They see what we have written so far."
INSTEAD = {"passage": "from the documents", "unknown": "unknown", "person": "to a person"}
"""What a reply of another kind than the answer to an intent is called in a terminal."""
SHOWN = 200
"""Characters that are printed in one line."""


@dataclass(frozen=True)
class Found:
    """A passage that was found, and how near it is to the question, at most 1."""

    passage: Passage
    score: float


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is said to one text.

    Attributes:
        kind: `answer` of an intent, `passage` of a document, `unknown`, or `person` where one takes over.
        text: what is said.
        intent: the most probable one.
        confidence: its probability.
        passages: the nearest ones, the best first.
    """

    kind: Literal["answer", "passage", "unknown", "person"]
    text: str
    intent: str
    confidence: float
    passages: Sequence[Found] = ()


@dataclass(frozen=True)
class Replies:
    """An answer is a `Reply`."""

    kind: ClassVar[str] = "replies"

    def text(self, answer: Reply) -> str:
        """Such as `track order 96 %: You can follow your parcel ...`."""
        line = " ".join(answer.text.split())
        line = line if len(line) <= SHOWN else line[:SHOWN] + " …"
        intent = f"{answer.intent} {100 * answer.confidence:.0f} %"
        return f"{INSTEAD[answer.kind]} ({intent}): {line}" if answer.kind in INSTEAD else f"{intent}: {line}"

    def to_json(self, answer: Reply) -> dict[str, Any]:
        """All of it."""
        return asdict(answer)

    def save(self, answer: Reply, folder: Path, stem: str) -> Path:
        """Write the JSON form."""
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(self.to_json(answer), indent=2) + "\n", encoding="utf-8")
        return path
