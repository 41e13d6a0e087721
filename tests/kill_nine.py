"""`kill -9` trainings, resume them, and compare every bit with a training that was never killed.

    python tests/kill_nine.py --moments 200             at random moments, the end of the training included
    python tests/kill_nine.py --operations --kinds competitive      before every operation on a file

Prints JSON: how many were killed, and what went wrong. Processes are forked, because importing torch again
would take seconds.
"""

import argparse
import importlib
import itertools
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from sandbox import files, progress
from sandbox.progress import Progress, drive
from sandbox.runs import Run, checkpoints
from sandbox.training import fit as fit_module
from sandbox.training import save_schedule

sys.path.insert(0, str(Path(__file__).parent / "sandbox" / "training"))
test_exact_resume: Any = importlib.import_module("test_exact_resume")
"""Whose trainings of networks are killed here, too."""

SMALL = {"stop_when_solved": False, "num_envs": 8, "eval_episodes": 2, "final_episodes": 2}
AGENTS: dict[str, dict[str, Any]] = {
    "ppo": SMALL | {"total_timesteps": 512 * 12, "num_steps": 64, "eval_every": 512 * 5},
    "lstm": SMALL
    | {"total_timesteps": 256 * 8, "num_steps": 32, "eval_every": 256 * 5, "policy": "lstm", "memory": 8},
}
"""Settings that differ from those of cartpole."""
TRIES = 4
"""Moments drawn for each kill that is wanted: at some of them the training has ended already."""
KINDS = ("supervised", "adversarial", "contrastive_divergence", "ppo", "lstm")


def events(kind: str, run: Run, resume: bool) -> Generator[Progress, None, None]:
    """A training of one kind."""
    if kind in AGENTS:
        trainer = agents_trainer()
        settings = replace(trainer.settings_for("cartpole"), **AGENTS[kind])
        return trainer.train("cartpole", settings, run, resume)
    return test_exact_resume.training(kind, run, resume)


def agents_trainer() -> Any:
    """The trainer of agents, as eager to save as that of networks; importing it takes seconds."""
    trainer: Any = importlib.import_module("agents.train")
    trainer.SAVE_FIRST = trainer.SAVE_EVERY = trainer.YIELD_EVERY = 0.0
    return trainer


def in_fork(action: Callable[[], object], wait: float | None = None) -> int:
    """Do something in a process of its own, and kill it after some seconds of processor time.

    The clock would say how busy the machine is, and not how far a training has come. Returns the exit code.
    """
    child = os.fork()
    if not child:
        code = 1
        try:
            action()
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    while wait is not None and _processor_time(child) < wait:
        time.sleep(0.0005)
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break
    if wait is not None:
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _processor_time(process: int) -> float:
    """Seconds that a process has computed (Linux)."""
    return time.clock_gettime(~process << 3 | 2)


def train(kind: str, run: Run, resume: bool, stop_at: int | None = None) -> None:
    """Train to the end, or ask it to stop at a step."""

    def show(progress: Progress) -> None:
        if stop_at is not None and progress.step >= stop_at:
            run.request_stop()

    state = drive(run, events(kind, run, resume), show)
    assert state == ("done" if stop_at is None else "stopped"), run.status()


