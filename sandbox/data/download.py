"""One file from the network: over https, checked, resumed where it broke off, and whole or absent.

A file is written under a hidden name until its checksum is right, so whoever finds it under its own name need
not check it again. Several processes that want the same file wait for the one that fetches it.
"""

import shutil
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from sandbox.data.http_stream import streamed
from sandbox.data.partial_file import forget, note_of, part_of, size_of
from sandbox.data.remote_file import (
    PATIENCE,
    Arrived,
    Patience,
    RemoteFile,
    UnavailableError,
    WrongContentError,
    checksum_of,
)
from sandbox.errors import UserError
from sandbox.files import TEMPORARY, path_text, refused

MIRROR = "SANDBOX_DATA_MIRROR"

Answer = TypeVar("Answer")


def fetch(
    file: RemoteFile,
    folder: Path,
    progress: Callable[[Arrived], None] | None = None,
    *,
    mirror: Sequence[Path] = (),
    patience: Patience = PATIENCE,
) -> Path:
    """See `fetching`; `progress` is told of what has arrived."""
    return drain(fetching(file, folder, mirror=mirror, patience=patience), progress)


def drain(
    events: Generator[Arrived, None, Answer], progress: Callable[[Arrived], None] | None = None
) -> Answer:
    """Run a generator of `Arrived` to its end; returns what it returns."""
    while True:
        try:
            arrived = next(events)
        except StopIteration as end:
            return end.value
        if progress is not None:
            progress(arrived)


def fetching(
    file: RemoteFile, folder: Path, *, mirror: Sequence[Path] = (), patience: Patience = PATIENCE
) -> Generator[Arrived, None, Path]:
    """Get a file, unless it is there; closing the generator keeps what has arrived for the next time.

    Args:
        file: which.
        folder: where it is kept; made if it is missing.
        mirror: paths on this machine that may hold it, looked at first; its checksum counts there, too.
        patience: see there.

    Yields:
        How much has arrived, after every block.

    Returns:
        The file, whole and with the right checksum.

    Raises:
        UserError: it cannot be had from any address, is not the published one, or is too large; says why.
    """
    path = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{TEMPORARY}{file.name}.lock")
        while True:
            try:
                lock.acquire(timeout=0.2)
                break
            except Timeout:  # another process fetches it
                yield Arrived(file.name, size_of(part_of(path)), file.size)
        with lock:
            if not path.is_file():
                yield from _found(file, path, mirror, patience)
    except OSError as error:
        raise refused("write", Path(error.filename or path), error) from error
    return path


def _found(
    file: RemoteFile, path: Path, mirror: Sequence[Path], patience: Patience
) -> Generator[Arrived, None, None]:
    """Put the file at its place, from a mirror or from one of its addresses."""
    for place in mirror:
        if place.is_file():
            yield from _copied(file, place, path)
            return
    problems: list[UserError] = []
    for address in file.addresses:
        try:
            yield from _from_address(file, address, path, patience)
            return
        except (UnavailableError, WrongContentError) as error:
            problems.append(error)
    wrong = [problem for problem in problems if isinstance(problem, WrongContentError)]
    if wrong or not problems:
        raise wrong[0] if wrong else UserError(f"{file.name} has no address.")
    raise UserError(
        f"{file.name} could not be fetched: {problems[0]}; go online, "
        f"or put the file into a folder that {MIRROR} names."
    )


def _copied(file: RemoteFile, place: Path, path: Path) -> Generator[Arrived, None, None]:
    part = part_of(path)
    yield Arrived(file.name, 0, place.stat().st_size)
    shutil.copyfile(place, part)
    try:
        _check(file, part, path_text(place.parent), "it was not taken")
    except WrongContentError:
        part.unlink()
        raise
    _finish(part, path)
    yield Arrived(file.name, size_of(path), size_of(path))


def _from_address(
    file: RemoteFile, address: str, path: Path, patience: Patience
) -> Generator[Arrived, None, None]:
    part = part_of(path)
    for is_last in (False, True):
        in_pieces = yield from streamed(file, address, part, patience)
        try:
            _check(file, part, urlsplit(address).hostname or address)
        except WrongContentError:
            forget(part)
            if not in_pieces or is_last:
                raise
            continue  # the pieces were not of one file: once more, from the beginning
        _finish(part, path)
        return


def _check(file: RemoteFile, part: Path, origin: str, then: str = "it was deleted") -> None:
    """Compare a whole file with what is published of it."""
    if file.size and size_of(part) != file.size:
        raise WrongContentError(
            f"{file.name} from {origin} is not the published file: expected {file.size:,} bytes, "
            f"found {size_of(part):,}; {then}."
        )
    if file.checksum:
        kind = file.checksum.partition(":")[0]
        found = checksum_of(part, kind)
        if found != file.checksum.lower():
            raise WrongContentError(
                f"{file.name} from {origin} is not the published file: expected {file.checksum}, "
                f"found {found}; {then}."
            )


def _finish(part: Path, path: Path) -> None:
    part.replace(path)
    note_of(part).unlink(missing_ok=True)
