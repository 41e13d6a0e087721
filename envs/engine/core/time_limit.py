"""Ends plain Python that takes too long, in the middle of what it does."""

from __future__ import annotations

import contextlib
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
    sent = delivered = False

    def watch() -> None:
        nonlocal sent
        while not over.wait(LOOK_EVERY):
            with lock:
                if not over.is_set() and clock() >= end:
                    sent = True
                    _raise_in(thread, TooSlow)
                    return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except TooSlow:
        delivered = True
        raise
    finally:
        with lock:
            over.set()
        if sent and not delivered:
            _wait_for_what_came_too_late()


def _wait_for_what_came_too_late() -> None:
    """Let it be raised where it ends nothing.

    Taking it back instead would leave Python 3.11 looking for it at every step, and for ever in a function
    that is traced.
    """
    with contextlib.suppress(TooSlow):
        while True:
            time.sleep(0.001)


def _clock() -> Callable[[], float]:
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    number = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(number)


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Have an exception raised in a thread before its next instruction."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
