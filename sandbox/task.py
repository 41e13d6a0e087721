"""What a demo must offer so that the command line and the studio can train it.

A task is one file, `apps/<domain>/<task>.py`, with an instance `TASK` of a subclass of `Task`. It holds data
with a split that does not leak, a model and its learner, figures on what was held out, a baseline that a
sensible person would try first, and a predictor that works from a checkpoint alone.
"""

from __future__ import annotations

import contextlib
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from sandbox.build_limit import BuildLimit
from sandbox.data.fingerprint import described, source_of
from sandbox.devices import describe, pick_device, seed_everything, set_threads
from sandbox.errors import UserError, did_you_mean
from sandbox.progress import Progress
from sandbox.runs import Run
from sandbox.settings import check, from_json
from sandbox.task_script import Recipe, with_library
from sandbox.training import distributed
from sandbox.training.early_stopping import EarlyStopping
from sandbox.training.fit import Learner, fit
from sandbox.training.learning_rate import Search, find_learning_rate
from sandbox.training.memory import Foreseen, tell_shortage
from sandbox.training.supervised import Supervised

Settings = TypeVar("Settings")


@dataclass(frozen=True, kw_only=True)
class Training:
    """All that one training of a task needs."""

    learner: Learner[Any]
    """Owns the model and learns."""
    batches: Callable[[int], Any]
    """The batch of each step."""
    total: int
    """Steps in all."""
    evaluate: Callable[[], Mapping[str, float]]
    """Figures for the curve while training, fast."""
    test: Callable[[], Mapping[str, float]]
    """The final figures on what was held out, with `<figure>_low` and `<figure>_high` around the main one."""
    stopping: EarlyStopping | None = None
    """May end the training early, by examples of the training part that were kept aside."""
    threads: int | None = None
    """Threads of the CPU that suit it best, if the user names none; None for torch's own choice."""
    notes: Sequence[str] = ()
    """What a person should know of the data, such as how many files were left out; one sentence each."""
    meta: Mapping[str, Any]
    """JSON values from which, with a checkpoint's tensors, `Task.predictor` makes a predictor."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a sensible person would try first, on the same split."""

    name: str
    """Such as `nearest neighbour`."""
    metrics: Mapping[str, float]
    """The same figures as `Training.test` gives."""


