"""What every kind of output offers."""

from pathlib import Path
from typing import Any, ClassVar, Protocol


class Output(Protocol):
    """A kind of output: knows what the numbers of an answer mean.

    Attributes:
        kind: its name: `probabilities`.
    """

    kind: ClassVar[str]

    def text(self, answer: Any, /) -> str:
        """The answer in one line of a terminal."""
        ...

    def to_json(self, answer: Any, /) -> Any:
        """The answer as JSON values."""
        ...

    def save(self, answer: Any, folder: Path, stem: str, /) -> Path:
        """Write the answer into a file of its own; returns its path.

        Args:
            answer: to write.
            folder: exists.
            stem: the file's name without its ending.

        Raises:
            OSError: it cannot be written.
        """
        ...
