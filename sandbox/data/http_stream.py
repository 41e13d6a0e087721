"""What is missing of a file, from one address, over as many connections as it takes."""

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from sandbox.data.partial_file import forget, note, note_of, size_of
from sandbox.data.remote_file import Arrived, Patience, RemoteFile, UnavailableError
from sandbox.errors import UserError
from sandbox.files import replace_bytes

BLOCK = 2**16
MOST_HOPS = 10
MOST_ATTEMPTS = 100
"""Of one address, each of which brought something."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOT_THERE = (401, 403, 404, 410, 451)


def streamed(
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
            before = size_of(part)
            if file.size and before == file.size:
                return True
            try:
                with _asked(session, address, _range(file, address, part), patience) as answer:
                    total = _begun(file, address, answer, part)
                    in_pieces = size_of(part) > 0
                    yield Arrived(file.name, size_of(part), total)
                    for done in _blocks(file, answer, part):
                        yield Arrived(file.name, done, total)
                    if not total or size_of(part) >= total:
                        return in_pieces
                    why = "the connection broke off"
            except (requests.RequestException, HTTPError) as error:
                why = _why(error)
            except _TryAgainError as error:
                why = str(error)
            fruitless = 0 if size_of(part) > before else fruitless + 1
            if fruitless >= patience.tries:
                raise UnavailableError(f"{host}: {why}")
            if fruitless:
                time.sleep(patience.pause * 2 ** (fruitless - 1))
    raise UnavailableError(f"{host}: {why}")


class _TryAgainError(Exception):
    """An answer that a second question may mend."""


def _range(file: RemoteFile, address: str, part: Path) -> dict[str, str]:
    """Headers that ask for what is missing; those that ask for all where the part cannot be trusted."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "deep-sandbox"}
    have = size_of(part)
    if not have:
        return headers
    kept = note(part)
    validator = kept.get("validator") if kept.get("address") == address else None
    # Bytes of a file whose checksum is known may be put together from anywhere: it will tell.
    known = bool(file.checksum) and kept.get("checksum") == file.checksum
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
            raise UnavailableError(f"it leads to {parts.scheme}://{parts.hostname}, and only https is taken")
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
    raise UnavailableError(f"{urlsplit(address).hostname} leads from one address to the next without end")


def _begun(file: RemoteFile, address: str, answer: Any, part: Path) -> int:
    """Make the part ready for what follows; returns the bytes of the whole file, 0 if unknown."""
    host, status = urlsplit(address).hostname, answer.status_code
    if status == 416:
        forget(part)
        raise _TryAgainError("it has another file than before")
    if status in NOT_THERE:
        raise UnavailableError(f"{host} does not have it (answer {status})")
    if status not in (200, 206):
        raise _TryAgainError(f"it answers with {status}")
    have, total = 0, 0
    if status == 206:
        said = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", answer.headers.get("Content-Range", ""))
        have = size_of(part)
        if said is None or int(said[1]) != have:
            forget(part)
            raise _TryAgainError("it gives another part than asked for")
        total = 0 if said[3] == "*" else int(said[3])
    elif str(length := answer.headers.get("Content-Length", "")).isdigit():
        total = int(length)
    if file.size and total and total != file.size:
        forget(part)
        raise UnavailableError(f"{host} offers {total:,} bytes, and the published file has {file.size:,}")
    if total > file.most:
        raise UnavailableError(f"{host} offers {total:,} bytes, and at most {file.most:,} are taken")
    free = shutil.disk_usage(part.parent).free
    if total - have > free:
        raise UserError(f"{file.name} needs {total - have:,} bytes, and {free:,} are free on that disk.")
    if status == 200:
        part.write_bytes(b"")
        validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if validator.startswith("W/"):  # says that it means the same, not that it has the same bytes
            validator = ""
        origin = {"address": address, "validator": validator, "checksum": file.checksum}
        replace_bytes(note_of(part), json.dumps(origin).encode())
    return total or file.size


def _blocks(file: RemoteFile, answer: Any, part: Path) -> Iterator[int]:
    """Append what comes, as it comes; yields the bytes there are."""
    done = size_of(part)
    # What has arrived is taken at once: a slow line shows progress, and can be stopped.
    read = getattr(answer.raw, "read1", None)
    with part.open("ab") as target:
        while block := read(BLOCK) if read else answer.raw.read(1024):
            done += len(block)
            if done > file.most:
                target.close()
                forget(part)
                raise UnavailableError(f"{urlsplit(answer.url).hostname} sends more than {file.most:,} bytes")
            target.write(block)
            yield done
        target.flush()
        os.fsync(target.fileno())


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
