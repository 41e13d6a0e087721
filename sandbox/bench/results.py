"""What was measured beforehand: the tables of docs/benchmarks.md, which `sandbox bench --write` keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox import registry
from sandbox.statistics import bootstrap_interval

BEGIN = "<!-- bench:"


@dataclass(frozen=True)
class Table:
    """A table as it was written.

    Attributes:
        subject: what `sandbox bench` calls it.
        origin: when, by which command and on which machine it was measured.
        title: its heading.
        columns: their names.
        rows: what the cells say.
        note: what is said below it.
    """

    subject: str
    origin: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str


def tables(title: str, document: Path | None = None) -> list[Table]:
    """The tables whose title has these words in it; none where nothing was written.

    Args:
        title: part of a heading, such as a task's name in backticks.
        document: what to read; by default docs/benchmarks.md.
    """
    path = document or registry.repository() / "docs" / "benchmarks.md"
    if not path.is_file():
        return []
    return [table for table in _read(path, path.stat().st_mtime_ns) if title in table.title]


def spread(values: Sequence[float], form: str) -> str:
    """Such as `0.43 [0.42, 0.44]`: mean and 95 % bootstrap interval; empty without values."""
    if not values:
        return ""
    found = bootstrap_interval(values)
    return f"{found.mean:{form}} [{found.low:{form}}, {found.high:{form}}]"


def numbers(cell: str) -> tuple[float, float, float]:
    """Mean and ends of the interval in a cell that `spread` wrote."""
    mean, low, high = (float(word.strip("[],")) for word in cell.split())
    return mean, low, high


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int) -> list[Table]:
    return list(_tables(path.read_text(encoding="utf-8")))


def _tables(text: str) -> Iterator[Table]:
    for section in text.split(BEGIN)[1:]:
        subject = section.partition(" ")[0]
        head, *parts = section.partition("<!-- end:")[0].split("\n### ")
        origin = head.strip().rpartition("\n")[2]
        for part in parts:
            lines = [line.strip() for line in part.strip().splitlines()]
            cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line[:1] == "|"]
            note = " ".join(line for line in lines[1:] if line and line[0] != "|")
            yield Table(subject, origin, lines[0], cells[0], cells[2:], note)
