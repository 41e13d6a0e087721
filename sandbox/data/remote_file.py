"""A file that others publish: what is known of it, and how patiently it is asked for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import UserError

LARGEST = 4 * 2**30
"""Bytes of a file whose size nobody has published."""


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


class UnavailableError(UserError):
    """An address does not give the file; another one may."""


class WrongContentError(UserError):
    """A whole file that is not the published one."""


def checksum_of(path: Path, kind: str = "sha256") -> str:
    """The checksum of a file with its kind in front, as `RemoteFile.checksum` has it."""
    with path.open("rb") as content:
        return f"{kind}:{hashlib.file_digest(content, kind).hexdigest()}"
