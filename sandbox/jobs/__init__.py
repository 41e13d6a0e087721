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
import os
import time
from pathlib import Path

from sandbox.errors import UserError
from sandbox.jobs import job_process, scheduler
from sandbox.jobs.job_queue import must_give_way, queued_of
from sandbox.jobs.scheduler import call_back, look_after, make_room, standing_now, turn
from sandbox.runs import Run, job_orders, runs_dir


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
    with turn(root):
        make_room(root)
        run = Run.create(
            argv[0],
            {"argv": ["train", *argv]},
            root,
            state="queued",
            queued=time.time(),
            gives_way=gives_way,
        )
        look_after(root)
    return run


def resume(run: Run) -> Run:
    """Queue a run that was stopped, interrupted or failed, to go on from its newest checkpoint.

    Without one it begins again.

    Raises:
        UserError: it runs or waits already, is done, or four jobs are waiting.
    """
    root = run.path.parent
    with turn(root):
        state = run.status()["state"]
        if state in ("queued", "running"):
            raise UserError(f"{run.name} is {state} already.")
        if state == "done":
            raise UserError(f"{run.name} is done; there is nothing left to train.")
        make_room(root)
        run.clear_stop()
        job_orders.write(run.path, ["--resume", run.name])
        run.update_status(state="queued", message="", queued=time.time(), resume=True, gives_way=False)
        look_after(root)
    return run


def stop(run: Run) -> None:
    """Ask a run to save and stop; returns at once.

    A queued run, or one whose process is still starting, is stopped here and now. Any other answers by
    itself, between two updates. Should it take three times as long as its longest update, and longer than
    `PATIENCE`, the next `tick` kills it, and its last checkpoint stays.

    Raises:
        UserError: it neither runs nor waits.
    """
    with turn(run.path.parent):
        status = run.status()
        if status["state"] == "queued":
            run.update_status(state="stopped", message="Taken out of the queue before it began.")
            job_orders.remove(run.path)
        elif status["state"] != "running":
            raise UserError(f"{run.name} does not run: it is {status['state']}.")
        elif status.get("job") and status.get("launching"):
            call_back(run, status, state="stopped", message="Stopped before training began.")
            look_after(run.path.parent)
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
    with turn(root):
        return look_after(root)


def list_jobs(root: Path | None = None) -> list[Run]:
    """Runs that are running or queued: the running ones first, then in the order in which they will start."""
    standing = standing_now(root or runs_dir())
    running = [run for run, status in standing if status["state"] == "running"]
    return running + [run for run, _ in queued_of(standing)]


def ahead_of(run: Run) -> list[Run]:
    """The jobs that a queued run waits for; a running one that gives way to it is none of them."""
    standing = standing_now(run.path.parent)
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
    scheduler.keep_warm = True
    job_process.keep_spare()


def take_over(run: Run, ordered: int) -> bool:
    """Whether the calling process is to train a run; called by it alone, before it begins.

    Args:
        run: that it was ordered to train.
        ordered: number of the process that the order was given to.

    Returns:
        False if the run was stopped, or gave way, before the order was read.
    """
    with turn(run.path.parent):
        status = run.status()
        # `interrupted`: the spare that forked this process has ended in the meantime.
        if status["state"] not in ("running", "interrupted") or status.get("launching") != ordered:
            return False
        job_orders.add_process(run.path, os.getpid())
        run.update_status(state="running", launching=os.getpid(), handed_on=False)
        return True


def forget(run: Run) -> None:
    """Forget the order for a run that has ended; one that let another run pass is still to be trained."""
    with contextlib.suppress(UserError), turn(run.path.parent):
        if run.status()["state"] not in ("queued", "running"):
            job_orders.remove(run.path)
