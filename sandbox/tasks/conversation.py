"""A conversation of several turns: who does not understand twice in a row hands over to a person."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sandbox.tasks.outputs.replies import PERSON, Reply

PATIENCE = 2
"""Turns in a row that are not understood before a person takes over."""


@dataclass
class Conversation:
    """What was said so far.

    Attributes:
        turns: what the customer wrote, and what was said to it.
        unknown: turns in a row, up to now, that were not understood.
        handed_over: whether a person has taken over.
    """

    turns: list[tuple[str, Reply]] = field(default_factory=list)
    unknown: int = 0
    handed_over: bool = False

    def say(self, text: str, reply: Callable[[str], Reply]) -> Reply:
        """Take one more turn.

        Args:
            text: what the customer writes.
            reply: what answers it by itself.
        """
        found = reply(text)
        self.unknown = self.unknown + 1 if found.kind == "unknown" else 0
        if self.handed_over or self.unknown >= PATIENCE:
            found = replace(found, kind="person", text=PERSON)
        self.handed_over = self.handed_over or found.kind == "person"
        self.turns.append((text, found))
        return found
