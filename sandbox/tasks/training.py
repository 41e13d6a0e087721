"""A task's training as a generator: load the data, prepare what learns, fit, then test once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from sandbox.data.fingerprint import described, source_of
from sandbox.devices import describe, pick_device, seed_everything, set_threads
from sandbox.errors import UserError
from sandbox.metrics.scores import means, with_intervals
from sandbox.progress import Progress
from sandbox.runs import Run
from sandbox.settings import check
from sandbox.tasks.fetching import fetch, fetching, wanted
from sandbox.training import distributed, process_group
from sandbox.training.fit import fit
from sandbox.training.learning_rate import Search, find_learning_rate
from sandbox.training.out_of_memory import Foreseen, tell_shortage
from sandbox.training.supervised import Supervised

Figures = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A training that is ready to begin.

    Attributes:
        training: the task's.
        evaluate: quick figures for the curve.
        test: the final figures on all unseen examples, with intervals.
        notes: what was left out of the data, one sentence each.
        device: to learn on.
        team: the processes that share it; None if it is one.
    """

    training: Any
    evaluate: Callable[[], Figures]
    test: Callable[[], Figures]
    notes: Sequence[str]
    device: torch.device
    team: distributed.Team | None = None


def train_task(task: Any, settings: Any, run: Run, resume: bool = False) -> Generator[Progress, None, None]:
    """Train a task, yielding progress; closing the generator saves a checkpoint that resumes exactly.

    Seed, device, threads and data come from the run's configuration, which then keeps the absolute path and
    the fingerprint of the data; a resumed run refuses others. When all steps are done, the figures on the
    unseen examples are logged as the last row of the run's metrics, with the seconds of training.

    Args:
        task: a `Task`.
        settings: of the training.
        run: where it is kept.
        resume: go on from the run's last checkpoint.

    Raises:
        UserError: as `Task.load`, `Task.prepare` and `fit`.
    """
    if resume:
        source_of(run.name, run.config).checked()
    else:
        run.update_config(**described(run.config.get("data"), task.data_sets))
    config = run.config
    if name := wanted(task, config.get("data")):
        yield from fetching(name)
    prepared = prepare(task, settings, config)
    training, team = prepared.training, prepared.team
    run.update_config(
        settings=asdict(settings),
        seed=int(config.get("seed") or 0),
        device=str(prepared.device),
        threads=set_threads(None),
        hardware=describe(prepared.device),
        processes=1 if team is None else team.size,
        notes=list(prepared.notes),
    )
    with contextlib.nullcontext(training.batches) if team is None else team.led(training.batches) as batches:
        seconds = yield from fit(
            training.learner,
            batches,
            training.total,
            run=run,
            evaluate=prepared.evaluate,
            meta=training.meta,
            resume=resume,
            stopping=training.stopping,
        )
    try:
        figures = dict(prepared.test())
    except (RuntimeError, MemoryError) as error:
        tell_shortage(error, "while it was tested on unseen examples")
        raise
    step = run.checkpoints()[-1]  # less than the total if the training was stopped early
    run.log(step, seconds, figures)
    yield Progress(step, step, "step", {**figures, "seconds": seconds})


def follow_task(task: Any, settings: Any, config: Mapping[str, Any]) -> None:
    """Train with process 0 of several, which owns the run; see `sandbox.training.process_group`.

    Args:
        task: as that of process 0.
        settings: likewise.
        config: likewise seed, device, threads and data.
    """
    process_group.outlive_signals()
    if name := wanted(task, config.get("data")):
        fetch(name)  # waits for process 0
    prepared = prepare(task, settings, config)
    assert prepared.team is not None, "only for processes that torchrun has started"
    prepared.team.follow(prepared.training.batches)


def find_rate(task: Any, settings: Any, config: Mapping[str, Any]) -> Search:
    """Look for the learning rate of a task; leaves no run.

    Args:
        task: whose learner is a `Supervised` one.
        settings: of the training; their learning rate and schedule do not matter.
        config: seed, device, threads and data, as in a run's.

    Raises:
        UserError: another learner, or a loss that never falls.
    """
    if name := wanted(task, config.get("data")):
        fetch(name)
    training = prepare(task, settings, config).training
    if not isinstance(training.learner, Supervised):
        learner = type(training.learner).__name__
        raise UserError(f"A learning rate can only be looked for in supervised learning, not {learner}.")
    return find_learning_rate(training.learner, training.batches)


def prepare(task: Any, settings: Any, config: Mapping[str, Any]) -> Prepared:
    """Load the data and build what learns, within the memory there is.

    Args:
        task: a `Task`.
        settings: of the training.
        config: seed, device, threads and data, as in a run's.

    Raises:
        UserError: a setting or the data cannot be used, or memory would run out.
    """
    check(settings)
    shared = process_group.is_asked_for()
    device, seed = pick_device(config.get("device") or "auto"), int(config.get("seed") or 0)
    device = process_group.own_device(device) if shared else device
    seed_everything(seed)
    try:
        with Foreseen():
            prepared = _prepared(task, settings, config.get("data"), seed, device)
    except (RuntimeError, MemoryError) as error:
        tell_shortage(error, "while data and network were prepared")
        raise
    training = prepared.training
    set_threads(config.get("threads") or training.threads)
    team = distributed.Team(training.learner, device, seed) if shared else None
    return Prepared(**{**vars(prepared), "team": team})


def _prepared(task: Any, settings: Any, data: str | None, seed: int, device: torch.device) -> Prepared:
    split = task.load(settings, data)
    training = task.prepare(settings, split, seed=seed, device=device)
    live = split.test.some(task.live)
    return Prepared(
        training=training,
        evaluate=lambda: means(task.measure(training.predictor, live)),
        test=lambda: with_intervals(task.measure(training.predictor, split.test)),
        notes=split.about.notes,
        device=device,
    )
