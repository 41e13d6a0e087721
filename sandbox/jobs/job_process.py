"""The processes that jobs run in: a spare with everything heavy imported, and what it forks for each order.

Called by `sandbox.jobs` with its lock held, so that no two servers give an order for the same run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.locks import process_exists

COMMAND = [sys.executable, "-P", "-m", "sandbox.jobs.warm_worker"]
"""-P: no module of the working directory may stand in for one of ours."""

_children: list[subprocess.Popen[bytes]] = []
"""Processes started by this one: looked after so that none becomes a zombie."""
_spare: subprocess.Popen[bytes] | None = None
_mutex = threading.Lock()


def keep_spare() -> None:
    """See to it that a spare is there. It ends by itself when this process does."""
    global _spare
    with _mutex:
        if _spare is None or _died(_spare):
            _spare = _spawn("warm")


def give(order: Mapping[str, Any], announce: Callable[[int, bool], None]) -> bool:
    """Give an order to the spare, or to a new process if there is none.

    Args:
        order: what `sandbox.jobs.warm_worker` reads; this process' number is added.
        announce: called before the process is told, so that nothing it says itself is overwritten, with the
            number of the process and whether that is the spare, which hands the order on to a fork of itself.

    Returns:
        False if no process could be told.
    """
    global _spare
    line = (json.dumps({**order, "server": os.getpid()}) + "\n").encode()
    with _mutex:
        spare = _spare if _spare is not None and not _died(_spare) else None
        if spare is None or not forks():
            _spare = None
    for process in (spare, None):
        if process is None:
            process = _spawn("cold")
        hands_on = process is spare and forks()
        announce(process.pid, hands_on)
        try:
            assert process.stdin is not None
            process.stdin.write(line)
            if not hands_on:
                process.stdin.close()
        except OSError:  # it died just now
            process.kill()
            process.wait()
            continue
        if not hands_on:
            _children.append(process)
        return True
    return False


def forks() -> bool:
    """Whether a spare forks for each order and lives on; elsewhere it carries out one order itself.

    macOS' own libraries do not survive a fork, and Windows has none.
    """
    return sys.platform == "linux"


def kill(pid: int) -> None:
    """End a job and whatever it started: it leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        elif os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
    for child in _children:
        if child.pid == pid:
            child.wait()
    end = time.monotonic() + 1.0
    while process_exists(pid) and time.monotonic() < end:  # the child of a spare, which looks after it
        time.sleep(0.005)


def bury() -> None:
    """Look after children that have ended."""
    _children[:] = [child for child in _children if child.poll() is None]


def _spawn(how: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # Threads that wait for each other by spinning take the processor from whoever else needs it: with the
        # cores busy, a step of a small CNN on two threads took 168 ms of processor time that way, and 19 ms
        # without.
        env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ},
        bufsize=0,
    )


def _died(spare: subprocess.Popen[bytes]) -> bool:
    if spare.poll() is None:
        return False
    if spare.stdin is not None:
        spare.stdin.close()
    return True
