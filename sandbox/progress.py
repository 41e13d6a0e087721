"""Training as a generator of progress, and what drives one to its end.

A training generator yields `Progress`, logs to its run by itself, and when closed saves a checkpoint that
resumes exactly. `drive` adds what is the same for all of them: the status file, stopping, and telling what
went wrong.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from sandbox import garbage
from sandbox.errors import UserError, is_user_error
from sandbox.files import write_bytes
from sandbox.runs import Run
from sandbox.runs.crash_note import crash_note
from sandbox.supervisor import begins

STATUS_EVERY = 0.5
"""Seconds between updates of the status file."""
LOOK_EVERY = 0.05
"""Seconds between looks for the stop file."""
SAME_SIGNAL = 0.1
"""Seconds in which a second Ctrl-C is the first one: a group's signal is also handed on by its supervisor."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands."""

    step: int
    """Steps done."""
    total: int
    """Steps in all; 0 if unknown."""
    unit: str = "step"
    """What is counted, in the singular."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The newest figures; may be empty."""


def drive(
    run: Run, events: Generator[Progress, None, Any], show: Callable[[Progress], None] | None = None
) -> str:
    """Run a training to its end, whichever it is, and write it to the run's status.

    While it runs, this process holds the run's lock. A stop file, Ctrl-C, SIGTERM or a closed terminal closes
    the generator, which saves; a second Ctrl-C ends at once without saving.

    Args:
        run: the run it belongs to.
        events: the training.
        show: called with each progress, to draw it.

    Returns:
        `done`, `stopped`, `failed`, or `queued` if it was asked to let another run pass; the status'
        `message` says why.

    Raises:
        UserError: another process trains this run.
    """
    with run.hold(), StopSignals() as signals, crash_note(run.path):
        begins(run.path)
        status = run.status()
        started_here = status.get("launching") == os.getpid()
        if not started_here:
            run.clear_stop()  # a request from before this start was meant for an earlier one
        standing = _Standing(before=float(status.get("seconds") or 0.0))
        try:
            job = bool(status.get("job")) and started_here
            run.update_status(state="running", message="", launching=None, pid=os.getpid(), job=job)
            state, message = _follow(run, events, show, signals, standing)
        except KeyboardInterrupt:
            state, message = "stopped", f"Stopped at once, without saving; {how_to_resume(run)}."
        except Exception as error:
            state, message = "failed", _explain(run, error)
            with contextlib.suppress(Exception):
                events.close()
        # A full disk must not hide from the caller how the run ended.
        with contextlib.suppress(UserError, OSError):
            run.clear_stop()
            resume = {"resume": True} if state == "queued" else {}
            run.update_status(state=state, message=message, **standing.fields(), **resume, pid=None)
        return state


def how_to_resume(run: Run) -> str:
    """What to do to go on with a run that ended early."""
    step = run.resumable_step()
    if step is None:
        return f"nothing was saved yet; begin it again with: sandbox train --resume {run.name}"
    return f"go on from step {step:,} with: sandbox train --resume {run.name}"


def _follow(
    run: Run,
    events: Generator[Progress, None, Any],
    show: Callable[[Progress], None] | None,
    signals: StopSignals,
    standing: _Standing,
) -> tuple[str, str]:
    next_status = next_look = 0.0
    for progress in events:
        standing.came(progress)
        garbage.look_as_usual()
        if show is not None:
            show(progress)
        now = time.monotonic()
        if now >= next_status:
            next_status = now + STATUS_EVERY
            run.update_status(**standing.fields())
        standing.awaits()
        asked = signals.received
        if not asked and now >= next_look:
            next_look = now + LOOK_EVERY
            asked = run.stop_requested()
        if asked:
            events.close()
            if (other := run.gives_way_to()) and run.resumable_step() is not None:
                return "queued", f"Gave way to {other} at {standing.where()}; it goes on by itself."
            return "stopped", f"Stopped at {standing.where()}; {how_to_resume(run)}."
    return "done", ""


def _explain(run: Run, error: Exception) -> str:
    """One sentence for the status; for an error of the program also the traceback, in error.txt."""
    if is_user_error(error):
        return str(error)
    trace = "".join(traceback.format_exception(error))
    with contextlib.suppress(OSError):
        write_bytes(run.path / "error.txt", trace.encode())
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]} (the traceback is in {run.path / 'error.txt'})"


class _Standing:
    """The newest progress and the seconds this run has taken, resumed parts included."""

    def __init__(self, before: float) -> None:
        self.progress: Progress | None = None
        self.longest = 0.0
        self._begin = time.monotonic() - before
        self._waits_since = time.monotonic()

    def came(self, progress: Progress) -> None:
        """Take the next progress."""
        self.progress = progress
        self.longest = max(self.longest, time.monotonic() - self._waits_since)

    def awaits(self) -> None:
        """The next progress is waited for from now on."""
        self._waits_since = time.monotonic()

    def fields(self) -> dict[str, Any]:
        """Fields of status.json."""
        seconds = {"seconds": round(time.monotonic() - self._begin, 3)}
        if self.progress is None:
            return seconds
        return seconds | {
            "step": self.progress.step,
            "total": self.progress.total,
            "unit": self.progress.unit,
            "longest": round(self.longest, 3),
        }

    def where(self) -> str:
        """Such as `step 1,024 of 5,000`."""
        if self.progress is None:
            return "the beginning"
        of = f" of {self.progress.total:,}" if self.progress.total else ""
        return f"{self.progress.unit} {self.progress.step:,}{of}"


class StopSignals:
    """Ctrl-C, SIGTERM and SIGHUP ask to stop; only a second Ctrl-C interrupts.

    A KeyboardInterrupt in the middle of a training step would leave half an update behind, so the first
    signal only asks. A person who presses Ctrl-C again does not want to wait; a service manager that sends
    SIGTERM again wants what the first one asked for. Only the main thread can have signal handlers;
    elsewhere nothing is changed.
    """

    NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

    def __init__(self) -> None:
        self.received = False
        self._interrupted: float | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in self.NAMES if hasattr(signal, name)):
                if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) == signal.SIG_IGN:
                    continue  # nohup: the training is to outlive its terminal
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if number == signal.SIGINT:
            if self._interrupted is not None and now - self._interrupted > SAME_SIGNAL:
                raise KeyboardInterrupt
            self._interrupted = self._interrupted or now
        self.received = True
