"""Splitting a batch between processor cores, where that pays.

Kernels take a range of environments and let go of Python's lock, so that a few threads that wait for work are
all that is needed. Environments know nothing of each other: their episodes do not depend on the number of
threads.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

WORTH = 200e-6
"""Seconds of work that a thread must get. With 80 µs, two threads were 7 % slower than one (cartpole)."""

SMALLEST = 512
"""Environments below which no batch takes long enough to be split."""

TRIALS = 8
"""Steps in one thread that are timed before anything is split."""


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_threads() -> int:
    """OMP_NUM_THREADS if that is set, as for NumPy and torch, else the cores this process may use."""
    chosen = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(chosen) if chosen.isdigit() and int(chosen) > 0 else cores()


class Split:
    """A kernel that is called for all environments of a batch, in as many threads as pay.

    The first few calls are timed; after them it is known how many these are.

    Attributes:
        ranges: the environments of each thread, as `(start, stop)`; a single range where nothing is split.
    """

    def __init__(
        self, kernel: Callable[..., int], num_envs: int, num_threads: int, worth: float = WORTH
    ) -> None:
        """Prepare.

        Args:
            kernel: its last two arguments are `start` and `stop`.
            num_envs: how many environments there are.
            num_threads: most threads to use.
            worth: seconds of work below which a thread is not worth its trouble; 0 splits at once.
        """
        self._kernel = kernel
        self._num_envs = num_envs
        self._num_threads = num_threads
        self._worth = worth
        self._trials = TRIALS if worth > 0 else 0
        self._fastest = float("inf")
        self.ranges = [(0, num_envs)]
        if not self._trials:
            self._split(num_threads)

    def __call__(self, *arguments: Any) -> int:
        """Call the kernel, whose last two arguments must be 0 and the number of environments.

        Returns:
            The sum of what the threads return, or a negative number if they refuse.
        """
        if self._trials:
            begin = time.perf_counter()
            result = self._kernel(*arguments)
            self._fastest = min(self._fastest, time.perf_counter() - begin)
            self._trials -= 1
            if not self._trials:
                self._split(min(self._num_threads, int(self._fastest / self._worth)))
            return result
        if len(self.ranges) == 1:
            return self._kernel(*arguments)
        results: SimpleQueue[Any] = SimpleQueue()
        first, *others = self.ranges
        for part in others:
            _inbox[0].put((self._kernel, arguments[:-2], part, results))
        _call(self._kernel, arguments[:-2], first, results)
        found = [results.get() for _ in self.ranges]
        for result in found:
            if isinstance(result, BaseException):
                raise result
        return min(found) if min(found) < 0 else sum(found)

    def _split(self, count: int) -> None:
        count = max(1, count)
        edges = [self._num_envs * k // count for k in range(count + 1)]
        self.ranges = list(itertools.pairwise(edges))
        _hire(count - 1)


_workers: list[threading.Thread] = []
_inbox: list[SimpleQueue[Any]] = []
"""The queue that all workers wait at; a list, because a forked process needs another one."""


def _hire(count: int) -> None:
    """See to it that there are this many workers; they wait, without using the processor, until the end."""
    if not _inbox:
        _inbox.append(SimpleQueue())
    while len(_workers) < count:
        worker = threading.Thread(target=_work, args=(_inbox[0],), name="envs", daemon=True)
        worker.start()
        _workers.append(worker)


def _work(jobs: SimpleQueue[Any]) -> None:
    while True:
        _call(*jobs.get())


def _call(kernel: Callable[..., int], arguments: tuple, part: tuple[int, int], results: SimpleQueue) -> None:
    try:
        results.put(kernel(*arguments, *part))
    except BaseException as error:
        results.put(error)


def _forget() -> None:
    """In a forked process: the workers stayed behind."""
    count = len(_workers)
    _workers.clear()
    _inbox.clear()
    _hire(count)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
