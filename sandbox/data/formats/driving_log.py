"""A drive as people record it: pictures of a road and a table that says what the driver did.

The table, a CSV file in the folder, has a column of file names (`picture`, `image`, `file`, `frame` or
`center`), one of the front wheels' angle in degrees, positive to the left (`angle` or `steering`), and one of
the speed in m/s (`speed`); a row for each picture, in the order in which they were taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.data.formats import images, tables
from sandbox.data.formats.folders import files_in
from sandbox.data.read_report import ReadReport
from sandbox.errors import UserError
from sandbox.files import path_text

PICTURE = ("picture", "image", "file", "frame", "center")
ANGLE, SPEED = ("angle", "steering"), ("speed",)
STEEPEST, FASTEST = 45.0, 100.0
"""Degrees and m/s beyond which a row is taken for a mistake."""
MOST_FRAMES, MOST_BYTES = 10_000, 50 * 10**6
LEAST = 20
"""Frames that a drive needs."""


@dataclass(frozen=True)
class DrivingLog:
    """A drive.

    Attributes:
        pictures: (N, 3, H, W) in [0, 1], in the order in which they were taken.
        answers: (N, 2): angle in degrees, positive to the left, and speed in m/s.
        reading: what was left out and why.
    """

    pictures: Float[np.ndarray, "N 3 H W"]
    answers: Float[np.ndarray, "N 2"]
    reading: ReadReport


def load(folder: Path, encode: Callable[[Any], NDArray[np.float32]]) -> DrivingLog:
    """Read a drive; rows and pictures that cannot be used are left out and counted.

    Args:
        folder: that holds the pictures and the table.
        encode: makes of a picture (H, W, 3) in [0, 1] what a network takes.

    Raises:
        UserError: there is no table, one of its columns is missing, or too few frames can be used.
    """
    files = list(files_in(folder))
    logs = [file for file in files if file.suffix.lower() == ".csv"]
    name = path_text(folder.name)
    if len(logs) != 1:
        raise UserError(f"{name} needs one .csv file that says what the driver did; it has {len(logs)}.")
    log = path_text(logs[0].name)
    table = tables.parse(tables.text_of(logs[0], MOST_BYTES), log)
    if len(table.rows) > MOST_FRAMES:
        raise UserError(f"{log} has {len(table.rows):,} rows; at most {MOST_FRAMES:,} are read.")
    columns = [_column(table, names, log) for names in (PICTURE, ANGLE, SPEED)]
    # By name alone: what a table says is no path that could lead out of the folder.
    known = {file.name: file for file in files if file.suffix.lower() in images.ENDINGS}
    reading, pictures, answers = ReadReport(), [], []
    for line, row in zip(table.lines, table.rows, strict=True):
        cells = [row[column] if column < len(row) else "" for column in columns]
        angle, speed = (table.number(cell) for cell in cells[1:])
        file = known.get(PurePosixPath(cells[0].replace("\\", "/")).name)
        if angle is None or speed is None or abs(angle) > STEEPEST or not 0 <= speed <= FASTEST:
            reading.skip("no angle in degrees and speed in m/s", f"line {line}")
        elif file is None:
            reading.skip("no such picture", f"line {line}")
        else:
            try:
                pictures.append(encode(images.values(file)))
            except UserError:
                reading.skip("not a picture", path_text(file.name))
                continue
            reading.read += 1
            answers.append((angle, speed))
    if len(pictures) < LEAST:
        raise UserError(f"{name} has {len(pictures)} frames that can be used; {LEAST} are needed.")
    return DrivingLog(np.stack(pictures), np.array(answers, np.float32), reading)


def _column(table: tables.Table, names: Sequence[str], file: str) -> int:
    heads = [head.strip().lower() for head in table.names or ()]
    for name in names:
        if name in heads:
            return heads.index(name)
    raise UserError(f"{file} has no column {names[0]!r}; it needs picture, angle (degrees) and speed (m/s).")
