"""The folder in which this installation keeps what must not lie in run folders: orders, and files to import.

A run folder may come from anybody. What is written here comes from this installation and this user alone.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from sandbox.files import refused, replace_bytes


def state_folder() -> Path:
    """`$SANDBOX_STATE`, else the user's own folder for the state of programs on this platform."""
    if chosen := os.environ.get("SANDBOX_STATE"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "deep-sandbox"


def write_record(kind: str, key: str, record: Mapping[str, Any]) -> None:
    """Keep a record under a key, such as the path of a run; replaces an earlier one.

    Raises:
        UserError: the folder cannot be written.
    """
    path = _place(kind, key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_bytes(path, msgspec.json.encode({"key": key, **record}))
    except OSError as error:
        raise refused("write", path, error, "SANDBOX_STATE names another folder") from error


def read_record(kind: str, key: str) -> dict[str, Any] | None:
    """The record of a key, or None if there is none that can be read."""
    try:
        record = msgspec.json.decode(_place(kind, key).read_bytes(), type=dict[str, Any])
    except (OSError, ValueError):
        return None
    return record if record.get("key") == key else None


def remove_record(kind: str, key: str) -> None:
    """Forget a key."""
    try:
        _place(kind, key).unlink(missing_ok=True)
    except OSError as error:
        raise refused("remove", _place(kind, key), error) from error


def keys(kind: str) -> list[str]:
    """All keys of a kind that have a record."""
    found = []
    for path in (state_folder() / kind).glob("*.json"):
        try:
            found.append(str(msgspec.json.decode(path.read_bytes(), type=dict[str, Any])["key"]))
        except (OSError, ValueError, KeyError):
            continue
    return found


def _place(kind: str, key: str) -> Path:
    return state_folder() / kind / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()}.json"
