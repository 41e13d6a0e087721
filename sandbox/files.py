"""Files that are whole or absent: written under a temporary name, then renamed."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.errors import UserError, because

TEMPORARY = ".tmp-"
"""Prefix of the names under which files and folders are written; whoever finds one may ignore it."""


def typed_path(text: str | Path) -> Path:
    """The path that somebody typed, with `~` expanded; whether it exists is another question.

    Raises:
        UserError: no file can have this name, or `~name` names no user.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise UserError(f"{str(text)!r} begins with a user whom this machine does not know.") from None
    try:
        path.stat()
    except ValueError:  # a zero byte
        raise UserError(f"{str(text)!r} cannot be the name of a file.") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UserError(f"'{text!s:.40}...' is too long for the name of a file.") from None
    return path


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
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UserError(f"{path} is corrupt: it is not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise UserError(f"{path} is corrupt: it holds no JSON object.")
    return value


def refused(action: str, path: Path, error: OSError, advice: str = "") -> UserError:
    """The sentence for a file operation that the operating system refused."""
    return UserError(f"Could not {action} {path} because {because(error)}{f'; {advice}' if advice else ''}.")
