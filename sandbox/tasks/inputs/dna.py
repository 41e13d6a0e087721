"""DNA: a sequence of the letters A, C, G and T, typed, pasted, or from a FASTA file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sandbox.data.formats import fasta
from sandbox.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Dna:
    """An input is a string of the letters ACGT, and N for an unknown one.

    Attributes:
        prompt: what to type, one sentence.
        example: such a sequence.
    """

    prompt: str = "A sequence of A, C, G and T."
    example: str = "GATTACA"
    kind: ClassVar[str] = "dna"
    files: ClassVar[str] = "a FASTA file (.fasta or .fa) with DNA"

    def read(self, file: Path) -> list[str]:
        """The sequences of a file.

        Raises:
            UserError: it is no DNA.
        """
        return list(fasta.read(file).values())

    def encode_all(self, raw: Any) -> Sequence[str]:
        """Sequences as the network takes them, from a list or from one text.

        Raises:
            UserError: there is none, or a letter that DNA does not have.
        """
        rows = [raw] if isinstance(raw, str) else list(raw)
        return [one for row in rows for one in fasta.parse(str(row), "the sequence").values()]

    def encode(self, raw: Any) -> str:
        """One sequence as the network takes it; the first of several.

        Raises:
            UserError: as `encode_all`.
        """
        if not (found := self.encode_all(raw)):
            raise UserError(f"A sequence is needed, such as {self.example}.")
        return found[0]

    def write(self, value: Any, folder: Path, stem: str) -> Path:
        """Write a sequence into a FASTA file."""
        path = folder / f"{stem}.fasta"
        path.write_text(f">{stem}\n{value}\n", encoding="ascii", newline="")
        return path
