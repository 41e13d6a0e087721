"""Text: typed, pasted, or from a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sandbox.data.formats import texts
from sandbox.errors import UserError

MOST = 20_000
"""Characters of one input."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """An input is a string.

    Attributes:
        prompt: what to type, one sentence.
        example: such a text.
        goes_on: whether the text is continued, and not judged: a longer one is cut at its beginning.
    """

    prompt: str = "A text."
    example: str = ""
    goes_on: bool = False
    kind: ClassVar[str] = "text"
    files: ClassVar[str] = "a text file (.txt or .md, in any encoding)"

    def read(self, file: Path) -> str:
        """The text of a file.

        Raises:
            UserError: it is too large, or no text.
        """
        return texts.read(file)

    def encode(self, raw: Any) -> str:
        """The text as it is taken: its last `MOST` characters, or its first if it is judged.

        Raises:
            UserError: there is no text.
        """
        text = str(raw)
        if not text.strip():
            raise UserError("The text is empty; type at least one word.")
        return text[-MOST:] if self.goes_on else text[:MOST].strip()

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a text into a file."""
        path = folder / f"{stem}.txt"
        path.write_text(str(value), encoding="utf-8", newline="")
        return path
