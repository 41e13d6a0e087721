"""The numbers of a run over time: one JSON object a line, appended while training, tailed while watching."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, SupportsFloat

import msgspec

from sandbox.errors import UserError
from sandbox.files import NO_LINK, open_to_read, refused

FILE = "metrics.jsonl"
"""Its name in a run."""

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
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_LINK | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o644)
        try:
            _append_whole(descriptor, (json.dumps(row) + "\n").encode())
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


def size(path: Path) -> int:
    """Length of the file in bytes; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def cut_back(path: Path, step: int, limit: int | None = None) -> None:
    """Keep the whole lines up to `step` and drop the rest, a torn last line included.

    Args:
        path: the file; nothing happens if there is none.
        step: the last one to keep.
        limit: length that the file is cut to at most, in bytes.

    Raises:
        UserError: a line is no row, or the file cannot be cut.
    """
    end = kept_bytes(path, step, limit)
    try:
        if end < size(path):
            os.truncate(path, end)  # needs no room, so that it works on a full disk
    except OSError as error:
        raise refused("cut back", path, error) from error


def kept_bytes(path: Path, step: int, limit: int | None = None) -> int:
    """The length that `cut_back` leaves.

    Raises:
        UserError: a line is no row.
    """
    read_since(path)  # a line that is no row is told before anything is changed
    end = 0
    try:
        with path.open("rb") as file:
            for line in file:
                row = _parse(line)
                past = row is not None and row["step"] > step
                if past or not line.endswith(b"\n") or (limit is not None and end + len(line) > limit):
                    break
                end += len(line)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise refused("read", path, error) from error
    return end


def _append_whole(descriptor: int, line: bytes) -> None:
    """Append a line, all of it or nothing; a torn one before it is cut off."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end:
        os.lseek(descriptor, end - 1, os.SEEK_SET)
        if os.read(descriptor, 1) != b"\n":
            os.lseek(descriptor, 0, os.SEEK_SET)
            end = os.read(descriptor, end).rfind(b"\n") + 1
            os.ftruncate(descriptor, end)
    try:
        # One write to a file opened for appending: lines of two writers never mix.
        while line := line[os.write(descriptor, line) :]:
            pass  # the disk took a part; the next try takes the rest, or says why not
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _parse(line: bytes) -> Row | None:
    row = _object(line)
    if row is None and (second := line.rfind(b'{"step"')) > 0:
        # Earlier versions wrote on behind a line that was torn by a full disk.
        row = _object(line[second:])
    return row


def _object(line: bytes) -> Row | None:
    try:
        row = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row.get("step"), int) and row["step"] >= 0 else None