def _children_time() -> float:
    """Seconds that the children that have ended had computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Operations:
    """Counts what this process does to files below a folder, and ends it before one of them.

    A file that is written counts twice: once before, and once when half of it is there.
    """

    CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "half")

    def __init__(self, folder: Path, end_at: int | None) -> None:
        self.folder, self.end_at, self.count = str(folder), end_at, 0
        write = files.write_bytes

        def write_halves(path: Path, data: bytes, sync: bool = False) -> None:
            write(path, data[: len(data) // 2])
            sys.audit("half", str(path))
            write(path, data)

        tensors = checkpoints.write_tensors

        def write_half_tensors(path: Path, data: Any, sync: bool = False) -> str:
            written = tensors(path, data)
            os.truncate(path, path.stat().st_size // 2)
            sys.audit("half", str(path))
            tensors(path, data)
            return written

        files.write_bytes = checkpoints.write_bytes = write_halves  # no waiting for the disk either
        checkpoints.write_tensors = write_half_tensors
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple) -> None:
        writes = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if not writes and event not in self.CHANGES:
            return
        # Removing a folder names its files without their folder.
        path = str(arguments[0])
        if Path(path).is_absolute() and not path.startswith(self.folder):
            return
        if self.count == self.end_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


def operations_of(kind: str, run: Run, stop_at: int | None) -> int:
    """How often a whole training changes files."""
    counted = run.path.with_name("counted")

    def count() -> None:
        operations = Operations(run.path, None)
        train(kind, run, False, stop_at)
        counted.write_text(str(operations.count))

    assert in_fork(count) == 0
    return int(counted.read_text())


def differences(whole: Run, other: Run) -> list[str]:
    """What distinguishes a training that was killed from one that was not."""
    found = []
    if (state := other.status()["state"]) != "done":
        return [f"is {state}: {other.status()['message']}"]
    (mine, meta), (theirs, _) = other.load_model(), whole.load_model()
    if meta["step"] != whole.load_model()[1]["step"] or mine.keys() != theirs.keys():
        return [f"ends at step {meta['step']}"]
    found += [name for name in mine if not torch.equal(mine[name], theirs[name])]
    (_, mine, _), (_, theirs, _) = other.load_resume(), whole.load_resume()
    found += [name for name in theirs if name not in mine or not torch.equal(mine[name], theirs[name])]
    evaluations = [
        [(row["step"], row["eval_return"]) for row in run.metrics() if "eval_return" in row]
        for run in (whole, other)
    ]
    if evaluations[0] != evaluations[1]:
        found.append("evaluations")
    steps = [row["step"] for row in other.metrics()]
    if steps != sorted(steps) or (not evaluations[0] and len(steps) != len(set(steps))):
        found.append("rows of metrics")
    return found


def main() -> int:
    """Kill and compare; the exit status is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--moments", type=int, default=0, help="kills at random moments, shared by the kinds")
    parser.add_argument("--operations", action="store_true", help="before every operation on a file")
    parser.add_argument(
        "--stop-at", type=int, help="step at which the training is asked to stop, if not killed"
    )
    parser.add_argument("--share", type=float, default=0.5, help="share of the time that saving may take")
    parser.add_argument("--steps", type=int, help="of the trainings that are not agents")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    fit_module.SAVE_FIRST = fit_module.SAVE_EVERY = 0.0
    progress.LOOK_EVERY = fit_module.LOOK_EVERY = 0.0
    save_schedule.SHARE = options.share
    if AGENTS.keys() & set(options.kinds):
        agents_trainer()  # before it is forked
    if options.steps:
        test_exact_resume.STEPS = options.steps
    root = Path(tempfile.mkdtemp(prefix="kill-nine-"))
    rng = random.Random(options.seed)
    killed, failures = dict.fromkeys(options.kinds, 0), []
    for place, kind in enumerate(options.kinds):

        def new(kind: str = kind) -> Run:
            return Run.create(kind, {"seed": 3, "threads": 1, "device": "cpu"}, root=root)

        whole = new()
        assert in_fork(lambda run=whole, kind=kind: train(kind, run, False)) == 0
        begin = _children_time()  # with everything compiled
        again = new()
        assert in_fork(lambda run=again, kind=kind: train(kind, run, False)) == 0
        seconds = _children_time() - begin
        share: int = options.moments // len(options.kinds) + (place < options.moments % len(options.kinds))
        operations = range(operations_of(kind, new(), options.stop_at) if options.operations else 0)
        drawn = (rng.uniform(0.0, seconds) for _ in range(TRIES * share))
        for moment in itertools.chain(drawn, operations):
            if isinstance(moment, float) and killed[kind] >= share:
                continue
            run = new()
            code = in_fork(
                lambda run=run, kind=kind, moment=moment: attempt(kind, run, moment, options.stop_at),
                None if isinstance(moment, int) else moment,
            )
            killed[kind] += code == -signal.SIGKILL
            if isinstance(moment, int) and run.status()["state"] != "done":
                # Killed again while it is resumed.
                in_fork(lambda run=run, kind=kind, moment=moment: attempt(kind, run, moment % 11, None, True))
            if run.status()["state"] != "done":
                in_fork(lambda run=run, kind=kind: train(kind, run, True))
            print(f"{kind}: {killed[kind]} killed, {len(failures)} differ", file=sys.stderr)
            if wrong := differences(whole, run):
                failures.append({"kind": kind, "moment": moment, "run": str(run.path), "differ": wrong})
            else:
                shutil.rmtree(run.path)
    print(json.dumps({"killed": killed, "failures": failures}))
    return bool(failures)


def attempt(kind: str, run: Run, moment: float, stop_at: int | None, resume: bool = False) -> None:
    """Train until killed; by itself if the moment is the number of an operation."""
    if isinstance(moment, int):
        Operations(run.path, moment)
    train(kind, run, resume, stop_at)


if __name__ == "__main__":
    sys.exit(main())
