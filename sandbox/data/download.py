"""One file from the network: over https, checked, resumed where it broke off, and whole or absent.

A file is written under a hidden name until its checksum is right, so whoever finds it under its own name need
not check it again. Several processes that want the same file wait for the one that fetches it.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from filelock import FileLock, Timeout

from sandbox.errors import UserError
from sandbox.files import TEMPORARY, path_text, refused, replace_bytes

MIRROR = "SANDBOX_DATA_MIRROR"
LARGEST = 4 * 2**30
"""Bytes of a file whose size nobody has published."""
BLOCK = 2**16
MOST_HOPS = 10
MOST_ATTEMPTS = 100
"""Of one address, each of which brought something."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOT_THERE = (401, 403, 404, 410, 451)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class RemoteFile:
    """A file that others publish.

    Attributes:
        name: under which it is kept.
        addresses: where it lies, the official one first; all hold the same bytes.
        checksum: as published, with its kind: `sha256:...` or `md5:...`; empty if nobody publishes one.
        size: in bytes, as published; 0 if nobody says.
    """

    name: str
    addresses: Sequence[str]
    checksum: str = ""
    size: int = 0

    @property
    def most(self) -> int:
        """Bytes after which no more are taken."""
        return self.size or LARGEST


@dataclass(frozen=True)
class Arrived:
    """How much of a file is there.

    Attributes:
        name: of the file, or what is being done with it.
        done: bytes.
        total: bytes in all; 0 if nobody knows.
    """

    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Patience:
    """How long is waited, and for whom.

    Attributes:
        connect: seconds for a connection.
        stall: seconds in which not a single byte comes.
        tries: attempts one after the other that bring nothing.
        pause: seconds before the second of them; each further one waits twice as long.
        plain_loopback: whether plain http is taken from this machine itself; for tests.
    """

    connect: float = 10.0
    stall: float = 30.0
    tries: int = 3
    pause: float = 0.5
    plain_loopback: bool = False


PATIENCE = Patience()


class _UnavailableError(UserError):
    """An address does not give the file; another one may."""


class _WrongContentError(UserError):
    """A whole file that is not the published one."""


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
                yield Arrived(file.name, _size(_part_of(path)), file.size)
        with lock:
            if not path.is_file():
                yield from _found(file, path, mirror, patience)
    except OSError as error:
        raise refused("write", Path(error.filename or path), error) from error
    return path


def checksum_of(path: Path, kind: str = "sha256") -> str:
    """The checksum of a file with its kind in front, as `RemoteFile.checksum` has it."""
    with path.open("rb") as content:
        return f"{kind}:{hashlib.file_digest(content, kind).hexdigest()}"


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
        except (_UnavailableError, _WrongContentError) as error:
            problems.append(error)
    wrong = [problem for problem in problems if isinstance(problem, _WrongContentError)]
    if wrong or not problems:
        raise wrong[0] if wrong else UserError(f"{file.name} has no address.")
    raise UserError(
        f"{file.name} could not be fetched: {problems[0]}; go online, "
        f"or put the file into a folder that {MIRROR} names."
    )


def _copied(file: RemoteFile, place: Path, path: Path) -> Generator[Arrived, None, None]:
    part = _part_of(path)
    yield Arrived(file.name, 0, place.stat().st_size)
    shutil.copyfile(place, part)
    try:
        _check(file, part, path_text(place.parent), "it was not taken")
    except _WrongContentError:
        part.unlink()
        raise
    _finish(part, path)
    yield Arrived(file.name, _size(path), _size(path))


def _from_address(
    file: RemoteFile, address: str, path: Path, patience: Patience
) -> Generator[Arrived, None, None]:
    part = _part_of(path)
    for is_last in (False, True):
        in_pieces = yield from _streamed(file, address, part, patience)
        try:
            _check(file, part, urlsplit(address).hostname or address)
        except _WrongContentError:
            _forget(part)
            if not in_pieces or is_last:
                raise
            continue  # the pieces were not of one file: once more, from the beginning
        _finish(part, path)
        return


def _streamed(
    file: RemoteFile, address: str, part: Path, patience: Patience
) -> Generator[Arrived, None, bool]:
    """Add to the part until it is whole, over as many connections as it takes; tells if it has pieces."""
    import requests
    from urllib3.exceptions import HTTPError

    host = urlsplit(address).hostname or address
    fruitless, why, in_pieces = 0, "it does not answer", False
    with requests.Session() as session:
        session.auth = _no_password
        for _ in range(MOST_ATTEMPTS):
            before = _size(part)
            if file.size and before == file.size:
                return True
            try:
                with _asked(session, address, _range(file, address, part), patience) as answer:
                    total = _begun(file, address, answer, part)
                    in_pieces = _size(part) > 0
                    yield Arrived(file.name, _size(part), total)
                    for done in _blocks(file, answer, part):
                        yield Arrived(file.name, done, total)
                    if not total or _size(part) >= total:
                        return in_pieces
                    why = "the connection broke off"
            except (requests.RequestException, HTTPError) as error:
                why = _why(error)
            except _TryAgainError as error:
                why = str(error)
            fruitless = 0 if _size(part) > before else fruitless + 1
            if fruitless >= patience.tries:
                raise _UnavailableError(f"{host}: {why}")
            if fruitless:
                time.sleep(patience.pause * 2 ** (fruitless - 1))
    raise _UnavailableError(f"{host}: {why}")


