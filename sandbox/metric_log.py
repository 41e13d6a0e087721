"""The numbers of a run over time: one JSON object a line, appended while training, tailed while watching."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, SupportsFloat

import msgspec

from sandbox.errors import UserError
from sandbox.files import NO_LINK, open_to_read, refused, replace_bytes

Row = dict[str, Any]
_DECODER = msgspec.json.Decoder(dict[str, int | float])
"""Rows may come from a stranger's folder: numbers and nothing else."""


def append(path: Path, step: int, seconds: float | int, metrics: Mapping[str, SupportsFloat]) -> None:
    """Append `{step, seconds, **metrics}` as one line.

    Metrics that are not finite are left out: JSON has no NaN, and a curve has no point there.

    Raises:
        UserError: the line could not be written, for instance because the disk is full.
    """
    row: Row = {"step": int(step), "seconds": round(float(seconds), 4)}
    for name, value in metrics.items():
        number = float(value)
        if math.isfinite(number):
            row[name] = int(number) if isinstance(value, int) else float(f"{number:.7g}")
    line = (json.dumps(row) + "\n").encode()
    try:
        # One write to a file opened for appending: lines of two writers never mix.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINK, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise refused("write", path, error, "the checkpoints saved so far are unharmed") from error


def read_since(path: Path, offset: int = 0) -> tuple[list[Row], int]:
    """Rows after byte `offset`, and the offset to go on from.

    A last line without its end is left for the next call. When the file is now shorter than `offset` (a
    resumed run cut it back) all rows are returned from the beginning.

    Raises:
        UserError: a line is not a JSON object of numbers with a step; names the file and the line.
    """
    try:
        with open_to_read(path) as file:
            if offset > os.fstat(file.fileno()).st_size:
                offset = 0
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise refused("read", path, error) from error
    whole = data[: data.rfind(b"\n") + 1]
    rows = []
    for number, line in enumerate(whole.splitlines(), start=1):
        row = _parse(line)
        if row is None:
            at = f"line {number}" if offset == 0 else f"a line after byte {offset}"
            raise UserError(f"{path} is corrupt in {at}; remove that line to read the rest.")
        rows.append(row)
    return rows, offset + len(whole)


def cut_back(path: Path, step: int) -> None:
    """Keep the whole lines up to `step` and drop the rest, a torn last line included."""
    rows, _ = read_since(path)
    kept = [row for row in rows if row["step"] <= step]
    try:
        replace_bytes(path, "".join(json.dumps(row) + "\n" for row in kept).encode())
    except OSError as error:
        raise refused("rewrite", path, error) from error


def _parse(line: bytes) -> Row | None:
    try:
        row = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row.get("step"), int) and row["step"] >= 0 else None
