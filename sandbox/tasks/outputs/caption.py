"""What is in a picture, in words."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.tasks.outputs.text import Text


@dataclass(frozen=True)
class Caption(Text):
    """An answer is a string: what the picture shows."""

    kind: ClassVar[str] = "caption"
