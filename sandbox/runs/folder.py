"""The folder of all runs, and what is looked at in one before it is read."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from sandbox.errors import UserError
from sandbox.files import refused
from sandbox.runs import settled_runs

MOST_PATHS = 50_000
"""Paths that are kept, three for each run."""


def runs_dir() -> Path:
    """The folder of all runs: `$SANDBOX_RUNS`, else `runs` in the working directory."""
    return Path(os.environ.get("SANDBOX_RUNS") or "runs").absolute()


@lru_cache(maxsize=MOST_PATHS)
def within(folder: Path, name: str) -> Path:
    """A path in a folder: joining the same ones for all runs, several times a second, is half of a look."""
    return folder / name


def run_folders(root: Path | None) -> list[Path]:
    """Every folder that may be a run, by name; none where there is no folder of runs.

    Raises:
        UserError: it cannot be read.
    """
    root = root or runs_dir()
    try:
        return settled_runs.folders(root)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise refused("read", root, error, "SANDBOX_RUNS names another folder") from error


def is_there(path: Path, folder: bool = False) -> bool:
    """Whether a path that somebody typed exists; one that is too long for any file does not."""
    try:
        return path.is_dir() if folder else path.exists()
    except (OSError, ValueError):
        return False


def refuse_strange_files(path: Path) -> None:
    """Refuse a folder with anything but files and folders in it.

    What is written to a log that is a symbolic link goes elsewhere, and a pipe is waited for for ever.

    Raises:
        UserError: names it.
    """
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
                    kind = "symbolic link" if entry.is_symlink() else "pipe or device"
                    raise UserError(f"{entry.path} is a {kind}; a run folder may not hold any.")
    except OSError as error:
        raise refused("read", path, error) from error
