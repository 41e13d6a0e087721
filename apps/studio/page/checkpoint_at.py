"""The checkpoint of an age, although a training thins its checkpoints out while somebody looks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sandbox.errors import UserError
from sandbox.runs import Run, checkpoints

T = TypeVar("T")
MOST = 5
"""Times that a checkpoint may go between being listed and being read."""


@dataclass(frozen=True)
class Found(Generic[T]):
    """A checkpoint that could be read."""

    step: int
    written: float
    """When, as a time stamp: a run's name may come again after it was deleted."""
    model: T
    """What the reader made of it."""


def at_age(run: Run, age: int | None, read: Callable[[str, int, float], T]) -> Found[T] | None:
    """What a run was at an age, or is now.

    Args:
        run: which.
        age: step of a checkpoint; None, or one that is not kept any more, for the newest.
        read: makes something of the run's path, the step and when it was written; may be cached by them.

    Returns:
        What was read; None before the run's first checkpoint.

    Raises:
        UserError: a checkpoint is there and cannot be read; says why.
    """
    for _ in range(MOST):
        steps = run.checkpoints()
        if not steps:
            return None
        step = age if age in steps else steps[-1]
        try:
            written = checkpoints.folder_of(run.path / checkpoints.FOLDER, step).stat().st_mtime
            return Found(step, written, read(str(run.path), step, written))
        except (FileNotFoundError, UserError):
            if step in run.checkpoints():
                raise
    return None
