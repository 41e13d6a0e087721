"""Files of molecules: a SMILES in each line, or a table with a column of them."""

import gzip
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sandbox import chemistry
from sandbox.data.formats import tables, texts
from sandbox.data.formats.folders import paths_in
from sandbox.errors import UserError, did_you_mean
from sandbox.files import path_text

ENDINGS = (".smi", ".txt", ".csv", ".tsv", ".gz")
MOST, MOST_BYTES, LOOKED_AT = 200_000, 50_000_000, 20
"""Molecules and bytes of a file, and rows from which the column of SMILES is found out."""


@dataclass(frozen=True)
class Molecules:
    """Different molecules.

    Attributes:
        smiles: canonical.
        cells: what else stands in the row of each, by column.
        notes: what was left out, one sentence each.
    """

    smiles: tuple[str, ...]
    cells: tuple[dict[str, str], ...]
    notes: tuple[str, ...]


def read(path: Path) -> Molecules:
    """The molecules of a file, or of the only one in a folder; of each kind the first.

    Raises:
        UserError: it cannot be read, or has no molecules.
    """
    if path.is_dir():
        files = [one for one in map(Path, paths_in(path)) if one.suffix.lower() in ENDINGS]
        if len(files) != 1:
            raise UserError(f"{path_text(path)} holds {len(files)} files of molecules; one is needed.")
        path = files[0]
    if not path.is_file():
        raise UserError(f"There is no file {path_text(path)}.")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, written: int) -> Molecules:
    name = path_text(path)
    content = _unzipped(path) if path.suffix == ".gz" else texts.read(path, MOST_BYTES)
    if {".csv", ".tsv"} & set(path.suffixes):
        names, rows = _table(content, name)
    else:
        lines = [line.split() for line in content.split("\n") if line.strip() and not line.startswith("#")]
        width = max(map(len, lines), default=0)
        names, rows = [f"column {i + 1}" for i in range(width)], lines
    if len(rows) > MOST:
        raise UserError(f"{name} has more than {MOST:,} rows; use a part of them.")
    column = _column(names, rows, name)
    found: dict[str, dict[str, str]] = {}
    wrong = twice = 0
    for row in rows:
        one = chemistry.canonical(row[column]) if len(row) > column else None
        if one is None:
            wrong += 1
        elif one in found:
            twice += 1
        else:
            found[one] = dict(zip(names, row, strict=False))
    notes = []
    if wrong:
        notes.append(f"{wrong:,} rows are no SMILES of one molecule, and left out.")
    if twice:
        notes.append(f"{twice:,} rows repeat a molecule, and are left out.")
    return Molecules(tuple(found), tuple(found.values()), tuple(notes))


def _unzipped(path: Path) -> str:
    """The text of a file packed with gzip; never more of it than the limit."""
    name = path_text(path)
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UserError(f"{name} cannot be unpacked.") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{name} unpacks to more than {MOST_BYTES // 10**6} MB; use a part of it.")
    return texts.decoded(content, name)


def _table(content: str, name: str) -> tuple[list[str], list[list[str]]]:
    table = tables.parse(content, name)
    rows = [list(row) for row in table.rows]
    head = list(table.names) if table.names is not None else rows.pop(0) if rows else []
    # Values, not names; short names may be molecules by chance.
    if any(tables.number(cell) is not None or (len(cell) > 3 and chemistry.molecule(cell)) for cell in head):
        rows.insert(0, head)
        head = [f"column {i + 1}" for i in range(max(map(len, rows)))]
    return head, rows


def _column(names: list[str], rows: list[list[str]], name: str) -> int:
    """The column of SMILES: that of this name, else the one in which most cells are molecules."""
    for i, each in enumerate(names):
        if each.strip().lower() in ("smiles", "canonical_smiles", "smi"):
            return i
    some = rows[:: max(1, len(rows) // LOOKED_AT)][:LOOKED_AT]
    counts = [sum(len(row) > i and chemistry.molecule(row[i]) is not None for row in some)
              for i in range(len(names))]  # fmt: skip
    if not counts or 2 * max(counts) < len(some):
        raise UserError(f"There is no column of molecules in SMILES in {name}.")
    return counts.index(max(counts))


def numbers(found: Molecules, column: str) -> list[float | None]:
    """The number of each molecule in a column; None where there is none.

    Raises:
        UserError: there is no such column; names the nearest.
    """
    names = list(found.cells[0]) if found.cells else []
    if column not in names:
        hint = did_you_mean(column, names) or f" There are {', '.join(names[:12])}."
        raise UserError(f"There is no column {column!r}.{hint}")
    return [tables.number(cells.get(column, "")) for cells in found.cells]
