"""Unpack zip and tar archives that may come from anybody: nothing outside the folder, no links, no bombs.

Names inside an archive never decide where something is written outside the folder it is unpacked into, and
sizes written in it are not believed: what comes out is counted.
"""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sandbox.errors import UserError

MAX_NAME = 120
BLOCK = 2**18
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
)
"""What the readers of archives raise where one is damaged, encrypted or of an unknown kind."""
ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Attributes:
        files: at most.
        bytes: of all files, unpacked.
        ratio: a file that unpacks to more than so many times its size is a bomb and no picture or text; of a
            tar archive that is packed as a whole, all files together.
        free: bytes up to which the ratio does not matter: an empty text packs well.
    """

    files: int = 20_000
    bytes: int = 500 * 10**6
    ratio: int = 200
    free: int = 10**6


class _TooMuchError(UserError):
    """It unpacks to more than it may."""


def unpack(
    archive: Path | bytes,
    folder: Path,
    name: str = "",
    limits: Limits | None = None,
    wrote: Callable[[int], None] | None = None,
) -> list[str]:
    """Write the files of a zip or tar archive into a folder that exists.

    Hidden files and those of helper programs are passed over.

    Args:
        archive: a file, or its content.
        folder: for what is in it.
        name: what the archive is called in a message; by default that of the file.
        limits: what it may hold.
        wrote: told of the bytes that have been written in all, file by file; may raise to stop.

    Returns:
        What was left out and why, one sentence each.

    Raises:
        UserError: no such archive, a damaged one, nothing in it, too many files, or one that unpacks to far
            more than its size.
    """
    name = (name or (archive.name if isinstance(archive, Path) else "The archive"))[:60]
    limits = limits or Limits()
    skipped: list[str] = []
    total = files = 0
    try:
        with _members(archive, name, limits) as members:
            for member in members:
                if member.refused:
                    skipped.append(f"{member.name[:60]!r} {member.refused} and was left out.")
                    continue
                parts = PurePosixPath(member.name.replace("\\", "/")).parts
                if any(part.startswith((".", "__MACOSX")) for part in parts if part != "."):
                    continue
                files += 1
                if files > limits.files:
                    raise _TooMuchError(f"{name} holds more than {limits.files:,} files.")
                path = folder.joinpath(*(safe_name(part) for part in parts))
                path.parent.mkdir(parents=True, exist_ok=True)
                most = min(limits.bytes - total, member.most)
                total += _write(member.open(), path, most, name, limits)
                if wrote is not None:
                    wrote(total)
    except UserError:
        raise
    except DAMAGED as error:
        raise UserError(f"{name} cannot be unpacked: {error}.") from error
    if not any(folder.iterdir()):
        raise UserError(f"{name} holds no files.")
    return skipped


def is_zip(content: bytes) -> bool:
    """Whether a file's content is a zip archive."""
    return zipfile.is_zipfile(io.BytesIO(content))


def safe_name(name: str) -> str:
    """A name for a file or folder that stays where it is put."""
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|\0' else "_" for c in name).strip(" .")
    return kept[:MAX_NAME] or "file"


@dataclass(frozen=True)
class _Member:
    """A file in an archive.

    Attributes:
        name: as the archive says.
        open: its content as a stream.
        most: bytes that it may unpack to.
        refused: why it is left out, in words that follow its name; empty if it is not.
    """

    name: str
    open: Callable[[], Any]
    most: int
    refused: str = ""


@contextmanager
def _members(archive: Path | bytes, name: str, limits: Limits) -> Iterator[Iterator[_Member]]:
    source: Any = archive if isinstance(archive, Path) else io.BytesIO(archive)
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as found:
            yield _of_zip(found, name, limits)
        return
    size = archive.stat().st_size if isinstance(archive, Path) else len(archive)
    if not isinstance(archive, Path):
        source.seek(0)
    with open(archive, "rb") if isinstance(archive, Path) else source as packed:  # noqa: PTH123
        is_gzip = packed.read(2) == b"\x1f\x8b"
        packed.seek(0)
        plain = gzip.GzipFile(fileobj=packed) if is_gzip else packed
        # Names and gaps between the files count too: they can be bombs as well.
        most = min(2 * limits.bytes, max(limits.free, limits.ratio * size)) + limits.files * 2048 + 2**16
        try:
            tar = tarfile.open(fileobj=_Counted(plain, most, name, limits), mode="r|")  # noqa: SIM115
        except tarfile.TarError:
            raise UserError(f"{name} is no zip or tar archive, or it is damaged.") from None
        with tar:
            yield _of_tar(tar, limits)


def _of_zip(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[_Member]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.files:
        raise _TooMuchError(f"{name} holds {len(members):,} files; at most {limits.files:,} are read.")
    for member in members:
        is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
        refused = "points outside of the archive" if is_link else _outside(member.filename)
        most = max(limits.free, limits.ratio * max(1, member.compress_size))
        yield _Member(member.filename, lambda member=member: archive.open(member), most, refused)


def _of_tar(archive: Any, limits: Limits) -> Iterator[_Member]:
    for member in archive:
        if member.isdir():
            continue
        refused = _outside(member.name)
        if member.issym() or member.islnk():
            refused = "points outside of the archive"
        elif not member.isreg():
            refused = "is no ordinary file"
        yield _Member(member.name, lambda member=member: _content(archive, member), limits.bytes, refused)
        # A tar archive read from its beginning to its end need not remember what lies behind.
        archive.members = []


def _content(archive: Any, member: tarfile.TarInfo) -> Any:
    stream = archive.extractfile(member)
    assert stream is not None, "an ordinary file"
    return stream


def _outside(name: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    absolute = name.startswith(("/", "\\")) or name[1:2] == ":"
    return "points outside of the archive" if ".." in parts or absolute else ""


def _write(stream: Any, path: Path, most: int, name: str, limits: Limits) -> int:
    """Write a stream, of which nothing beyond `most` bytes is read; returns how many there were."""
    count = 0
    with stream, path.open("wb") as file:
        while block := stream.read(min(BLOCK, most - count + 1)):
            count += len(block)
            if count > most:
                raise _too_much(name, limits)
            file.write(block)
    return count


def _too_much(name: str, limits: Limits) -> UserError:
    return _TooMuchError(
        f"{name} unpacks to far more than its size, or to more than {limits.bytes // 10**6:,} MB; "
        "it was not read."
    )


class _Counted(io.RawIOBase):
    """A stream that ends in a refusal once more was read from it than may be."""

    def __init__(self, stream: Any, most: int, name: str, limits: Limits) -> None:
        super().__init__()
        self._stream, self._left, self._name, self._limits = stream, most, name, limits

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        block = self._stream.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(block)
        if self._left < 0:
            raise _too_much(self._name, self._limits)
        return block
