"""Text that was written."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

SHOWN = 200
"""Characters that are printed in one line."""


@dataclass(frozen=True)
class Text:
    """An answer is a string: what follows the input."""

    kind: ClassVar[str] = "text"

    def text(self, answer: Any) -> str:
        """Its beginning in one line, ends of lines as `⏎`."""
        line = str(answer).replace("\n", "⏎")
        line = "".join(character if character.isprintable() else " " for character in line)
        return json.dumps(line if len(line) <= SHOWN else line[:SHOWN] + " …", ensure_ascii=False)

    def to_json(self, answer: Any) -> str:
        """The whole text."""
        return str(answer)

    def save(self, answer: Any, folder: Path, stem: str) -> Path:
        """Write it into a text file."""
        path = folder / f"{stem}.txt"
        path.write_text(str(answer) + "\n", encoding="utf-8", newline="")
        return path