class _TryAgainError(Exception):
    """An answer that a second question may mend."""


def _range(file: RemoteFile, address: str, part: Path) -> dict[str, str]:
    """Headers that ask for what is missing; those that ask for all where the part cannot be trusted."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "deep-sandbox"}
    have = _size(part)
    if not have:
        return headers
    note = _note(part)
    validator = note.get("validator") if note.get("address") == address else None
    # Bytes of a file whose checksum is known may be put together from anywhere: it will tell.
    known = bool(file.checksum) and note.get("checksum") == file.checksum
    if not (validator or known):
        return headers
    return headers | {"Range": f"bytes={have}-"} | ({"If-Range": validator} if validator else {})


@contextlib.contextmanager
def _asked(session: Any, address: str, headers: Mapping[str, str], patience: Patience) -> Iterator[Any]:
    """The answer of an address and of those it leads to, all of them https."""
    for _ in range(MOST_HOPS):
        parts = urlsplit(address)
        is_here = patience.plain_loopback and parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            raise _UnavailableError(f"it leads to {parts.scheme}://{parts.hostname}, and only https is taken")
        with session.get(
            address,
            headers=headers,
            stream=True,
            timeout=(patience.connect, patience.stall),
            allow_redirects=False,
        ) as answer:
            if not answer.is_redirect:
                yield answer
                return
            address = urljoin(address, answer.headers["Location"])
    raise _UnavailableError(f"{urlsplit(address).hostname} leads from one address to the next without end")


def _begun(file: RemoteFile, address: str, answer: Any, part: Path) -> int:
    """Make the part ready for what follows; returns the bytes of the whole file, 0 if unknown."""
    host, status = urlsplit(address).hostname, answer.status_code
    if status == 416:
        _forget(part)
        raise _TryAgainError("it has another file than before")
    if status in NOT_THERE:
        raise _UnavailableError(f"{host} does not have it (answer {status})")
    if status not in (200, 206):
        raise _TryAgainError(f"it answers with {status}")
    have, total = 0, 0
    if status == 206:
        said = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", answer.headers.get("Content-Range", ""))
        have = _size(part)
        if said is None or int(said[1]) != have:
            _forget(part)
            raise _TryAgainError("it gives another part than asked for")
        total = 0 if said[3] == "*" else int(said[3])
    elif str(length := answer.headers.get("Content-Length", "")).isdigit():
        total = int(length)
    if file.size and total and total != file.size:
        _forget(part)
        raise _UnavailableError(f"{host} offers {total:,} bytes, and the published file has {file.size:,}")
    if total > file.most:
        raise _UnavailableError(f"{host} offers {total:,} bytes, and at most {file.most:,} are taken")
    free = shutil.disk_usage(part.parent).free
    if total - have > free:
        raise UserError(f"{file.name} needs {total - have:,} bytes, and {free:,} are free on that disk.")
    if status == 200:
        part.write_bytes(b"")
        validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if validator.startswith("W/"):  # says that it means the same, not that it has the same bytes
            validator = ""
        note = {"address": address, "validator": validator, "checksum": file.checksum}
        replace_bytes(_note_of(part), json.dumps(note).encode())
    return total or file.size


def _blocks(file: RemoteFile, answer: Any, part: Path) -> Iterator[int]:
    """Append what comes, as it comes; yields the bytes there are."""
    done = _size(part)
    # What has arrived is taken at once: a slow line shows progress, and can be stopped.
    read = getattr(answer.raw, "read1", None)
    with part.open("ab") as target:
        while block := read(BLOCK) if read else answer.raw.read(1024):
            done += len(block)
            if done > file.most:
                target.close()
                _forget(part)
                raise _UnavailableError(
                    f"{urlsplit(answer.url).hostname} sends more than {file.most:,} bytes"
                )
            target.write(block)
            yield done
        target.flush()
        os.fsync(target.fileno())


def _check(file: RemoteFile, part: Path, origin: str, then: str = "it was deleted") -> None:
    """Compare a whole file with what is published of it."""
    if file.size and _size(part) != file.size:
        raise _WrongContentError(
            f"{file.name} from {origin} is not the published file: expected {file.size:,} bytes, "
            f"found {_size(part):,}; {then}."
        )
    if file.checksum:
        kind = file.checksum.partition(":")[0]
        found = checksum_of(part, kind)
        if found != file.checksum.lower():
            raise _WrongContentError(
                f"{file.name} from {origin} is not the published file: expected {file.checksum}, "
                f"found {found}; {then}."
            )


def _finish(part: Path, path: Path) -> None:
    part.replace(path)
    _note_of(part).unlink(missing_ok=True)


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note_of(part).unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY}{path.name}.part")


def _note_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _note(part: Path) -> Mapping[str, str]:
    """Where a part comes from; nothing if nobody knows."""
    try:
        note = json.loads(_note_of(part).read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _no_password(request: Any) -> Any:
    """The request as it is: a user's `.netrc` is not for those who publish data."""
    return request


def _why(error: Exception) -> str:
    """What a failed connection says, in words that follow the name of the host."""
    import requests

    text = str(error)
    if isinstance(error, requests.Timeout) or "timed out" in text:
        return "it does not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    if any(words in text for words in ("resolve", "Name or service", "getaddrinfo", "unreachable")):
        return "it cannot be found, as without a network"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let through to it"
    return "the connection broke off" if "IncompleteRead" in text else "it cannot be reached"
