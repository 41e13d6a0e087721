"""Jobs: training in a process of its own, one at a time, whoever asked for it and whoever is still there.

The queue is the run folders themselves, together with this installation's orders for them, which are kept
elsewhere: a folder that somebody sends is neither begun nor waited for. Every function may be called by any
process at any time: a lock beside the runs makes them take turns, and a job is known by its run's lock, so
nothing depends on who started it.

What nobody ordered, such as the first training of a page that was opened, gives way to whatever is asked for
later: it is saved, waits, and goes on by itself exactly where it was.
"""

from __future__ import annotations

import contextlib
import math
import os
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
from sandbox.runs import Run, job_orders, runs_dir

MAX_WAITING = 4
"""Jobs that may wait for the running one."""
PATIENCE = 5.0
"""Seconds a job has at least to answer a request to stop before it is killed; its last checkpoint stays."""
LONG_PATIENCE = 600.0
"""Seconds it has where nobody knows yet how long its updates take, and at most."""

_keep_warm = False


def start(argv: list[str], root: Path | None = None, *, gives_way: bool = False) -> Run:
    """Queue a training, and start it if nothing else runs, or if what runs gives way.

    Args:
        argv: what follows `sandbox train`: the target, then options, such as `["cartpole", "--seed", "1"]`.
        root: the folder of all runs; `runs_dir()` if None.
        gives_way: nobody ordered it. It lets pass what is ordered, and what else gives way but was asked for
            later; where four wait already, the oldest of its kind is stopped instead of refusing another.

    Raises:
        UserError: four jobs are waiting already, or the folder cannot be written.
    """
    if not argv or argv[0].startswith("-"):
        raise ValueError(f"the first argument is what to train, not {argv[:1]}")
    root = root or runs_dir()
    with _turn(root):
        _make_room(root)
        run = Run.create(
            argv[0],
            {"argv": ["train", *argv]},
            root,
            state="queued",
            queued=time.time(),
            gives_way=gives_way,
        )
        _tick(root)
    return run


def resume(run: Run) -> Run:
    """Queue a run that was stopped, interrupted or failed, to go on from its newest checkpoint.

    Without one it begins again.

    Raises:
        UserError: it runs or waits already, is done, or four jobs are waiting.
    """
    root = run.path.parent
    with _turn(root):
        state = run.status()["state"]
        if state in ("queued", "running"):
            raise UserError(f"{run.name} is {state} already.")
        if state == "done":
            raise UserError(f"{run.name} is done; there is nothing left to train.")
        _make_room(root)
        run.clear_stop()
        job_orders.write(run.path, ["--resume", run.name])
        run.update_status(state="queued", message="", queued=time.time(), resume=True, gives_way=False)
        _tick(root)
    return run


def stop(run: Run) -> None:
    """Ask a run to save and stop; returns at once.

    A queued run, or one whose process is still starting, is stopped here and now. Any other answers by
    itself, between two updates. Should it take three times as long as its longest update, and longer than
    `PATIENCE`, the next `tick` kills it, and its last checkpoint stays.

    Raises:
        UserError: it neither runs nor waits.
    """
    with _turn(run.path.parent):
        status = run.status()
        if status["state"] == "queued":
            run.update_status(state="stopped", message="Taken out of the queue before it began.")
            job_orders.remove(run.path)
        elif status["state"] != "running":
            raise UserError(f"{run.name} does not run: it is {status['state']}.")
        elif status.get("job") and status.get("launching"):
            _call_back(run, status, state="stopped", message="Stopped before training began.")
            _tick(run.path.parent)
        else:
            run.request_stop()


def tick(root: Path | None = None) -> Run | None:
    """Look after the queue: start the next job if none runs, kill one that does not answer.

    Call it now and then, from any process. Keeps a spare process warm, once `warm` was called.

    Returns:
        The run that was started, or None.
    """
    root = root or runs_dir()
    if not root.is_dir():
        return None
    with _turn(root):
        return _tick(root)


def list_jobs(root: Path | None = None) -> list[Run]:
    """Runs that are running or queued: the running ones first, then in the order in which they will start."""
    standing = _standing(root or runs_dir())
    running = [run for run, status in standing if status["state"] == "running"]
    return running + [run for run, _ in queued_of(standing)]


def ahead_of(run: Run) -> list[Run]:
    """The jobs that a queued run waits for; a running one that gives way to it is none of them."""
    standing = _standing(run.path.parent)
    queued = queued_of(standing)
    order = [waiting for waiting, _ in queued]
    if run not in order:
        return []
    place = order.index(run)
    running = [
        other
        for other, status in standing
        if status["state"] == "running"
        and status.get("job")
        and not must_give_way((other, status), queued[place])
    ]
    return running + order[:place]


def warm() -> None:
    """Keep a spare process that has already imported torch, so that the next job starts at once.

    The spare ends by itself when this process does.
    """
    global _keep_warm
    _keep_warm = True
    job_process.keep_spare()


def take_over(run: Run, ordered: int) -> bool:
    """Whether the calling process is to train a run; called by it alone, before it begins.

    Args:
        run: that it was ordered to train.
        ordered: number of the process that the order was given to.

    Returns:
        False if the run was stopped, or gave way, before the order was read.
    """
    with _turn(run.path.parent):
        status = run.status()
        # `interrupted`: the spare that forked this process has ended in the meantime.
        if status["state"] not in ("running", "interrupted") or status.get("launching") != ordered:
            return False
        job_orders.add_process(run.path, os.getpid())
        run.update_status(state="running", launching=os.getpid(), handed_on=False)
        return True


def forget(run: Run) -> None:
    """Forget the order for a run that has ended; one that let another run pass is still to be trained."""
    with contextlib.suppress(UserError), _turn(run.path.parent):
        if run.status()["state"] not in ("queued", "running"):
            job_orders.remove(run.path)


# -- what follows is called with the lock held


def _standing(root: Path, *, afresh: bool = False) -> list[Standing]:
    job_process.bury()  # a child that has ended still counts as a process until then
    return standing_in(root, afresh=afresh)


def _tick(root: Path) -> Run | None:
    standing = _standing(root)
    queued = queued_of(standing)
    busy, freed = False, False
    for run, status in standing:
        if status["state"] == "running" and status.get("job"):
            free = _killed_for_silence(run, status)
            if not free and queued and must_give_way((run, status), queued[0]):
                free = _given_way(run, status, queued[0][0].name)
            busy, freed = busy or not free, freed or free
    if _keep_warm and (job_process.forks() or not (busy or queued)):
        job_process.keep_spare()
    if busy or not (queued or freed):
        return None
    standing = _standing(root, afresh=True)
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
        _call_back(run, status, state="queued", message=f"Gave way to {name}.")
        return True
    if not run.stop_requested():
        run.request_stop(give_way_to=name)
    return False


def _make_room(root: Path) -> None:
    """Leave room for one more to wait.

    Raises:
        UserError: there is none.
    """
    standing = _standing(root, afresh=True)
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


def _call_back(run: Run, status: dict[str, Any], *, state: str, message: str) -> None:
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


@contextmanager
def _turn(root: Path) -> Iterator[None]:
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
