"""Ends plain Python that takes too long, in the middle of what it does."""

from __future__ import annotations

import ctypes
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY = 0.05
"""Seconds between looks at the clock."""


class TooSlow(BaseException):
    """It took longer than it may; no Exception, so that nobody takes it for a fault of the rules."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Interrupt what this thread does in Python once it has taken so much time.

    Args:
        seconds: of this thread's processor time, where the system tells it, else of the clock.

    Raises:
        TooSlow: it took longer. Compiled code is not interrupted before it returns.
    """
    if math.isinf(seconds):
        yield
        return
    thread, clock = threading.get_ident(), _clock()
    end, over, lock = clock() + seconds, threading.Event(), threading.Lock()

    def watch() -> None:
        while not over.wait(LOOK_EVERY):
            with lock:
                if not over.is_set() and clock() >= end:
                    _raise_in(thread, TooSlow)
                    return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with lock:
            over.set()
            _raise_in(thread, None)  # if it came too late to be raised here


def _clock() -> Callable[[], float]:
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    number = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(number)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have an exception raised in a thread before its next instruction; None takes that back."""
    wanted = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)
