"""Which runs there are."""

from __future__ import annotations

from pathlib import Path

from sandbox.runs import settled_runs
from sandbox.runs.folder import run_folders
from sandbox.runs.run import Run


def all_runs(root: Path | None) -> list[Run]:
    """Every run folder, whether it can be read or not, by name; of settled ones the run that is known."""
    return [settled_runs.known(path) or Run(path) for path in run_folders(root)]


def list_runs(root: Path | None = None) -> list[Run]:
    """All runs that can be read, the newest first."""
    runs = [run for run in all_runs(root) if run.is_settled() or run.problem() is None]
    return sorted(runs, key=lambda run: (run.config["created"], run.name), reverse=True)


def list_broken_runs(root: Path | None = None) -> list[tuple[Run, str]]:
    """Runs whose config.json or status.json cannot be read, each with the sentence that names the file."""
    unsettled = [run for run in all_runs(root) if not run.is_settled()]
    return [(run, problem) for run in unsettled if (problem := run.problem()) is not None]
