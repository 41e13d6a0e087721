"""What a process that trains leaves behind when compiled code crashes it, so that somebody can say why."""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "crash.txt"


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


def read_crash_note(folder: Path) -> str:
    """Why the process crashed, as the beginning of a sentence; empty if it did not or left no note."""
    try:
        note = (folder / FILE).read_text(errors="replace")
    except OSError:
        return ""
    reason = note.partition("\n")[0].removeprefix("Fatal Python error: ").strip()
    if not reason:
        return ""
    # Windows and Linux write paths differently.
    rules = "envs/engine/" in note.replace("\\", "/")
    where = " in the rules of the environment, where `sandbox check` looks for the line" if rules else ""
    return f"The process crashed ({reason}){where}"
