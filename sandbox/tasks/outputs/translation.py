"""A text in another language."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.tasks.outputs.text import Text


@dataclass(frozen=True)
class Translation(Text):
    """An answer is a string that says the same as the input."""

    kind: ClassVar[str] = "translation"
