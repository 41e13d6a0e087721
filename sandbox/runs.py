"""A run is a folder: the only interface between training and everything that looks at it.

Nothing here needs torch until tensors are saved or loaded, so that listing and following runs is instant. A
state of `running` is only believed while a living process holds the run's lock; otherwise the run shows as
`interrupted`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

from filelock import FileLock, Timeout

from sandbox import checkpoints, metric_log
from sandbox.crash_note import read_crash_note
from sandbox.errors import UserError, did_you_mean
from sandbox.files import json_bytes, read_object, refused, replace_bytes, temporary_path
from sandbox.locks import is_locked, process_exists
from sandbox.run_creation import CONFIG, STATUS, make_folder

if TYPE_CHECKING:
    from torch import Tensor

STATES = ("queued", "running", "done", "stopped", "failed", "interrupted")
"""`interrupted` is never written: it is a run whose process died before it could say how it ended."""

LAUNCH_SECONDS = 120.0
"""A process that has not begun to train after this time is no longer expected to."""

METRICS, CHECKPOINTS, LOG = "metrics.jsonl", "checkpoints", "log.txt"


def runs_dir() -> Path:
    """The folder of all runs: `$SANDBOX_RUNS`, else `runs` in the working directory."""
    return Path(os.environ.get("SANDBOX_RUNS") or "runs").absolute()


def all_runs(root: Path | None) -> list[Run]:
    """Every run folder, whether it can be read or not, by name."""
    root = root or runs_dir()
    if not root.is_dir():
        return []
    return [Run(path) for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")]


def list_runs(root: Path | None = None) -> list[Run]:
    """All runs that can be read, the newest first."""
    runs = [run for run in all_runs(root) if run.problem() is None]
    return sorted(runs, key=lambda run: (run.config["created"], run.name), reverse=True)


def list_broken_runs(root: Path | None = None) -> list[tuple[Run, str]]:
    """Runs whose config.json or status.json cannot be read, each with the sentence that names the file."""
    return [(run, problem) for run in all_runs(root) if (problem := run.problem()) is not None]


class Run:
    """One run folder. Cheap to make; the folder is read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The folder's name, unique among the runs, such as `cartpole-003`."""
        return self.path.name

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    # -- making, opening, removing

    @staticmethod
    def create(
        target: str,
        config: Mapping[str, Any],
        root: Path | None = None,
        state: str = "running",
        **status: Any,
    ) -> Run:
        """Make a new run folder with a name of its own; never overwrites one.

        Args:
            target: what is trained, such as `cartpole` or `vision/classify`; names the run.
            config: what config.json holds besides `name`, `target`, `kind`, `created` and `versions`, which
                are added.
            root: the folder of all runs; `runs_dir()` if None.
            state: `running` for a run that this process trains at once, `queued` for one that waits.
            status: further fields of status.json.

        Raises:
            UserError: the folder cannot be written.
        """
        return Run(make_folder(root or runs_dir(), target, config, {"state": state, **status}))

    @staticmethod
    def open(name_or_path: str | Path) -> Run:
        """Open a run by its name or by the path of its folder.

        Raises:
            UserError: no such run, with the nearest names; or a file of it is corrupt, naming it.
        """
        path = Path(name_or_path)
        if not (path / CONFIG).exists():
            path = runs_dir() / str(name_or_path)
        if not path.is_dir() or not str(name_or_path):
            names = [run.name for run in all_runs(None)]
            hint = did_you_mean(str(name_or_path), names) or (f" Runs are looked for in {runs_dir()}.")
            raise UserError(f"There is no run named {str(name_or_path)!r}.{hint}")
        run = Run(path.absolute())
        if problem := run.problem():
            raise UserError(problem)
        return run

    def problem(self) -> str | None:
        """The sentence about what makes this folder unreadable, or None."""
        try:
            for field in ("target", "created"):
                if not isinstance(self.config.get(field), str):
                    return f"{self.path / CONFIG} is corrupt: it has no {field}."
            if read_object(self.path / STATUS).get("state") not in STATES:
                return f"{self.path / STATUS} is corrupt: it has no known state."
        except UserError as error:
            return str(error)
        return None

    def delete(self) -> None:
        """Remove the folder.

        Raises:
            UserError: it is being trained, or may not be removed.
        """
        if self.is_alive():
            raise UserError(f"{self.name} is being trained; stop it first.")
        aside = temporary_path(self.path)
        try:
            self.path.rename(aside)
            shutil.rmtree(aside)
        except OSError as error:
            raise refused("delete", self.path, error) from error

    # -- what it is and how it stands

    @cached_property
    def config(self) -> dict[str, Any]:
        """config.json: what was asked for. Does not change while training."""
        return read_object(self.path / CONFIG)

    def update_config(self, **fields: Any) -> None:
        """Add to config.json what is known only once training starts, such as the device and all settings."""
        fresh = read_object(self.path / CONFIG) | fields
        self._replace(CONFIG, fresh)
        self.__dict__["config"] = fresh

    def status(self) -> dict[str, Any]:
        """status.json, with `interrupted` for a running state that no living process stands behind."""
        status = read_object(self.path / STATUS)
        if status.get("state") == "running" and not self.is_alive(status):
            # It may have ended between the two looks.
            status = read_object(self.path / STATUS)
            if status.get("state") == "running":
                status["state"] = "interrupted"
                resumable = checkpoints.resumable_step(self.path / CHECKPOINTS)
                rest = (
                    "nothing was saved yet" if resumable is None else f"it can go on from step {resumable:,}"
                )
                crash = read_crash_note(self.path) or "The process ended without a word"
                status["message"] = f"{crash}; {rest}."
        return status

    def update_status(self, **fields: Any) -> None:
        """Replace fields of status.json; `updated` is set to now."""
        status = read_object(self.path / STATUS)
        self._replace(STATUS, status | {"updated": time.time()} | fields)

    def is_alive(self, status: Mapping[str, Any] | None = None) -> bool:
        """Whether a process trains this run, or has just been started to."""
        if is_locked(self.path / "lock"):
            return True
        status = status or read_object(self.path / STATUS)
        launching, updated = status.get("launching"), status.get("updated")
        if not isinstance(launching, int) or not isinstance(updated, int | float):
            return False
        # Numbers of processes are used again after a while.
        return time.time() - updated < LAUNCH_SECONDS and process_exists(launching)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the run's lock: this process trains it. The system lets go of it even after `kill -9`.

        Raises:
            UserError: another process holds it.
        """
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=1.0)
        except Timeout:
            raise UserError(f"{self.name} is being trained by another process.") from None
        except OSError as error:
            raise refused("lock", self.path, error) from error
        try:
            yield
        finally:
            lock.release()

    def request_stop(self, give_way_to: str = "") -> None:
        """Ask the process that trains this run to save and stop; or to let another run pass first."""
        try:
            replace_bytes(self.path / "stop", give_way_to.encode())
        except OSError as error:
            raise refused("write", self.path / "stop", error) from error

    def stop_requested(self) -> bool:
        """Whether somebody asked this run to stop."""
        return (self.path / "stop").exists()

    def gives_way_to(self) -> str:
        """The run that this one was asked to let pass; empty if it was to stop, or nobody asked."""
        with contextlib.suppress(OSError):
            return (self.path / "stop").read_text(encoding="utf-8")
        return ""

    def clear_stop(self) -> None:
        """Take the request back: it was answered, or the run goes on."""
        (self.path / "stop").unlink(missing_ok=True)

    def log(self, step: int, seconds: float | int, metrics: Mapping[str, SupportsFloat]) -> None:
        """Append a row to metrics.jsonl, without values that are not finite; `seconds` of training so far."""
        metric_log.append(self.path / METRICS, step, seconds, metrics)

    def metrics(self) -> list[dict[str, Any]]:
        """All rows. A last line that a killed process left torn is ignored."""
        return metric_log.read_since(self.path / METRICS)[0]

    def metrics_since(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Rows after an offset (0 at first) and the next offset; all rows again after a resume cut them."""
        return metric_log.read_since(self.path / METRICS, offset)

    # -- checkpoints

    def save_checkpoint(
        self,
        step: int,
        model: Mapping[str, Tensor],
        meta: Mapping[str, Any],
        resume: tuple[Mapping[str, Tensor], Mapping[str, Any]] | None = None,
    ) -> None:
        """Save a checkpoint whole or not at all; see `sandbox.checkpoints` for which ones are kept.

        Args:
            step: training step it belongs to.
            model: what using the model needs.
            meta: JSON values that go with it.
            resume: what going on exactly needs besides: optimizer and random states. None: only for looking
                back.
        """
        checkpoints.save(self.path / CHECKPOINTS, step, model, meta, resume)

    def checkpoints(self) -> list[int]:
        """The steps that have a checkpoint, in ascending order."""
        return checkpoints.steps(self.path / CHECKPOINTS)

    def load_model(self, step: int | None = None) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Model tensors (on the CPU) and meta data of one checkpoint, the newest by default."""
        return checkpoints.load_model(self.path / CHECKPOINTS, step)

    def resumable_step(self) -> int | None:
        """The step that resume would go on from, or None."""
        return checkpoints.resumable_step(self.path / CHECKPOINTS)

    def load_resume(self) -> tuple[int, dict[str, Tensor], dict[str, Any]]:
        """Step, tensors and data to go on from; the folder is put back to that step.

        Later rows of metrics and later checkpoints are removed, since training will make them again.
        """
        step, tensors, meta = checkpoints.load_resume(self.path / CHECKPOINTS)
        checkpoints.drop_after(self.path / CHECKPOINTS, step)
        metric_log.cut_back(self.path / METRICS, step)
        return step, tensors, meta

    def _replace(self, file: str, value: Mapping[str, Any]) -> None:
        try:
            replace_bytes(self.path / file, json_bytes(value))
        except OSError as error:
            raise refused(
                "write", self.path / file, error, "the checkpoints saved so far are unharmed"
            ) from error
