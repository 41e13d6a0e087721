"""In which order jobs run: what was ordered in turn, then what nobody ordered, the newest first."""

import contextlib
from pathlib import Path
from typing import Any

from sandbox.errors import UserError
from sandbox.runs import Run, all_runs, job_orders

Standing = tuple[Run, dict[str, Any]]
"""A run that runs or waits, with its status."""


def standing_in(root: Path, *, afresh: bool = False) -> list[Standing]:
    """Every run that runs or waits, by name; only what this installation has ordered is a job.

    Args:
        root: the folder of all runs.
        afresh: look at each run, also at those that had ended a moment ago.
    """
    found = []
    for run in all_runs(root):
        if run.is_settled() and not afresh:
            continue
        with contextlib.suppress(UserError):
            status = run.status()
            if status["state"] in ("queued", "running"):
                ordered = job_orders.exists(run.path)
                if status.get("job") and not ordered and status.get("launching"):
                    continue  # it says that somebody else's process begins it
                status["job"] = bool(status.get("job")) and ordered
                found.append((run, status))
    return found


def queued_of(standing: list[Standing]) -> list[Standing]:
    """Those that wait, in the order in which they will start."""
    return sorted((each for each in standing if each[1]["state"] == "queued"), key=_rank)


def must_give_way(running: Standing, waiting: Standing) -> bool:
    """Whether a job is to let another one pass that waits."""
    return bool(running[1].get("gives_way")) and _rank(waiting) < _rank(running)


def _rank(standing: Standing) -> tuple[bool, float, str]:
    run, status = standing
    queued, nobody_ordered = float(status.get("queued") or 0.0), bool(status.get("gives_way"))
    return nobody_ordered, -queued if nobody_ordered else queued, run.name
