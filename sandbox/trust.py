"""Which code outside of the registry may be imported: what the person at the keyboard has named.

The registry (files of `envs/`, tasks of `apps/`, ids that Gymnasium knows) is installed code. A Python file
anywhere else, or `module:Id` of Gymnasium, runs code when it is looked up. A name that was typed in a command
is allowed, and remembered with the content of its file. A name that was read from a run folder, or that came
through the browser, is only looked up if it is remembered, and the file is still the same.
"""

import contextlib
import hashlib
from pathlib import Path

from sandbox.errors import UserError
from sandbox.state_folder import read_record, write_record

KIND = "named"


def runs_code(name: str) -> bool:
    """Whether looking up a target imports something that is not in the registry."""
    return name.endswith(".py") or ":" in name


def remember(name: str) -> None:
    """Allow a target that the person has named: in a command, or in a script of their own.

    Does nothing for names of the registry, and for files that are not there. A state folder that cannot be
    written is no obstacle to the present command.
    """
    if not runs_code(name):
        return
    key = _key(name)
    with contextlib.suppress(UserError, OSError):
        write_record(KIND, key, {"sha256": _fingerprint(key)})


def check(name: str) -> None:
    """Refuse a target that would import what nobody has named here.

    Raises:
        UserError: says which file or module it is, and how to allow it.
    """
    if not runs_code(name):
        return
    key = _key(name)
    record = read_record(KIND, key)
    if record is None:
        raise UserError(
            f"{key} is code from outside of this installation; to allow it, read it, then name it yourself: "
            f"sandbox check {key}"
        )
    try:
        same = record.get("sha256") == _fingerprint(key)
    except OSError:
        raise UserError(f"{key} is missing or cannot be read.") from None
    if not same:
        raise UserError(f"{key} has changed since you last named it; to go on with it: sandbox check {key}")


def _key(name: str) -> str:
    return str(Path(name).resolve()) if name.endswith(".py") else name


def _fingerprint(key: str) -> str:
    """SHA-256 of a file's content; empty for `module:Id`, whose module Python finds by its own rules."""
    return hashlib.sha256(Path(key).read_bytes()).hexdigest() if key.endswith(".py") else ""
