"""Which data a run was trained on: their path and a fingerprint, and whether they are still the same.

A fingerprint is made of names, sizes and samples of the content, so that one of 100,000 files takes a second.
Nothing here imports torch.
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.data.formats.folders import paths_in
from sandbox.errors import UserError, because
from sandbox.files import path_text, typed_path

DATA, FINGERPRINT = "data", "data_fingerprint"
"""Fields of a run's config.json."""
Key = tuple[str | None, str]
MOST_FILES = 200_000
SAMPLED = 256
"""Files of which the content is looked at, evenly spread."""
BLOCK = 4_096
LOOKED_AT = 4 * 2**20
"""Bytes that are read in all, about."""


class OtherDataError(UserError):
    """The data are not those that the run was trained on, or are gone; the sentence says which."""


@dataclass(frozen=True)
class Source:
    """What a run was trained on.

    Attributes:
        run: its name.
        data: name of a data set or a path; None for the task's own.
        digest: of the data when they were learned from; empty if nobody knows, as for built-in sets.
        files: how many there were.
    """

    run: str
    data: str | None
    digest: str = ""
    files: int = 0

    @property
    def key(self) -> Key:
        """The same for the same data: for whatever keeps what was read."""
        return self.data, self.digest

    def checked(self) -> str | None:
        """`data`, once they are known to be those that the run was trained on.

        Raises:
            OtherDataError: they are gone, or others lie there now.
        """
        if self.data is None or not self.digest:
            return self.data
        path = Path(self.data)
        said = path_text(self.data)
        if not path.exists():
            raise OtherDataError(f"{said}, which {self.run} was trained on, is not there any more.")
        now = fingerprint(path)
        if now["digest"] != self.digest:
            change = (
                "files in it have changed"
                if now["files"] == self.files and path.is_dir()
                else "it has changed"
                if now["files"] == self.files
                else f"it held {self.files:,} files then and holds {now['files']:,} now"
            )
            raise OtherDataError(f"{said} is not what {self.run} was trained on: {change}.")
        return self.data


def source_of(run: str, config: Mapping[str, Any]) -> Source:
    """What a run was trained on, from its name and its config.json; earlier versions kept no fingerprint."""
    data, kept = config.get(DATA), config.get(FINGERPRINT)
    data = data if isinstance(data, str) else None
    if not isinstance(kept, Mapping):
        return Source(run, data)
    digest, files = kept.get("digest"), kept.get("files")
    return Source(
        run, data, digest if isinstance(digest, str) else "", files if isinstance(files, int) else 0
    )


def located(data: str | None, built_in: Collection[str] = ()) -> str | None:
    """`data` as it can be found from every folder: a path becomes absolute, a name stays.

    Args:
        data: as `--data` was given.
        built_in: names that stand for data sets, whatever lies in the working directory.

    Raises:
        UserError: the path is not UTF-8, so that no file could say it.
    """
    if data is None or data in built_in:
        return data
    path = typed_path(data)
    if not (path.is_dir() or path.is_file()):
        return data  # a name, or a mistake that the task will tell
    whole = os.path.abspath(path)  # noqa: PTH100 - `..` is taken out and links stay, as the user typed them
    try:
        whole.encode()
    except UnicodeEncodeError:
        raise UserError(f"The path {path_text(whole)} is not UTF-8; rename that folder or file.") from None
    return whole


def described(data: str | None, built_in: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a run's config.json that say what it is trained on.

    Raises:
        UserError: as `located` and `fingerprint`.
    """
    whole = located(data, built_in)
    is_path = whole is not None and whole not in built_in and Path(whole).exists()
    return {DATA: whole, FINGERPRINT: fingerprint(Path(whole)) if is_path and whole is not None else None}


def fingerprint(path: Path) -> dict[str, Any]:
    """`files`, `bytes` and `digest` of a file, or of a folder without what helper programs keep in it.

    Raises:
        UserError: something in it cannot be read, or it holds more than 200,000 files.
    """
    try:
        return _fingerprint(path)
    except OSError as error:
        where = path_text(error.filename or path)
        raise UserError(f"{where} cannot be read because {because(error)}.") from error


def _fingerprint(path: Path) -> dict[str, Any]:
    root = str(path)
    files: list[tuple[str, int]] = []
    said = hashlib.sha256()
    for file in [root] if path.is_file() else paths_in(path):
        try:
            found = os.stat(file)  # noqa: PTH116 - text is several times faster where there are many files
        except FileNotFoundError:  # a link that leads nowhere
            continue
        if not stat.S_ISREG(found.st_mode):
            continue
        if len(files) == MOST_FILES:
            raise UserError(f"{path_text(path)} holds more than {MOST_FILES:,} files; use a part of them.")
        files.append((file, found.st_size))
        # A file by itself may be renamed.
        said.update(b"%s\0%d\0" % (os.fsencode(file[len(root) :].lstrip(os.sep)), found.st_size))
    some = files[:: max(1, -(-len(files) // SAMPLED))]
    for file, size in some:
        with contextlib.suppress(PermissionError):  # whoever must read it will say so
            said.update(_sample(Path(file), size, max(2, LOOKED_AT // len(some) // BLOCK)))
    return {"files": len(files), "bytes": sum(size for _, size in files), "digest": said.hexdigest()}


def _sample(file: Path, size: int, blocks: int) -> bytes:
    """So many blocks of a file, its first and its last among them; all of a short one."""
    with file.open("rb") as stream:
        if size <= blocks * BLOCK:
            return stream.read(blocks * BLOCK)
        found = []
        for i in range(blocks):
            stream.seek((size - BLOCK) * i // (blocks - 1))
            found.append(stream.read(BLOCK))
        return b"".join(found)
