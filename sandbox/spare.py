"""The process that a job runs in: waits with everything heavy imported until it is told what to train.

Started by `sandbox.jobs` with a pipe as its standard input. One line of JSON on it is the order; the end of
the pipe without an order means that whoever might have given one is gone, and the process ends.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from sandbox.errors import UserError
from sandbox.runs import LOG, Run

HEAVY = (
    "torch",
    "torch._dynamo",  # the first optimizer imports it, which takes as long as torch itself
    "numba",
    "gymnasium",
    "stable_baselines3",
    "safetensors.torch",
    "tyro",
)
"""Only packages of others: ours are imported when the job starts, so that edited code is what runs."""

NICENESS = 5


def main(arguments: list[str]) -> int:
    """Wait for an order and carry it out.

    Args:
        arguments: `warm` to import the heavy packages before looking for the order.

    Returns:
        The exit status of the command that was ordered; 0 if none was.
    """
    if hasattr(os, "nice"):
        # Training takes every core it is given: whoever looks on, and presses Stop, comes first.
        os.nice(NICENESS)
    if "warm" in arguments:
        for module in HEAVY:
            if _is_waiting(sys.stdin):
                # Somebody already wants it: what the command does not need is not imported first.
                break
            # A package that cannot be imported is for the command to complain about.
            with contextlib.suppress(Exception):
                importlib.import_module(module)
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return 0
    order: dict[str, Any] = json.loads(line)
    run = Run(Path(order["run"]))
    os.environ["SANDBOX_RUNS"] = str(run.path.parent)
    os.chdir(order["directory"])
    log = _write_output_to(run.path / LOG)
    status = _command(order["argv"])
    _tell_if_it_never_began(run, log, status)
    if os.getppid() != order["server"]:
        # Nobody is left to start the next job.
        from sandbox import jobs

        jobs.tick(run.path.parent)
    return status


def _is_waiting(stream: TextIO) -> bool:
    """Whether an order, or the end of the pipe, can be read without waiting; on Windows nobody knows."""
    return sys.platform != "win32" and bool(select.select([stream], [], [], 0)[0])


def _command(argv: list[str]) -> int:
    try:
        return importlib.import_module("sandbox.cli").main(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1


def _write_output_to(path: Path) -> int:
    """Append what this process prints to the run's log; returns where it begins there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    begin = os.fstat(descriptor).st_size
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for stream in (sys.stdout, sys.stderr):
        # Whoever follows the log sees each line when it is written.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(line_buffering=True)
    return begin


def _tell_if_it_never_began(run: Run, begin: int, exit_status: int) -> None:
    """A command that ended before training took the run over has said why on its last line."""
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.suppress(UserError, OSError):
        if run.status().get("launching") != os.getpid():
            return
        lines = (run.path / LOG).read_bytes()[begin:].decode(errors="replace").strip().splitlines()
        message = lines[-1].strip() if lines else f"The command ended with status {exit_status} and no word."
        run.update_status(state="failed", message=message, launching=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
