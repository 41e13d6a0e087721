"""Pictures with texts: a folder of pictures, and a table with a picture and its text in each row.

The table is a CSV or TSV file with the name of the picture's file in the first column and its text in the
second. A picture may have several rows, and so several texts. A first row that names no picture is a heading.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sandbox.data.formats import images
from sandbox.data.formats.folders import files_in
from sandbox.data.formats.tables import decoded
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError, because
from sandbox.files import path_text, read_bytes

TABLES = (".csv", ".tsv")
MOST_BYTES, MOST_PICTURES, LONGEST = 20_000_000, 20_000, 300
"""Of a table; pictures that are read; characters of a text, which is cut behind them."""
LEAST = 8
HELD_OUT = 1 / 4


@dataclass(frozen=True)
class DescribedImages:
    """Pictures with what belongs to each.

    Attributes:
        name: of the folder.
        pictures: (H, W) or (H, W, 3) in [0, 1], each of its own size; no two are the same.
        texts: at least one for each.
        unseen: which are held out, a seeded quarter.
        notes: what was left out, one sentence each.
    """

    name: str
    pictures: Sequence[NDArray[np.float32]]
    texts: Sequence[tuple[str, ...]]
    unseen: NDArray[np.bool_]
    notes: tuple[str, ...]

    def part(self, unseen: bool) -> tuple[list[NDArray[np.float32]], list[tuple[str, ...]]]:
        """The pictures to learn from or the unseen ones, with their texts."""
        rows = np.flatnonzero(self.unseen == unseen).tolist()
        return [self.pictures[row] for row in rows], [self.texts[row] for row in rows]


def load(folder: Path, split_seed: int = 0) -> DescribedImages:
    """Read every picture that a table of the folder names, once.

    Args:
        folder: with pictures and tables, however deep.
        split_seed: decides which quarter of the pictures is unseen.

    Raises:
        UserError: nothing there, or too little or too much of it; says what it must look like.
    """
    report, said = ReadReport(), path_text(folder)
    files = list(files_in(folder))
    tables = [path for path in files if path.suffix.lower() in TABLES]
    pictures = {path.name.lower(): path for path in files if path.suffix.lower() in images.ENDINGS}
    if not tables or not pictures:
        missing = f"{images.KINDS} pictures" if tables else "CSV file"
        raise UserError(
            f"{said} holds no {missing}: it needs pictures, and a CSV file with a picture's name and its "
            "text in each row."
        )
    texts: dict[Path, dict[str, None]] = {}
    for table in tables:
        for file, text in _rows(table, pictures, report):
            texts.setdefault(file, {}).setdefault(text)
    if len(texts) > MOST_PICTURES:
        raise UserError(f"{said} names {len(texts):,} pictures; at most {MOST_PICTURES:,} are read.")
    found: dict[bytes, tuple[NDArray[np.float32], dict[str, None]]] = {}
    for file, known in texts.items():
        try:
            values = images.values(file)
        except UserError as error:
            report.skip("pictures that cannot be read", f"{path_text(file.name)} ({str(error).rstrip('.')})")
            continue
        if (content := values.tobytes()) in found:
            report.skip("an exact copy of another picture", path_text(file.name))
            found[content][1].update(known)
            continue
        report.read += 1
        found[content] = (values, dict(known))
    if len(found) < LEAST:
        told = " ".join(report.sentences())
        raise UserError(f"{said} has {len(found)} pictures with a text; {LEAST} are needed. {told}".strip())
    unseen = np.zeros(len(found), bool)
    order = np.random.default_rng(split_seed).permutation(len(found))
    unseen[order[: round(HELD_OUT * len(found))]] = True
    return DescribedImages(
        path_text(folder.resolve().name),
        [values for values, _ in found.values()],
        [tuple(known) for _, known in found.values()],
        unseen,
        report.sentences(),
    )


def _rows(table: Path, pictures: Mapping[str, Path], report: ReadReport) -> list[tuple[Path, str]]:
    """Pictures and texts of a table; what names no picture is counted."""
    name = path_text(table.name)
    try:
        text = decoded(read_bytes(table, MOST_BYTES), name)
        first = text.split("\n", 1)[0]
        separator = max("\t;,", key=first.count)  # the likeliest first, where none occurs
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise UserError(f"{name} is no CSV file: {error}.") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read because {because(error)}.") from None
    found = []
    for number, cells in enumerate(rows):
        # A text with commas that nobody put into quotation marks is one text.
        told = " ".join(separator.join(cells[1:]).split())[:LONGEST].strip()
        file = pictures.get(Path(cells[0].strip()).name.lower()) if cells else None
        if file is not None and told:
            found.append((file, told))
        elif number and cells:
            report.skip(
                "rows without a picture that is there, or without a text", f"line {number + 1} of {name}"
            )
    return found
