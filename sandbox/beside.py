"""Part of the work in a process beside this one: a fork, which has all that is imported and compiled.

Forks are made on Linux alone, and by processes without threads of their own: a lock that another thread holds
would stay closed in a fork for ever.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from sandbox import supervisor

Item = TypeVar("Item")
Result = TypeVar("Result")


def can_fork() -> bool:
    """Whether this process may share its work with forks of it."""
    return sys.platform == "linux" and threading.active_count() == 1


def shares(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    """Parts of a list, in its order and as equal as can be, one for each of `count` processes."""
    ends = [len(items) * i // count for i in range(count + 1)]
    return [items[begin:end] for begin, end in itertools.pairwise(ends)]


class Beside(Generic[Result]):
    """Work that a fork of this process does; it ends with this process.

    Args:
        work: what to do. Its result is sent back, so it must be picklable.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        context = multiprocessing.get_context("fork")
        self._answer, answer = context.Pipe(duplex=False)
        self._process = context.Process(target=_do, args=(work, answer, os.getpid()), daemon=True)
        self._process.start()
        answer.close()
        self._told = False
        self._result: Result | None = None

    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return not self._process.is_alive()

    def result(self) -> Result | None:
        """Wait for what the work came to; None if its process ended without a word."""
        if not self._told:
            self._told = True
            with contextlib.suppress(EOFError):
                self._result = self._answer.recv()
            self._process.join()
        return self._result


def _do(work: Callable[[], Result], answer: Connection, parent: int) -> None:
    supervisor.help_with(parent)
    # Ctrl-C reaches all processes of a terminal. A training hears it by itself; what is around one leaves it
    # to the process that shared the work out.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer.send(work())
