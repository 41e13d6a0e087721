"""Files that are whole or absent: written under a temporary name, then renamed."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.errors import UserError, because

TEMPORARY = ".tmp-"
"""Prefix of the names under which files and folders are written; whoever finds one may ignore it."""


def temporary_path(path: Path) -> Path:
    """The hidden name beside `path` that this process writes to before renaming."""
    return path.with_name(f"{TEMPORARY}{path.name}-{os.getpid()}")


def replace_bytes(path: Path, data: bytes, sync: bool = False) -> None:
    """Put `data` at `path`: readers see the old file or the new one, never a part of it.

    Args:
        path: the file; its folder exists.
        data: the whole content.
        sync: wait until the disk has it, so that it survives a power cut and not only a killed process.

    Raises:
        OSError: the old file is then unharmed.
    """
    temporary = temporary_path(path)
    try:
        write_bytes(temporary, data, sync)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes, sync: bool = False) -> None:
    """Write one file from its beginning."""
    with path.open("wb") as file:
        file.write(data)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """JSON as people like to read it; NaN is refused, as browsers refuse it."""
    return (json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        UserError: the file is missing, unreadable or not a JSON object; names the file.
    """
    try:
        value = json.loads(path.read_bytes(), parse_constant=_no_number)
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UserError(f"{path} is corrupt: it is not JSON ({error}).") from error
    except RecursionError:
        raise UserError(f"{path} is corrupt: it is nested too deeply.") from None
    if not isinstance(value, dict):
        raise UserError(f"{path} is corrupt: it holds no JSON object.")
    return value


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def refused(action: str, path: Path, error: OSError, advice: str = "") -> UserError:
    """The sentence for a file operation that the operating system refused."""
    return UserError(f"Could not {action} {path} because {because(error)}{f'; {advice}' if advice else ''}.")
