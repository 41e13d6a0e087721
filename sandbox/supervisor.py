"""Run a command in a process of its own, and say how that ended if it could not say so itself.

Compiled rules that write outside an array, a system out of memory, or `os._exit` end a process without a
word. So the process that a person started waits, and the one it forks does the work. On Linux only: elsewhere
the command runs in the process that was started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.errors import UserError, printable

FORWARDED = (
    (signal.SIGINT, signal.SIGTERM)
    if sys.platform == "win32"
    else (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    )
)
"""Signals that are meant for the command."""
FINISHED = b"\0finished"
"""Written last by a command that ends by itself; before it, the folder of the run that it trains, if any."""

_report: int | None = None
"""In a supervised process, where it writes to."""


def supervise(command: Callable[[], int]) -> int:
    """Run a command in a fork of this process.

    Args:
        command: returns the exit status. It is run here, and its exceptions raised, where nobody can fork.

    Returns:
        The exit status; not 0 if the process crashed. In the fork it returns, too.
    """
    if sys.platform != "linux":
        return command()
    reading, writing = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})
    parent, child = os.getpid(), os.fork()
    if child:
        os.close(writing)
        return _told(os.waitstatus_to_exitcode(_wait(child)), _read(reading))
    os.close(reading)
    _end_with(parent)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    global _report
    _report = writing
    try:
        return command()
    finally:
        os.write(writing, FINISHED)
        _report = None


def begins(run: Path) -> None:
    """Say which run this process trains from now on, for whoever supervises it."""
    if _report is not None:
        os.write(_report, os.fsencode(run))


def help_with(parent: int) -> None:
    """In a fork that does a part of a process's work: end with it, and leave it to tell its supervisor."""
    global _report
    _report = None
    _end_with(parent)


def _end_with(parent: int) -> None:
    """See to it that this process does not outlive the one that was started, even after `kill -9`."""
    import ctypes

    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _wait(child: int) -> int:
    """Wait for a child and hand on what it is told; its wait status."""
    while True:
        told = signal.sigwaitinfo({*FORWARDED, signal.SIGCHLD})
        if told.si_signo == signal.SIGCHLD:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return status
        elif told.si_code <= 0:  # a terminal's signals reach the child by themselves
            os.kill(child, told.si_signo)


def _read(descriptor: int) -> bytes:
    """All that the child has written; a process that it left behind may still hold the other end."""
    os.set_blocking(descriptor, False)
    with open(descriptor, "rb", buffering=0) as stream:
        return stream.read() or b""


def _told(code: int, report: bytes) -> int:
    """Say why a process ended, if it did not do so itself; the exit status."""
    status = code if code >= 0 else 128 - code
    if -code in FORWARDED or (code >= 0 and report.endswith(FINISHED)):
        return status
    reason = _reason(code)
    if report.endswith(FINISHED):
        sentence = f"All was done, but the process did not end well: {reason}."
    elif report:
        sentence = _sentence(Path(os.fsdecode(report)), reason)
    else:
        sentence = f"{reason}."
    print(printable(sentence), file=sys.stderr)
    return status or 1


def _reason(code: int) -> str:
    if code >= 0:
        return f"The process ended at once, with status {code} and without a word"
    if -code == signal.SIGKILL:
        return "The process was killed (SIGKILL), as the system does when memory runs out"
    return f"The process crashed ({signal.strsignal(-code) or f'signal {-code}'})"


def _sentence(folder: Path, reason: str) -> str:
    """What to say about the run that was trained; the run keeps the reason, too."""
    from sandbox.progress import how_to_resume
    from sandbox.runs import Run
    from sandbox.runs.crash_note import leave_crash_note, read_crash_note

    with contextlib.suppress(UserError, OSError):
        leave_crash_note(folder, reason)
        run = Run.open(folder)
        if run.status()["state"] == "interrupted":
            return f"{run.name}: {read_crash_note(folder)}; {how_to_resume(run)}"
    return f"{folder.name}: {reason}."
