"""The process that a job runs in: waits with everything heavy imported until it is told what to train.

Started by `sandbox.jobs` with a pipe as its standard input. One line of JSON on it is an order; the end of
the pipe means that whoever might give one is gone, and the process ends. A warm spare forks for each order,
so that every job begins at once, also one that is asked for while another runs.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import operator
import os
import select
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.files import NO_LINK
from sandbox.jobs.job_process import forks

if TYPE_CHECKING:
    from sandbox.runs import Run

COMPILER = (
    "scipy.linalg",  # whose BLAS numba looks for
    "numba.core.registry:cpu_target.target_context.refresh",
    "numba.core.registry:cpu_target.typing_context.refresh",
)
"""What numba must know before it compiles or loads anything; collecting it takes half a second."""
HEAVY = (
    "torch",
    "torch._dynamo",  # the first step of an optimizer imports it, which takes as long as torch itself
    "tyro",
    "jaxtyping",
    "PIL.Image",
    "safetensors.torch",
    "rich.progress",
    "numba",
    *COMPILER,
    "gymnasium",
    "stable_baselines3",
)
"""Modules, and after a colon what to call in one. Only packages of others: ours are imported when the job
starts, so that edited code is what runs. None of them starts threads when imported, other than OpenBLAS',
which outlive a fork."""

NICENESS = 5
REST = 5.0
"""Seconds without importing after an order: the job that it began comes first."""


def main(arguments: list[str]) -> int:
    """Wait for orders and carry them out.

    Args:
        arguments: `warm` to import the heavy packages meanwhile, and to fork for each order where that is
            possible; else the only order is carried out by this process.

    Returns:
        The exit status of the command that was ordered; 0 if none was.
    """
    if hasattr(os, "nice"):
        # Training takes every core it is given: whoever looks on, and presses Stop, comes first.
        os.nice(NICENESS)
    warm = "warm" in arguments
    for line in _orders(list(HEAVY) if warm else []):
        order: dict[str, Any] = json.loads(line)
        if not (warm and forks()):
            return _carry_out(order, os.getpid())
        ordered = os.getpid()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone at once, and no zombie
        gc.freeze()  # or the fork's first collections would look through, and so copy, all that was imported
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            return _carry_out(order, ordered)
    return 0


def _orders(heavy: list[str]) -> Iterator[bytes]:
    """Each line of standard input; imports while there is none."""
    # Without a buffer, in which a second order would not be seen.
    with open(0, "rb", buffering=0, closefd=False) as stream:
        pause = 0.0
        while True:
            while heavy and not _is_waiting(pause):
                # A package that cannot be imported is for the command to complain about.
                with contextlib.suppress(Exception):
                    prepare(heavy.pop(0))
                pause = 0.0
            line = stream.readline()
            if not line.endswith(b"\n"):
                return
            yield line
            pause = REST


def prepare(heavy: str) -> None:
    """Import a module; call what is named in it, if anything is."""
    name, _, function = heavy.partition(":")
    module = importlib.import_module(name)
    if function:
        operator.attrgetter(function)(module)()


def _is_waiting(seconds: float) -> bool:
    """Whether an order, or the end of the pipe, can be read; waits for it. On Windows nobody knows."""
    return sys.platform != "win32" and bool(select.select([0], [], [], seconds)[0])


def _carry_out(order: dict[str, Any], ordered: int) -> int:
    """Run the command of an order.

    Args:
        order: as `sandbox.jobs` wrote it.
        ordered: number of the process that got the order.
    """
    from sandbox import jobs
    from sandbox.runs import LOG, Run

    run = Run(Path(order["run"]))
    os.environ["SANDBOX_RUNS"] = str(run.path.parent)
    os.chdir(order["directory"])
    log = _write_output_to(run.path / LOG)
    if not jobs.take_over(run, ordered):
        return 0
    # What was started for this order alone has the server itself as its parent.
    parent = order["server"] if ordered == os.getpid() else ordered
    status = _command(order["argv"])
    _tell_if_it_never_began(run, log, status)
    jobs.forget(run)
    if os.getppid() != parent:
        # Nobody is left to start the next job.
        jobs.tick(run.path.parent)
    return status


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
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_LINK, 0o644)
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
    from sandbox.errors import UserError
    from sandbox.runs import LOG

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
