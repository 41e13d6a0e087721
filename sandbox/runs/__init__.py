"""Runs: the only interface between training and everything that looks at it."""

from sandbox.runs.run import (
    LAUNCH_SECONDS,
    LOG,
    STATES,
    Run,
    all_runs,
    is_there,
    list_broken_runs,
    list_runs,
    runs_dir,
)

__all__ = [
    "LAUNCH_SECONDS",
    "LOG",
    "STATES",
    "Run",
    "all_runs",
    "is_there",
    "list_broken_runs",
    "list_runs",
    "runs_dir",
]
