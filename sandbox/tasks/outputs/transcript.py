"""What is written on a picture."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.tasks.outputs.text import Text


@dataclass(frozen=True)
class Transcript(Text):
    """An answer is a string: the characters that were read, from left to right."""

    kind: ClassVar[str] = "transcript"
