"""The figures of a run's checkpoint on unseen examples, every baseline beside it. Builds no training."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sandbox.build_limit import BuildLimit
from sandbox.data.fingerprint import OtherDataError, source_of
from sandbox.devices import seed_everything
from sandbox.errors import UserError
from sandbox.metrics.scores import with_intervals
from sandbox.runs import Run
from sandbox.targets import import_task
from sandbox.tasks.loading import predictor_of, settings_from
from sandbox.tasks.split import Split
from sandbox.training.out_of_memory import tell_shortage

ROOM_FOR_DATA = 2**28
"""Numbers that a task's data may take: what a run folder says of their size may come from anybody."""
Figures = Mapping[str, float]
"""By name: `test_accuracy`, `test_accuracy_low`, `test_accuracy_high`."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a test found.

    Attributes:
        step: of the checkpoint.
        data: what it was tested on: a name or a path; None for the task's own data.
        tested_on: such as `599 unseen digits`; empty if nobody says.
        figures: of the checkpoint.
        baselines: figures of each baseline by its name, the strongest first.
        notes: what was left out of the data, one sentence each.
        seconds: that the checkpoint's figures took.
    """

    step: int
    data: str | None
    tested_on: str
    figures: Figures
    baselines: Mapping[str, Figures]
    notes: Sequence[str]
    seconds: float


def evaluate(
    run: Run, *, step: int | None = None, data: str | None = None, accept_data: bool = False
) -> Evaluation:
    """Test a checkpoint of a task's run, and the baselines likewise.

    Args:
        run: of a task.
        step: of the checkpoint; None for the newest.
        data: other data than the run's, a name or a path; its own test part is used.
        accept_data: use the run's data although they have changed since it was trained.

    Raises:
        UserError: the data have changed, are of other classes, or do not fit; or the checkpoint is corrupt.
    """
    task = import_task(run.config["target"])
    settings = settings_from(task, run.config.get("settings") or {})
    source = data if data is not None else own_data(run, accept_data)
    tensors, meta = run.load_model(step)
    at, classes = meta.get("step"), meta.get("classes") or []
    if not isinstance(at, int) or not isinstance(classes, list):
        raise UserError(
            f"The meta.json of {run.name}'s checkpoint is corrupt: it has no step, or no classes."
        )
    seed = int(run.config.get("seed") or 0)
    predictor = predictor_of(run, tensors, meta)
    with BuildLimit((), ROOM_FOR_DATA):
        split = task.load(settings, source)
    _check_classes(run, source, predictor, split)
    seed_everything(seed)
    started = time.perf_counter()
    try:
        figures = with_intervals(task.measure(predictor, split.test))
    except (RuntimeError, MemoryError, KeyError, ValueError) as error:
        tell_shortage(error, "while it was tested on unseen examples")
        raise UserError(f"The network of {run.name} does not fit this data: {_first_line(error)}.") from error
    seconds = time.perf_counter() - started
    synthetic = "synthetic " if split.about.synthetic else ""
    return Evaluation(
        step=at,
        data=source,
        tested_on=f"{len(split.test):,} unseen {synthetic}{split.about.things}",
        figures=figures,
        baselines=baseline_figures(task, settings, source, split),
        notes=split.about.notes,
        seconds=seconds,
    )


def baseline_figures(
    task: Any, settings: Any, data: str | None = None, split: Split[Any, Any] | None = None
) -> dict[str, Figures]:
    """Figures of each of a task's baselines by its name.

    Args:
        task: a `Task`.
        settings: of a training, which the baselines are compared with.
        data: a name or a path; None for the task's own.
        split: of these data, if they have been loaded.
    """
    examples: Any = split or task.load(settings, data)
    return {
        name: with_intervals(task.measure(predictor, examples.test))
        for name, predictor in task.baselines(settings, examples).items()
    }


def own_data(run: Run, accept: bool = False) -> str | None:
    """What the run was trained on.

    Raises:
        UserError: it is gone or has changed, unless that is accepted; says what to do.
    """
    source = source_of(run.name, run.config)
    if accept:
        return source.data
    try:
        return source.checked()
    except OtherDataError as error:
        raise UserError(
            f"{error} --data names other data to measure it on, and --accept-data takes what is there."
        ) from None


def _check_classes(run: Run, data: str | None, predictor: Any, split: Any) -> None:
    """Refuse data of other classes: their numbers would mean something else."""
    known, found = getattr(predictor.output, "classes", None), getattr(split, "classes", None)
    if known is not None and found is not None and list(known) != list(found):
        raise UserError(f"{run.name} knows other classes than {data} has: {', '.join(map(str, known))}.")
    shape, inputs = getattr(predictor.input, "shape", None), split.test.inputs
    if shape is not None and isinstance(inputs, torch.Tensor) and tuple(inputs.shape[1:]) != tuple(shape):
        takes, given = (" x ".join(map(str, sizes)) for sizes in (shape, inputs.shape[1:]))
        raise UserError(f"The network of {run.name} does not fit this data: it takes {takes}, not {given}.")


def _first_line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300].rstrip(".")
