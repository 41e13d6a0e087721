"""Files that are whole or absent: written under a temporary name, then renamed."""

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from sandbox.errors import UserError, because

TEMPORARY = ".tmp-"
"""Prefix of the names under which files and folders are written; whoever finds one may ignore it."""

LARGEST_OBJECT = 64 * 2**20
"""Bytes of JSON that are read at once; what is larger was not written here."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Flag with which a file is not opened if it is a symbolic link, which leads out of the folder."""
_READ = NO_LINK | os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _READ |= getattr(os, _flag, 0)


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
    """Write one file from its beginning; never through a symbolic link."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags | NO_LINK, 0o666)) as file:
        file.write(data)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def await_disk(path: Path) -> None:
    """Wait until the disk has a file, so that it survives a power cut and not only a killed process."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """JSON as people like to read it; NaN is refused, as browsers refuse it."""
    try:
        plain = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # the name of a file that is no UTF-8
        return (json.dumps(value, indent=1, allow_nan=False) + "\n").encode()
    # `json.dumps(indent=1)` comes to the same, and takes ten times as long.
    return msgspec.json.format(plain, indent=1) + b"\n"


def path_text(path: Path | str) -> str:
    """The path as text that can be printed and stored: what is no UTF-8 in it is written out as numbers."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        UserError: the file is missing, unreadable or not a JSON object; names the file.
    """
    try:
        value = msgspec.json.decode(read_bytes(path, LARGEST_OBJECT))
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except RecursionError:
        raise UserError(f"{path} is corrupt: it is nested too deeply.") from None
    except ValueError as error:
        raise UserError(f"{path} is corrupt: it is not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise UserError(f"{path} is corrupt: it holds no JSON object.")
    return value


def open_to_read(path: Path) -> BinaryIO:
    """Open a file that may come from a stranger: no symbolic link, and a named pipe is not waited for."""
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | _READ))


def read_bytes(path: Path, most: int) -> bytes:
    """Read a whole file that may come from a stranger: no pipe that never ends, and nothing huge.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        OSError: as `Path.read_bytes`.
        UserError: it is no ordinary file, or has more bytes; names it.
    """
    # Opening a named pipe would wait for somebody to write into it. No file object, which takes three times
    # as long: a page reads a thousand small files a second.
    descriptor = os.open(path, _READ)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UserError(f"{path} is corrupt: it is no ordinary file.")
        if found.st_size > most:
            raise UserError(f"{path} is corrupt: it has {found.st_size:,} bytes, more than {most:,}.")
        data = os.read(descriptor, found.st_size + 1)
        while len(data) < found.st_size and (more := os.read(descriptor, found.st_size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def refused(action: str, path: Path, error: OSError, advice: str = "") -> UserError:
    """The sentence for a file operation that the operating system refused."""
    return UserError(f"Could not {action} {path} because {because(error)}{f'; {advice}' if advice else ''}.")
