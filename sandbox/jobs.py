"""Jobs: training in a process of its own, one at a time, whoever asked for it and whoever is still there.

The queue is the run folders themselves. Every function may be called by any process at any time: a lock
beside the runs makes them take turns, and a job is known by its run's lock, so nothing depends on who started
it.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sandbox.errors import UserError
from sandbox.files import refused
from sandbox.runs import Run, all_runs, runs_dir

MAX_WAITING = 4
"""Jobs that may wait for the running one."""
PATIENCE = 5.0
"""Seconds a job has to answer a request to stop before it is killed; its last checkpoint stays."""

COMMAND = [sys.executable, "-P", "-m", "sandbox.spare"]
"""-P: no module of the working directory may stand in for one of ours."""

_children: list[subprocess.Popen[bytes]] = []
"""Processes started by this one: looked after so that none becomes a zombie."""
_spare: subprocess.Popen[bytes] | None = None
_spare_mutex = threading.Lock()
_keep_warm = False


def start(argv: list[str], root: Path | None = None) -> Run:
    """Queue a training, and start it if nothing else runs.

    Args:
        argv: what follows `sandbox train`: the target, then options, such as `["cartpole", "--seed", "1"]`.
        root: the folder of all runs; `runs_dir()` if None.

    Raises:
        UserError: four jobs are waiting already, or the folder cannot be written.
    """
    if not argv or argv[0].startswith("-"):
        raise ValueError(f"the first argument is what to train, not {argv[:1]}")
    root = root or runs_dir()
    with _turn(root):
        _refuse_if_full(root)
        run = Run.create(argv[0], {"argv": ["train", *argv]}, root, state="queued", queued=time.time())
        _tick(root)
    return run


def resume(run: Run) -> Run:
    """Queue a run that was stopped, interrupted or failed, to go on from its newest checkpoint.

    Raises:
        UserError: it runs or waits already, has nothing to go on from, or four jobs are waiting.
    """
    root = run.path.parent
    with _turn(root):
        state = run.status()["state"]
        if state in ("queued", "running"):
            raise UserError(f"{run.name} is {state} already.")
        if state == "done":
            raise UserError(f"{run.name} is done; there is nothing left to train.")
        if run.resumable_step() is None:
            raise UserError(f"{run.name} has no checkpoint to go on from; train it anew.")
        _refuse_if_full(root)
        run.clear_stop()
        run.update_status(state="queued", message="", queued=time.time(), resume=True)
        _tick(root)
    return run


def stop(run: Run) -> None:
    """Ask a run to save and stop; returns at once.

    A queued run, or one whose process is still starting, is stopped here and now. Any other answers by
    itself; should it not do so within `PATIENCE`, the next `tick` kills it, and its last checkpoint stays.

    Raises:
        UserError: it neither runs nor waits.
    """
    with _turn(run.path.parent):
        status = run.status()
        if status["state"] == "queued":
            run.update_status(state="stopped", message="Taken out of the queue before it began.")
        elif status["state"] != "running":
            raise UserError(f"{run.name} does not run: it is {status['state']}.")
        elif status.get("job") and status.get("launching"):
            _kill(status["launching"])
            run.update_status(state="stopped", message="Stopped before training began.", launching=None)
            _tick(run.path.parent)
        else:
            run.request_stop()


def tick(root: Path | None = None) -> Run | None:
    """Look after the queue: start the next job if none runs, kill one that does not answer.

    Call it now and then, from any process. Keeps a spare process warm while no job runs, once `warm` was
    called.

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
    return running + _queued(standing)


def warm() -> None:
    """Keep a spare process that has already imported torch, so that the next job starts at once.

    The spare ends by itself when this process does.
    """
    global _spare, _keep_warm
    _keep_warm = True
    with _spare_mutex:
        if _spare is None or _died(_spare):
            _spare = _spawn("warm")


# -- what follows is called with the lock held


def _tick(root: Path) -> Run | None:
    standing = _standing(root)
    busy = False
    for run, status in standing:
        if status["state"] == "running" and status.get("job"):
            busy = not _killed_for_silence(run, status) or busy
    if busy:
        return None
    queued = _queued(standing)
    if not queued:
        if _keep_warm:
            warm()
        return None
    _launch(queued[0])
    return queued[0]


def _standing(root: Path) -> list[tuple[Run, dict[str, Any]]]:
    """Every run that runs or waits, with its status."""
    # A child that has ended still counts as a process until it is looked after.
    _children[:] = [child for child in _children if child.poll() is None]
    found = []
    for run in all_runs(root):
        with contextlib.suppress(UserError):
            status = run.status()
            if status.get("state") in ("queued", "running"):
                found.append((run, status))
    return found


def _queued(standing: list[tuple[Run, dict[str, Any]]]) -> list[Run]:
    waiting = [(float(status.get("queued") or 0.0), run.name, run) for run, status in standing]
    states = {run: status["state"] for run, status in standing}
    return [run for _, _, run in sorted(waiting, key=lambda entry: entry[:2]) if states[run] == "queued"]


def _refuse_if_full(root: Path) -> None:
    standing = _standing(root)
    busy = any(status["state"] == "running" and status.get("job") for _, status in standing)
    if busy and len(_queued(standing)) >= MAX_WAITING:
        raise UserError(
            f"One job runs and {MAX_WAITING} wait already; stop one of them, or wait until one is done."
        )


def _launch(run: Run) -> None:
    global _spare
    status = run.status()
    if status.get("resume"):
        argv = ["train", "--resume", run.name]
    else:
        argv = [*run.config["argv"], "--run", run.name]
    order = {
        "argv": argv,
        "run": str(run.path.absolute()),
        "directory": str(Path.cwd()),
        "server": os.getpid(),
    }
    line = (json.dumps(order) + "\n").encode()
    with _spare_mutex:
        candidates = [_spare] if _spare is not None and not _died(_spare) else []
        _spare = None
    for process in [*candidates, None]:
        process = process or _spawn("cold")
        # Said before the process is told, so that nothing it says itself is overwritten.
        run.update_status(state="running", job=True, launching=process.pid, message="Starting.")
        try:
            assert process.stdin is not None
            process.stdin.write(line)
            process.stdin.close()
        except OSError:  # the spare died just now
            process.kill()
            process.wait()
            continue
        _children.append(process)
        return
    run.update_status(state="failed", launching=None, message="The process for the job could not be started.")


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


def _killed_for_silence(run: Run, status: dict[str, Any]) -> bool:
    """Kill a job that was asked to stop long ago; True if it was, so that the next one may start."""
    try:
        asked = (run.path / "stop").stat().st_mtime
    except OSError:
        return False
    pid = status.get("pid")
    if time.time() - asked < PATIENCE or not isinstance(pid, int):
        return False
    _kill(pid)
    run.clear_stop()
    step = run.resumable_step()
    kept = "nothing was saved" if step is None else f"the checkpoint of step {step:,} is unharmed"
    run.update_status(
        state="stopped", pid=None, message=f"Did not answer for {PATIENCE:.0f} s and was killed; {kept}."
    )
    return True


def _kill(pid: int) -> None:
    """End a job and whatever it started: it leads a process group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        elif os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
    for child in _children:
        if child.pid == pid:
            child.wait()


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
