"""A file that is not whole yet: under a hidden name, with a note beside it that says where it comes from."""

import json
from collections.abc import Mapping
from pathlib import Path

from sandbox.files import TEMPORARY


def part_of(path: Path) -> Path:
    """The hidden name of a file until it is whole."""
    return path.with_name(f"{TEMPORARY}{path.name}.part")


def note_of(part: Path) -> Path:
    """The note beside a part."""
    return part.with_name(f"{part.name}.json")


def note(part: Path) -> Mapping[str, str]:
    """Where a part comes from; nothing if nobody knows."""
    try:
        found = json.loads(note_of(part).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def size_of(path: Path) -> int:
    """Bytes there are; 0 of no file."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def forget(part: Path) -> None:
    """Delete a part and its note."""
    part.unlink(missing_ok=True)
    note_of(part).unlink(missing_ok=True)
