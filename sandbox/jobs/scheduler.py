"""What happens in the queue of jobs: everything here but `turn` is called by whoever has their turn."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sandbox.errors import UserError
from sandbox.files import refused
from sandbox.jobs import job_process
from sandbox.jobs.job_queue import Standing, must_give_way, queued_of, standing_in
from sandbox.runs import Run, job_orders

MAX_WAITING = 4
"""Jobs that may wait for the running one."""
PATIENCE = 5.0
"""Seconds a job has at least to answer a request to stop before it is killed; its last checkpoint stays."""
LONG_PATIENCE = 600.0
"""Seconds it has where nobody knows yet how long its updates take, and at most."""

keep_warm = False
"""Whether a spare process is kept ready for the next job; a process that shows pages asks for one."""


@contextmanager
def turn(root: Path) -> Iterator[None]:
    """Take turns with all other processes that look after the same runs."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / ".queue.lock", timeout=10.0)
        lock.acquire()
    except Timeout:
        raise UserError(f"Another process has held {root / '.queue.lock'} for 10 seconds.") from None
    except OSError as error:
        raise refused("use", root, error, "SANDBOX_RUNS names another folder") from error
    try:
        yield
    finally:
        lock.release()


def standing_now(root: Path, *, afresh: bool = False) -> list[Standing]:
    """What has not ended in a folder of runs."""
    job_process.bury()  # a child that has ended still counts as a process until then
    return standing_in(root, afresh=afresh)


def look_after(root: Path) -> Run | None:
    """Start the next job if none runs, kill one that does not answer; returns what was started."""
    standing = standing_now(root)
    queued = queued_of(standing)
    busy, freed = False, False
    for run, status in standing:
        if status["state"] == "running" and status.get("job"):
            free = _killed_for_silence(run, status)
            if not free and queued and must_give_way((run, status), queued[0]):
                free = _given_way(run, status, queued[0][0].name)
            busy, freed = busy or not free, freed or free
    if keep_warm and (job_process.forks() or not (busy or queued)):
        job_process.keep_spare()
    if busy or not (queued or freed):
        return None
    standing = standing_now(root, afresh=True)
    queued = queued_of(standing)
    if not queued or _runs(standing):
        return None
    _launch(*queued[0])
    return queued[0][0]


def _runs(standing: list[Standing]) -> bool:
    """Whether a job is running."""
    return any(status["state"] == "running" and status.get("job") for _, status in standing)


def _given_way(run: Run, status: dict[str, Any], name: str) -> bool:
    """Put a running job back into the queue; True if its place is free already, else it saves first."""
    if status.get("launching"):
        call_back(run, status, state="queued", message=f"Gave way to {name}.")
        return True
    if not run.stop_requested():
        run.request_stop(give_way_to=name)
    return False


def make_room(root: Path) -> None:
    """Leave room for one more to wait.

    Raises:
        UserError: there is none.
    """
    standing = standing_now(root, afresh=True)
    queue = queued_of(standing)
    if not _runs(standing) or len(queue) < MAX_WAITING:
        return
    last, status = queue[-1]
    if not status.get("gives_way"):
        raise UserError(
            f"One job runs and {MAX_WAITING} wait already; stop one of them, or wait until one is done."
        )
    last.update_status(state="stopped", message="Taken out of the queue, which was full.")


def _launch(run: Run, status: dict[str, Any]) -> None:
    ordered = job_orders.argv(run.path)
    if ordered is None:
        return  # the order was taken back in the meantime
    job_orders.forget_missing()
    goes_on = status.get("resume") or ordered[:1] == ["--resume"]
    argv = ["--resume", run.name] if goes_on else [*ordered, "--run", run.name]
    order = {"argv": ["train", *argv], "run": str(run.path.absolute()), "directory": str(Path.cwd())}

    def announce(pid: int, hands_on: bool) -> None:
        if not hands_on:  # the spare lives on, and is not this order's to end
            job_orders.add_process(run.path, pid)
        run.update_status(state="running", job=True, launching=pid, handed_on=hands_on, message="Starting.")

    if not job_process.give(order, announce):
        message = "The process for the job could not be started."
        run.update_status(state="failed", launching=None, message=message)


def call_back(run: Run, status: dict[str, Any], *, state: str, message: str) -> None:
    """End a job that has not begun to train."""
    if not status.get("handed_on"):  # else the order lies with a spare, whose fork will see that it is void
        _kill(run, status["launching"])
    run.update_status(state=state, message=message, launching=None, handed_on=False)


def _killed_for_silence(run: Run, status: dict[str, Any]) -> bool:
    """Kill a job that was asked to stop long ago; True if it was, so that the next one may start."""
    try:
        asked = (run.path / "stop").stat().st_mtime
    except OSError:
        return False
    pid, waited = status.get("pid"), time.time() - asked
    if waited < _patience(status) or not isinstance(pid, int):
        return False
    _kill(run, pid)
    step = run.resumable_step()
    goes_on = bool(run.gives_way_to()) and step is not None
    run.clear_stop()
    kept = "nothing was saved" if step is None else f"the checkpoint of step {step:,} is unharmed"
    message = f"Did not answer for {waited:.0f} s and was killed; {kept}."
    run.update_status(state="queued" if goes_on else "stopped", pid=None, message=message, resume=goes_on)
    return True


def _kill(run: Run, pid: int) -> None:
    """End a process of a job, if it is one: the number is read from the run folder."""
    if job_orders.has_process(run.path, pid):
        job_process.kill(pid)


def _patience(status: dict[str, Any]) -> float:
    """Seconds to wait for an answer: as long as an update may take, since a job answers after one."""
    longest = status.get("longest")
    if not isinstance(longest, int | float) or not math.isfinite(longest):
        return LONG_PATIENCE
    return max(PATIENCE, min(3 * longest, LONG_PATIENCE))
