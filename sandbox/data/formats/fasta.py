"""FASTA: a line `>name`, then the letters of a sequence, again and again. Pearson & Lipman 1988."""

from pathlib import Path

from sandbox.data import dna
from sandbox.data.formats import texts
from sandbox.errors import UserError
from sandbox.files import path_text

ENDINGS = (".fasta", ".fa", ".fna", ".fas")
MOST, MOST_BYTES, LONGEST = 100_000, 50_000_000, 2_000
"""Sequences and bytes of a file, and letters of a sequence; of a longer one the middle counts."""
CODES = frozenset("ACGTURYSWKMBDHVN-.*")
"""Letters that FASTA has for DNA: four, and codes for what is not known exactly."""


def read(path: Path) -> dict[str, str]:
    """The sequences of a file by name, in the letters ACGT, and N for all others.

    A file without a line `>name` is one sequence.

    Raises:
        UserError: it is no DNA; names the line.
    """
    return parse(texts.read(path, MOST_BYTES), path_text(path))


def parse(content: str, name: str) -> dict[str, str]:
    """The sequences of a text; see `read`."""
    found: dict[str, list[str]] = {}
    parts: list[str] | None = None
    for number, line in enumerate(content.split("\n"), 1):
        line = line.strip()
        if line.startswith(">"):
            if len(found) == MOST:
                raise UserError(f"{name} holds more than {MOST:,} sequences; use a part of them.")
            title = line[1:].strip()[:80] or f"sequence {len(found) + 1}"
            parts = found.setdefault(title if title not in found else f"{title} ({number})", [])
        elif line and not line.startswith(";"):
            if strange := sorted(set(line.upper()) - CODES - {" "}):
                raise UserError(
                    f"Line {number} of {name} is no DNA: {strange[0]!r} stands for no letter of it."
                )
            parts = found.setdefault("sequence 1", []) if parts is None else parts
            parts.append(line.replace(" ", ""))
    whole = {title: middle("".join(lines)) for title, lines in found.items() if lines}
    if not whole:
        raise UserError(f"There is no sequence in {name}.")
    return whole


def middle(sequence: str) -> str:
    """A sequence in capitals, U as T, unknown letters as N; of a long one its middle."""
    begin = max(0, len(sequence) - LONGEST) // 2
    return dna.text(dna.numbers(sequence[begin : begin + LONGEST]))
