"""Runs as zip files, and a bin that gives the last deleted run back."""

import io
import shutil
import zipfile
from pathlib import Path

from sandbox.errors import UserError, because
from sandbox.runs import Run, runs_dir

HARMLESS = (".json", ".jsonl", ".safetensors", ".txt")
"""What a zip holds: text and plain tensors, nothing that could run code when it is opened."""
BIN = ".bin"
"""Folder beside the runs; its dot keeps it out of every list of runs."""


def zip_run(run: Run) -> bytes:
    """The run's folder as a zip file: config, status, metrics, log and every checkpoint.

    Raises:
        UserError: a file cannot be read.
    """
    memory = io.BytesIO()
    try:
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(run.path.rglob("*")):
                inside = path.relative_to(run.path)
                hidden = any(part.startswith(".") for part in inside.parts)
                if path.is_file() and not path.is_symlink() and path.suffix in HARMLESS and not hidden:
                    archive.write(path, Path(run.name) / inside)
    except OSError as error:
        raise UserError(f"{run.name} could not be packed because {because(error)}.") from error
    return memory.getvalue()


def throw_away(run: Run) -> None:
    """Move a run into the bin; what lay there before is gone for good.

    Raises:
        UserError: it is being trained, or may not be moved.
    """
    if run.is_alive():
        raise UserError(f"{run.name} is being trained; stop it first.")
    bin_folder = run.path.parent / BIN
    try:
        shutil.rmtree(bin_folder, ignore_errors=True)
        bin_folder.mkdir(exist_ok=True)
        run.path.rename(bin_folder / run.name)
    except OSError as error:
        raise UserError(f"{run.name} could not be deleted because {because(error)}.") from error


def in_bin() -> str | None:
    """Name of the run that `bring_back` would give back, or None."""
    bin_folder = runs_dir() / BIN
    names = sorted(path.name for path in bin_folder.iterdir()) if bin_folder.is_dir() else []
    return names[0] if names else None


def bring_back(name: str) -> Run:
    """Give a run back from the bin.

    Raises:
        UserError: it is not there any more, or another run has taken its name.
    """
    source, target = runs_dir() / BIN / name, runs_dir() / name
    if target.exists():
        raise UserError(f"{name} cannot come back: another run has that name now.")
    try:
        source.rename(target)
    except OSError as error:
        raise UserError(f"{name} cannot come back because {because(error)}.") from error
    return Run(target)
