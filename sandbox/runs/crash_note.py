"""What a process that trains leaves behind when compiled code crashes it, so that somebody can say why."""

from __future__ import annotations

import contextlib
import faulthandler
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import UserError
from sandbox.files import read_object, write_bytes

FILE = "crash.txt"
FATAL, ENDED = "Fatal Python error: ", "Ended: "
"""How the first line begins: written by Python for a crash, by `leave_crash_note` for other ends."""


@contextmanager
def crash_note(folder: Path) -> Iterator[None]:
    """Let a crash write a note into a folder; without a crash nothing stays there."""
    if faulthandler.is_enabled():  # somebody else wants to know, such as a test runner
        yield
        return
    path = folder / FILE
    try:
        stream = path.open("wb")
    except OSError:  # a full disk is told by whoever writes something that matters
        yield
        return
    with stream:
        faulthandler.enable(stream, all_threads=False)
        try:
            yield
        finally:
            faulthandler.disable()
            with contextlib.suppress(OSError):
                path.unlink()


def leave_crash_note(folder: Path, reason: str) -> None:
    """Leave a note for a process that could not, as after `kill -9`.

    Args:
        folder: of the run that it trained.
        reason: the beginning of a sentence.

    Raises:
        OSError: the note cannot be written.
    """
    path = folder / FILE
    if not path.exists() or not path.stat().st_size:
        write_bytes(path, f"{ENDED}{reason}\n".encode())


def read_crash_note(folder: Path) -> str:
    """Why the process crashed, as the beginning of a sentence; empty if it did not or left no note."""
    try:
        note = (folder / FILE).read_text(errors="replace")
    except OSError:
        return ""
    first = note.partition("\n")[0]
    if first.startswith(ENDED):
        return first.removeprefix(ENDED)
    reason = first.removeprefix(FATAL).strip()
    if not reason:
        return ""
    # Windows and Linux write paths differently.
    rules = "envs/engine/" in note.replace("\\", "/")
    return f"The process crashed ({reason}){_where(folder) if rules else ''}"


def _where(folder: Path) -> str:
    """Whose rules crashed; compiled, they no longer know their lines."""
    name = None
    with contextlib.suppress(UserError):
        name = read_object(folder / "config.json").get("target")
    if not isinstance(name, str):
        return " in the rules of the environment, where `sandbox check` looks for the line"
    return f" in the rules of {name}, where `sandbox check {shlex.quote(name)}` looks for the line"
