"""Runs: the only interface between training and everything that looks at it."""

from sandbox.runs.folder import is_there, runs_dir
from sandbox.runs.listing import all_runs, list_broken_runs, list_runs
from sandbox.runs.run import LAUNCH_SECONDS, LOG, Run
from sandbox.runs.schema import STATES

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
