"""Tables as text: CSV files as programs and spreadsheets of all countries write them.

What stands between the columns, whether decimals have a point or a comma, whether the first row holds names,
and which column only counts the rows, is all found out from the file.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import UserError, because
from sandbox.files import path_text

SEPARATORS = "\t;,"
"""The likeliest first: a comma may also be a decimal one."""
LOOKED_AT = 200
"""Rows from which the form of a table is found out."""
POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE)
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?(e[+-]?\d+)?", re.IGNORECASE)
"""Numbers with a decimal point and thousands separated by commas, and the other way round."""
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
UNNAMED = re.compile(r"(unnamed: ?\d+)?", re.IGNORECASE)
"""What pandas and R write above the column that only counts the rows."""


@dataclass(frozen=True)
class Table:
    """Rows of cells.

    Attributes:
        names: of the columns; None if the file has none.
        rows: cells without the spaces around them; those of empty lines are left out.
        lines: number of each row's line in the file, from 1.
        decimal: `.` or `,`.
        counter: the column that only counts the rows, or None.
    """

    names: list[str] | None
    rows: list[list[str]]
    lines: list[int]
    decimal: str
    counter: int | None

    def number(self, cell: str) -> float | None:
        """The finite number that a cell says; None if it says none."""
        return number(cell, self.decimal)

    def numeric(self) -> list[int]:
        """Columns that mostly hold numbers, but for the one that only counts the rows."""
        width = max(map(len, self.rows), default=0)
        some = self.rows[:LOOKED_AT]
        return [
            i
            for i in range(width)
            if i != self.counter
            and sum(i < len(row) and self.number(row[i]) is not None for row in some) * 2 > len(some)
        ]


def text_of(path: Path, most_bytes: int) -> str:
    """The text of a file in UTF-8, or in what a mark at its beginning names.

    Raises:
        UserError: it is missing, too large, or no text; says what to do.
    """
    name = path_text(path)
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(f"{name} is larger than {most_bytes // 10**6} MB; use a part of it.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"There is no file {name}.") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read because {because(error)}.") from None
    return decoded(content, name)


def decoded(content: bytes, name: str) -> str:
    """The text of a file's bytes; see `text_of`."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # as spreadsheets write "Unicode text"
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is not a text file in UTF-8; save it as CSV once more.") from None
    if "\0" in text or (marked and len(text.splitlines()) < 2):
        raise UserError(f"{name} is not a text file; save it as CSV once more.")
    return text


def parse(text: str, name: str, *, spaces: bool = False) -> Table:
    """Find out the form of a table and split it into cells.

    Args:
        text: of the file.
        name: what it is called in messages.
        spaces: columns may also be separated by spaces.

    Raises:
        UserError: it is empty or no CSV file.
    """
    lines = text.splitlines()
    sample = [line for line in lines[: 2 * LOOKED_AT] if line.strip()][:LOOKED_AT]
    if not sample:
        raise UserError(f"{name} is empty: it has no rows.")
    separator = _separator(sample, spaces)
    try:
        found, rows = _split(text, separator)
    except csv.Error as error:
        raise UserError(f"{name} is no CSV file: {error}.") from None
    if not rows:
        raise UserError(f"{name} is empty: it has no rows.")
    decimal = _decimal(rows[:LOOKED_AT], separator)
    names = rows[0] if _has_names(rows, decimal) else None
    body = rows[1:] if names is not None else rows
    if names is not None and body and all(len(row) == len(names) + 1 for row in body[:LOOKED_AT]):
        names = ["", *names]  # R's write.table names all columns but the one that counts
    return Table(names, body, found[len(rows) - len(body) :], decimal, _counter(names, body))


def number(cell: str, decimal: str = ".") -> float | None:
    """The finite number that a cell says, with this decimal sign; None if it says none."""
    if decimal == "." or ("," not in cell and "." not in cell):
        try:
            value = float(cell)
        except ValueError:
            pass
        else:
            return value if math.isfinite(value) else None
    cell = cell.strip().strip('"').replace("\N{MINUS SIGN}", "-")
    if not (POINT if decimal == "." else COMMA).fullmatch(cell):
        return None
    try:
        value = float(cell.replace("," if decimal == "." else ".", "").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _split(text: str, separator: str) -> tuple[list[int], list[list[str]]]:
    """Numbers of the lines that say anything, and their cells."""
    spaces = separator == " "
    source = (line.strip() for line in text.splitlines()) if spaces else io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=separator, skipinitialspace=True)
    lines, rows = [], []
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            lines.append(reader.line_num)
            rows.append(cells)
    return lines, rows


def _separator(sample: Sequence[str], spaces: bool) -> str:
    """What splits the most rows into equally many cells; a sign that is not there if nothing does."""
    scores = {}
    for separator in SEPARATORS + " " * spaces:
        lines = [line.strip() for line in sample] if separator == " " else sample
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)]
        except csv.Error:
            continue
        usual, _ = Counter(counts[1:] or counts).most_common(1)[0]
        # There may be a column that has no name.
        fits = sum(count == usual for count in counts) + (counts[0] == usual - 1 > 1)
        scores[separator] = fits / len(counts) if usual > 1 else 0.0
    best = max(scores, key=scores.__getitem__, default="\t")
    halves = [DECIMAL_COMMA.fullmatch(line.strip()) is not None for line in sample]
    if best == "," and "," not in sample[0] and all(halves[1:]):
        return "\t"  # below a name without a comma, each is a decimal one
    return best if scores.get(best) else "\t"


def _decimal(rows: Sequence[Sequence[str]], separator: str) -> str:
    """The decimal sign of a table's numbers."""
    said = {".": False, ",": False}
    either = False
    for row in rows:
        for cell in row:
            if "," in cell or "." in cell:
                point = POINT.fullmatch(cell) is not None and any(map(str.isdigit, cell))
                comma = COMMA.fullmatch(cell) is not None and any(map(str.isdigit, cell))
                said["."] |= point and not comma
                said[","] |= comma and not point
                either |= point and comma and "," in cell
    if said["."] or said[","]:
        return "." if said["."] else ","
    # 1,234 is a thousand where commas separate columns, and 1.234 where they do not.
    return "," if either and separator != "," else "."


def _has_names(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row holds names of the columns."""
    first = [_kind(cell, decimal) for cell in rows[0]]
    if "number" not in first:
        return "dated" not in first
    second = [_kind(cell, decimal) for cell in rows[1]] if len(rows) > 1 else []
    return any(a == "word" and b in ("number", "dated") for a, b in zip(first, second, strict=False))


def _kind(cell: str, decimal: str) -> str:
    if number(cell, decimal) is not None:
        return "number"
    if not cell:
        return "empty"
    return "dated" if cell[0].isdigit() else "word"


def _counter(names: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> int | None:
    """The first column if it has no name and counts the rows, as pandas and R write it; else None."""
    if len(rows) < 2 or min(map(len, rows)) < 2:
        return None
    cells = [row[0] for row in rows]
    if names is not None and not UNNAMED.fullmatch(names[0]):
        return None
    if not all(cell.isdecimal() and len(cell) < 16 for cell in cells):
        return None
    counts = [int(cell) for cell in cells]
    if names is not None:
        return 0 if len(set(counts)) == len(counts) else None
    # Without names, two columns of numbers and a label must be left.
    in_turn = counts[0] in (0, 1) and counts == list(range(counts[0], counts[0] + len(counts)))
    return 0 if in_turn and len(rows[0]) >= 4 else None
