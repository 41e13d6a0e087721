"""A run is a folder: the only interface between training and everything that looks at it.

Nothing here needs torch until tensors are saved or loaded, so that listing and following runs is instant. A
state of `running` is only believed while a living process holds the run's lock; otherwise the run shows as
`interrupted`.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

from sandbox import trust
from sandbox.errors import UserError, did_you_mean
from sandbox.files import json_bytes, read_object, refused, replace_bytes, temporary_path
from sandbox.locks import process_exists
from sandbox.runs import checkpoints, job_orders, json_cache, metric_log, settled_runs
from sandbox.runs.crash_note import read_crash_note
from sandbox.runs.creation import CONFIG, STATUS, make_folder
from sandbox.runs.folder import is_there, refuse_strange_files, run_folders, runs_dir, within
from sandbox.runs.json_cache import read_checked
from sandbox.runs.run_lock import Identity, check_same, hold, is_held
from sandbox.runs.schema import check_config, check_name, check_status

if TYPE_CHECKING:
    from torch import Tensor

LAUNCH_SECONDS = 120.0
"""A process that has not begun to train after this time is no longer expected to."""

LONGEST_SHOWN = 60
"""Letters of a name that does not exist which are repeated in a sentence."""

UNSAID = {"step": 0, "total": 0, "unit": "step", "message": "", "seconds": 0.0, "updated": 0.0}
"""What a status.json means that leaves these fields out."""

METRICS, CHECKPOINTS, LOG = metric_log.FILE, checkpoints.FOLDER, "log.txt"


class Run:
    """One run folder. Cheap to make; the folder is read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: Identity | None = None  # the folder that this process began to train in
        self._last_status: dict[str, Any] = {}

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
        trust.remember(target)  # whoever makes a run has named what it trains
        path = make_folder(root or runs_dir(), target, config, {"state": state, **status})
        settled_runs.forget(path)
        if state == "queued":
            words = config.get("argv") or ["train", target]
            job_orders.write(path, [str(word) for word in words[1:]])
        return Run(path)

    @staticmethod
    def open(name_or_path: str | Path) -> Run:
        """Open a run by its name or by the path of its folder.

        Raises:
            UserError: no such run, with the nearest names; or a file of it is corrupt, naming it.
        """
        name = str(name_or_path)
        path = Path(name_or_path)
        if not is_there(path / CONFIG):
            path = runs_dir() / name
        if not name or not is_there(path, folder=True):
            shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}..."
            hint = did_you_mean(name[:LONGEST_SHOWN], [path.name for path in run_folders(None)])
            hint = hint or f" Runs are looked for in {runs_dir()}."
            raise UserError(f"There is no run named {shown!r}.{hint}")
        run = Run(path.absolute())
        refuse_strange_files(run.path)
        if problem := run.problem():
            raise UserError(problem)
        return run

    def problem(self) -> str | None:
        """The sentence about what makes this folder unreadable, or None."""
        try:
            check_name(self.name)
            self.config  # noqa: B018 - reading it checks it
            self._settle(self._read_status())
        except UserError as error:
            return str(error)
        return None

    def is_settled(self) -> bool:
        """Whether it could be read and had ended when somebody looked just now; see `settled_runs`."""
        return settled_runs.known(self.path) is self

    def delete(self) -> None:
        """Remove the folder.

        Raises:
            UserError: it is being trained, or may not be removed.
        """
        check_same(self.path, self._held)
        settled_runs.forget(self.path)
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
        """config.json: what was asked for, checked. Does not change while training.

        Raises:
            UserError: the file cannot be used; names it and the field.
        """
        return {"kind": "agent", "agent": None} | read_checked(within(self.path, CONFIG), check_config)

    def update_config(self, **fields: Any) -> None:
        """Add to config.json what is known only once training starts, such as the device and all settings."""
        fresh = read_object(self.path / CONFIG) | fields
        self._replace(CONFIG, fresh)
        self.__dict__["config"] = fresh

    def status(self) -> dict[str, Any]:
        """status.json, checked; what it says of a process or the queue is only believed if it is so.

        A running state that no living process stands behind becomes `interrupted`, a queued one that this
        installation has not ordered `stopped`.

        Raises:
            UserError: the file cannot be used; names it and the field.
        """
        status = self._read_status()
        with contextlib.suppress(UserError):
            self._settle(status)
        if status["state"] == "queued" and not job_orders.exists(self.path):
            status |= {"state": "stopped", "message": "It was put into a queue elsewhere, and not begun."}
        if status["state"] == "running" and not self.is_alive(status):
            # It may have ended between the two looks.
            status = self._read_status()
            if status["state"] == "running":
                status["state"] = "interrupted"
                resumable = checkpoints.resumable_step(self.path / CHECKPOINTS)
                rest = (
                    "nothing was saved yet, so resuming begins it again"
                    if resumable is None
                    else f"it can go on from step {resumable:,}"
                )
                crash = read_crash_note(self.path) or "The process ended without a word"
                status["message"] = f"{crash}; {rest}."
        return status

    def listed_status(self) -> Mapping[str, Any]:
        """Its status as it was listed, of a run that had ended then; else as it is now."""
        return settled_runs.status_of(self) or self.status()

    def update_status(self, **fields: Any) -> None:
        """Replace fields of status.json; `updated` is set to now.

        Should somebody have removed the file while this process trains the run, it is written anew.

        Raises:
            UserError: it is corrupt or cannot be written, or the folder is another one by now.
        """
        try:
            status = read_object(self.path / STATUS)
        except UserError:
            check_same(self.path, self._held)
            if not self._last_status or (self.path / STATUS).exists():
                raise
            status = self._last_status
            logging.getLogger(__name__).warning("%s was removed; it is written anew.", self.path / STATUS)
        status = status | {"updated": time.time()} | fields
        self._replace(STATUS, status)
        if self._held is not None:
            self._last_status = status

    def is_alive(self, status: Mapping[str, Any] | None = None) -> bool:
        """Whether a process trains this run, or has just been started to."""
        if is_held(self.path):
            return True
        status = status or self._read_status()
        launching, updated = status.get("launching"), status.get("updated")
        if launching is None or updated is None:
            return False
        # Numbers of processes are used again after a while. A time to come is no witness either.
        return abs(time.time() - updated) < LAUNCH_SECONDS and process_exists(launching)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the run's lock: this process trains it. The system lets go of it even after `kill -9`.

        Raises:
            UserError: another process holds it.
        """
        refuse_strange_files(self.path)
        with hold(self.path) as self._held:
            yield

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
        check_same(self.path, self._held)
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
        """Save a checkpoint whole or not at all; see `sandbox.runs.checkpoints` for which ones are kept.

        Args:
            step: training step it belongs to.
            model: what using the model needs.
            meta: JSON values that go with it.
            resume: what going on exactly needs besides: optimizer and random states. None: only for looking
                back.
        """
        check_same(self.path, self._held)
        log_bytes = metric_log.size(self.path / METRICS)
        checkpoints.save(self.path / CHECKPOINTS, step, model, meta, resume, log_bytes)

    def checkpoints(self) -> list[int]:
        """The steps that have a checkpoint, in ascending order."""
        return checkpoints.steps(self.path / CHECKPOINTS)

    def mark_best(self, step: int) -> None:
        """Keep a checkpoint as the best so far, in place of the one that was."""
        check_same(self.path, self._held)
        checkpoints.mark_best(self.path / CHECKPOINTS, step)

    def best_checkpoint(self) -> int | None:
        """The step of the checkpoint that is marked as the best, or None."""
        return checkpoints.best(self.path / CHECKPOINTS)

    def load_model(self, step: int | None = None) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Model tensors (on the CPU) and meta data of one checkpoint, the newest by default."""
        return checkpoints.load_model(self.path / CHECKPOINTS, step)

    def resumable_step(self) -> int | None:
        """The step that resume would go on from, or None."""
        return checkpoints.resumable_step(self.path / CHECKPOINTS)

    def load_resume(self) -> tuple[int, dict[str, Tensor], dict[str, Any]]:
        """Step, tensors and data of the newest checkpoint that can be resumed; changes nothing.

        Raises:
            UserError: there is none, or a file of it is corrupt.
        """
        step = self.resumable_step()
        if step is None:
            raise UserError(f"{self.name} has no checkpoint to resume from.")
        saved = checkpoints.load(self.path / CHECKPOINTS, step)
        return saved.step, saved.tensors, saved.values

    def _settle(self, status: Mapping[str, Any]) -> None:
        """Keep this object for whoever lists runs next, if the run has ended and its config can be read."""
        files = within(self.path, STATUS), within(self.path, CONFIG)
        if status["state"] in settled_runs.ENDED and json_cache.is_kept(files[0]) and self.config:
            settled_runs.note(self, dict(status), files)

    def _read_status(self) -> dict[str, Any]:
        return UNSAID | read_checked(within(self.path, STATUS), check_status)

    def _replace(self, file: str, value: Mapping[str, Any]) -> None:
        check_same(self.path, self._held)
        settled_runs.forget(self.path)
        try:
            replace_bytes(self.path / file, json_bytes(value))
        except OSError as error:
            raise refused(
                "write", self.path / file, error, "the checkpoints saved so far are unharmed"
            ) from error