class Task(ABC, Generic[Settings]):
    """A demo's contract. Subclass it, and put one instance named `TASK` into the file."""

    title: ClassVar[str]
    """The question a person would ask."""
    metric: ClassVar[str]
    """The main figure of `Training.test`; larger is better."""
    presets: ClassVar[Mapping[str, Any]]
    """Settings by name; the first is the default."""
    data_sets: ClassVar[Collection[str]] = ()
    """Names that `data` may have besides a path: data sets that are built in."""

    def settings(self, preset: str | None = None) -> Settings:
        """The settings of a preset, by default the first.

        Raises:
            UserError: there is no such preset; names the nearest.
        """
        if preset is None:
            return next(iter(self.presets.values()))
        if preset not in self.presets:
            hint = did_you_mean(preset, self.presets) or f" There are {', '.join(self.presets)}."
            raise UserError(f"There is no preset {preset!r}.{hint}")
        return self.presets[preset]

    @abstractmethod
    def prepare(self, settings: Settings, *, data: str | None, seed: int, device: torch.device) -> Training:
        """Read the data and build what learns.

        Args:
            settings: of the training.
            data: name of a data set or a path; None for the task's own.
            seed: of weights and batches; torch's generators are seeded with it already.
            device: to learn on.

        Raises:
            UserError: the data cannot be used, or a setting makes no sense.
        """

    @abstractmethod
    def baseline(self, settings: Settings, data: str | None = None) -> Baseline:
        """Figures of the baseline on the same split."""

    @abstractmethod
    def predictor(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Any:
        """What a demo asks for answers, from the tensors and meta data of a checkpoint; on the CPU."""

    def script(self, recipe: Recipe) -> str:
        """A Python file that trains the same again, or measures its weights, without the command line."""
        return with_library(recipe)


def train_task(task: Any, settings: Any, run: Run, resume: bool = False) -> Generator[Progress, None, None]:
    """Train a task, yielding progress; closing the generator saves a checkpoint that resumes exactly.

    Seed, device, threads and data come from the run's configuration, which then keeps the absolute path and
    the fingerprint of the data; a resumed run refuses others. When all steps are done, the figures on the
    held-out part are logged as the last row of the run's metrics, with the seconds of training.

    Raises:
        UserError: as `Task.prepare` and `fit`.
    """
    if resume:
        source_of(run.name, run.config).checked()
    else:
        run.update_config(**described(run.config.get("data"), task.data_sets))
    config = run.config
    training, device, team = _prepared(task, settings, config)
    run.update_config(
        settings=asdict(settings),
        seed=int(config.get("seed") or 0),
        device=str(device),
        threads=set_threads(None),
        hardware=describe(device),
        processes=1 if team is None else team.size,
        notes=list(training.notes),
    )
    with contextlib.nullcontext(training.batches) if team is None else team.led(training.batches) as batches:
        seconds = yield from fit(
            training.learner,
            batches,
            training.total,
            run=run,
            evaluate=training.evaluate,
            meta=training.meta,
            resume=resume,
            stopping=training.stopping,
        )
    try:
        figures = dict(training.test())
    except (RuntimeError, MemoryError) as error:
        tell_shortage(error, "while the held-out part was looked at")
        raise
    step = run.checkpoints()[-1]  # less than the total if the training was stopped early
    run.log(step, seconds, figures)
    yield Progress(step, step, "step", {**figures, "seconds": seconds})


def follow_task(task: Any, settings: Any, config: Mapping[str, Any]) -> None:
    """Train with process 0 of several, which owns the run; see `sandbox.training.distributed`.

    Args:
        task: as that of process 0.
        settings: likewise.
        config: likewise seed, device, threads and data.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # process 0 decides when to stop, and needs the others for it
    training, _, team = _prepared(task, settings, config)
    assert team is not None, "only for processes that torchrun has started"
    team.follow(training.batches)


def find_rate(task: Any, settings: Any, config: Mapping[str, Any]) -> Search:
    """Look for the learning rate of a task; leaves no run.

    Args:
        task: whose learner is a `Supervised` one.
        settings: of the training; their learning rate and schedule do not matter.
        config: seed, device, threads and data, as in a run's.

    Raises:
        UserError: another learner, or a loss that never falls.
    """
    training, _, _ = _prepared(task, settings, config)
    if not isinstance(training.learner, Supervised):
        learner = type(training.learner).__name__
        raise UserError(f"A learning rate can only be looked for in supervised learning, not {learner}.")
    return find_learning_rate(training.learner, training.batches)


def _prepared(
    task: Any, settings: Any, config: Mapping[str, Any]
) -> tuple[Training, torch.device, distributed.Team | None]:
    """The training with its device, and the processes that share it if there are several."""
    check(settings)
    shared = distributed.is_asked_for()
    name, seed = config.get("device") or "auto", int(config.get("seed") or 0)
    device = distributed.own_device(name) if shared else pick_device(name)
    seed_everything(seed)
    try:
        with Foreseen():
            training = _training_of(task, settings, config.get("data"), seed, device)
    except (RuntimeError, MemoryError) as error:
        tell_shortage(error, "while data and network were prepared")
        raise
    set_threads(config.get("threads") or training.threads)
    return training, device, distributed.Team(training.learner, device, seed) if shared else None


def _training_of(task: Any, settings: Any, data: str | None, seed: int, device: torch.device) -> Training:
    """The training of a task of either contract, until all have moved to `sandbox.tasks`."""
    from sandbox.metrics.scores import means, with_intervals

    if isinstance(task, Task):
        return task.prepare(settings, data=data, seed=seed, device=device)
    split = task.load(settings, data)
    new = task.prepare(settings, split, seed=seed, device=device)
    live = split.test.some(task.live)
    return Training(
        learner=new.learner,
        batches=new.batches,
        total=new.total,
        evaluate=lambda: means(task.measure(new.predictor, live)),
        test=lambda: with_intervals(task.measure(new.predictor, split.test)),
        stopping=new.stopping,
        threads=new.threads,
        notes=split.about.notes,
        meta=new.meta,
    )


def load_predictor(run: Run, step: int | None = None) -> Any:
    """The predictor of a task's run at one of its checkpoints, the newest by default.

    Raises:
        UserError: the run is an agent's, has no such checkpoint, or a file of it is corrupt.
    """
    from sandbox.targets import import_task

    target = run.config["target"]
    if run.config.get("kind") != "task":
        raise UserError(f"{run.name} trains an agent in {target}; it predicts nothing.")
    tensors, meta = run.load_model(step)
    task = import_task(target)
    try:
        with BuildLimit(tensors.values()):
            return task.predictor(tensors, meta)
    except Exception as error:  # what a checkpoint says may be anything, and fail anywhere
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise UserError(
            f"The checkpoint of {run.name} does not fit the task {target} as it is now: {reason[:300]}."
        ) from error


def settings_from(task: Any, values: Mapping[str, Any]) -> Any:
    """Settings of a task from the JSON values in a run's configuration.

    Raises:
        UserError: an unknown setting, from another version of the task, or a value outside its range or of
            another kind; names it.
    """
    default = task.settings()
    known = asdict(default)
    for name in values:
        if name not in known:
            raise UserError(f"The run has a setting {name!r} that the task no longer knows.")
    return from_json(default, values)
