"""What a run folder says about a task, read and checked: its settings, and the predictor of a checkpoint."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sandbox.build_limit import BuildLimit
from sandbox.errors import UserError
from sandbox.runs import Run
from sandbox.settings import from_json
from sandbox.targets import import_task


def load_predictor(run: Run, step: int | None = None) -> Any:
    """The `Predictor` of a task's run at one of its checkpoints, the newest by default.

    Raises:
        UserError: the run is an agent's, has no such checkpoint, or a file of it is corrupt.
    """
    target = run.config["target"]
    if run.config.get("kind") != "task":
        raise UserError(f"{run.name} trains an agent in {target}; it predicts nothing.")
    return predictor_of(run, *run.load_model(step))


def predictor_of(run: Run, tensors: Mapping[str, Any], meta: Mapping[str, Any]) -> Any:
    """The `Predictor` made of a checkpoint that has been read.

    Raises:
        UserError: the checkpoint does not fit the task as it is now.
    """
    target = run.config["target"]
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
