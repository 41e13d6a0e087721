"""Going on with a run: the newest checkpoint that is whole and fits, and the folder put back to its step.

Everything is read, checked and restored before anything is removed. A checkpoint that is damaged is passed
over for the one before; if none fits, nothing is changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.errors import UserError, is_user_error
from sandbox.runs import checkpoints, metric_log

if TYPE_CHECKING:
    from sandbox.runs.checkpoints import Saved
    from sandbox.runs.run import Run


def resume(run: Run, restore: Callable[[Saved], None]) -> int | None:
    """Restore the newest checkpoint that fits, and remove what came after it, since it will be made again.

    A run that was never saved is emptied, to begin again from step 0.

    Args:
        run: that is to go on; the caller holds it.
        restore: puts a checkpoint into what is trained; raises anything if it does not fit. It may be called
            again with an older one.

    Returns:
        The step it goes on from; None to begin again.

    Raises:
        UserError: there are checkpoints to go on from, but none is whole and fits. They are all still there.
    """
    folder, log = run.path / checkpoints.FOLDER, run.path / metric_log.FILE
    problems: list[str] = []
    for step in reversed(checkpoints.resumable_steps(folder)):
        try:
            saved = checkpoints.load(folder, step)
            _restore(run, saved, restore)
            metric_log.kept_bytes(log, step, saved.log_bytes)
        except UserError as error:
            problems.append(str(error))
            continue
        if problems:
            told = f"{problems[0]} {run.name} goes on from step {step:,}."
            logging.getLogger(__name__).warning(told)
        _put_back(run, step, saved.log_bytes)
        return step
    if problems:
        raise UserError(f"{problems[0]} {run.name} has no other one to go on from; nothing was changed.")
    _put_back(run, -1, 0)
    return None


def _restore(run: Run, saved: Saved, restore: Callable[[Saved], None]) -> None:
    try:
        restore(saved)
    except MemoryError:
        raise
    except Exception as error:  # whatever a file can make code do that trusts it
        if is_user_error(error):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UserError(
            f"The checkpoint of step {saved.step:,} does not fit what {run.name} trains ({reason})."
        ) from error


def _put_back(run: Run, step: int, log_bytes: int | None) -> None:
    metric_log.cut_back(run.path / metric_log.FILE, step, log_bytes)
    checkpoints.drop_after(run.path / checkpoints.FOLDER, step)
