"""Checkpoints of a run: a folder for each, safetensors and JSON in it, kept at log-spaced steps.

Young models change fast and old ones slowly, so four checkpoints for each doubling of the step are kept:
enough to scrub back through the whole training, and few even after millions of steps. The two newest that
have all that exact resume needs keep it: should one be damaged, there is the other. One that is marked as the
best is kept as well.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import UserError, because
from sandbox.files import TEMPORARY, await_disk, json_bytes, read_object, temporary_path, write_bytes
from sandbox.runs.checksums import checksum, checksum_of_values, verify
from sandbox.runs.tensor_files import check_finite, read_content, read_tensors, write_tensors

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = "checkpoints"
"""Its name in a run."""
PER_DOUBLING = 4
BEST = "best"
"""A file beside the checkpoints that names the best one's step."""
RESUMABLE = 2
"""Checkpoints that keep what exact resume needs."""
MODEL, META = "model.safetensors", "meta.json"
RESUME_TENSORS, RESUME_META = "resume.safetensors", "resume.json"
CHECKSUMS, LOG_BYTES = "checksums", "metrics_bytes"
"""Keys of meta.json that are the checkpoint's own; a reader of its meta data does not see them."""
OLD = re.compile(rf"{re.escape(TEMPORARY)}(\d+)-\d+-old")
"""The name of a checkpoint that steps aside for a newer one of the same step."""


@dataclass(frozen=True)
class Saved:
    """A checkpoint that can be resumed, whole and checked."""

    step: int
    """Training step it belongs to."""
    model: dict[str, Tensor]
    """What using the model needs; on the CPU."""
    tensors: dict[str, Tensor]
    """What going on exactly needs besides; on the CPU."""
    values: dict[str, Any]
    """JSON values that go with them."""
    log_bytes: int | None
    """Length of metrics.jsonl when it was saved; None in checkpoints of earlier versions."""


def slot(step: int) -> int:
    """Of the checkpoints in one slot, the first is kept: slots are a quarter of a doubling wide."""
    return -1 if step < 1 else math.floor(PER_DOUBLING * math.log2(step) + 1e-9)


def next_kept(step: int) -> int:
    """The first step after `step` whose checkpoint is kept, so that it is worth saving."""
    return max(step + 1, math.ceil(2 ** ((slot(step) + 1) / PER_DOUBLING) - 1e-6))


def steps(folder: Path) -> list[int]:
    """The steps that have a whole checkpoint, in ascending order."""
    return sorted(_folders(folder))


def mark_best(folder: Path, step: int) -> None:
    """Keep one checkpoint as the best so far, in place of the one that was."""
    write_bytes(folder / BEST, str(step).encode(), False)


def best(folder: Path) -> int | None:
    """The step of the checkpoint that is marked as the best, if it is there."""
    try:
        with (folder / BEST).open("rb") as file:
            text = file.read(20).decode()
    except (OSError, ValueError):
        return None
    return int(text) if text.isdecimal() and int(text) in _folders(folder) else None


def folder_of(folder: Path, step: int) -> Path:
    """Where the checkpoint of one step lies, or would lie."""
    plain = folder / f"{step:012d}"
    return plain if plain.exists() else _folders(folder).get(step, plain)


def save(
    folder: Path,
    step: int,
    model: Mapping[str, Tensor],
    meta: Mapping[str, Any],
    resume: tuple[Mapping[str, Tensor], Mapping[str, Any]] | None,
    log_bytes: int | None = None,
) -> None:
    """Save one checkpoint whole or not at all, then let go of those that are no longer needed.

    Raises:
        UserError: it could not be written; says from which checkpoint the run can go on.
    """
    target = folder / f"{step:012d}"
    temporary = temporary_path(target)
    checksums: dict[str, str] = {}

    try:
        folder.mkdir(exist_ok=True)  # without parents: a run that was renamed is not made again
        try:
            temporary.mkdir()
        except FileExistsError:  # left by a process that was killed and had the same number
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
        checksums[MODEL] = write_tensors(temporary / MODEL, model)
        if resume is not None:
            checksums[RESUME_TENSORS] = write_tensors(temporary / RESUME_TENSORS, resume[0])
            values = json_bytes(resume[1])
            checksums[RESUME_META] = checksum(values)
            write_bytes(temporary / RESUME_META, values)
        described = dict(meta) if log_bytes is None else {**meta, LOG_BYTES: log_bytes}
        checksums[META] = checksum_of_values(described)
        write_bytes(temporary / META, json_bytes({**described, CHECKSUMS: checksums}))
        # A run that has lost its first checkpoint in a power cut begins again and loses nothing.
        if resume is not None and step > 0:
            for name in checksums:  # after all are written: the first takes most of the others along
                await_disk(temporary / name)
        _put(temporary, target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise UserError(
            f"Could not save step {step} to {target} because {because(error)}; {_what_is_left(folder, step)}."
        ) from error
    _thin(folder, newest=step)


def load_model(folder: Path, step: int | None = None) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and meta data of one checkpoint, the newest by default.

    Raises:
        UserError: there is none, or not of this step, or a file of it is corrupt.
    """
    there = steps(folder)
    if not there:
        raise UserError(f"{folder.parent.name} has no checkpoint yet.")
    if step is None:
        step = there[-1]
    elif step not in there:
        close = min(there, key=lambda other: abs(other - step))
        raise UserError(f"{folder.parent.name} has no checkpoint of step {step}; the nearest is {close}.")
    path = folder_of(folder, step)
    try:
        tensors, meta, _, _ = _load_model(path)
    except UserError:
        if (now := folder_of(folder, step)) == path and path.exists():
            raise
        tensors, meta, _, _ = _load_model(now)  # it was just saved again
    return tensors, meta


def resumable_steps(folder: Path) -> list[int]:
    """The steps that exact resume can go on from, in ascending order."""
    return sorted(step for step, path in _folders(folder).items() if (path / RESUME_META).exists())


def resumable_step(folder: Path) -> int | None:
    """The newest step that exact resume can go on from, or None."""
    return next(reversed(resumable_steps(folder)), None)


def load(folder: Path, step: int) -> Saved:
    """All of a checkpoint that can be resumed; nothing is changed.

    Raises:
        UserError: a file of it is missing or corrupt.
    """
    path = folder_of(folder, step)
    model, _, checksums, log_bytes = _load_model(path)
    tensors = read_tensors(path / RESUME_TENSORS, checksums)
    verify(path / RESUME_META, checksum(read_content(path / RESUME_META)), checksums)
    values = read_object(path / RESUME_META)
    if not checksums:
        check_finite(path / MODEL, model)
        check_finite(path / RESUME_TENSORS, tensors)
    return Saved(step, model, tensors, values, log_bytes)


def drop_after(folder: Path, step: int) -> None:
    """Remove the checkpoints of later steps and what a killed process left half written."""
    for there, path in _folders(folder).items():
        if there > step:
            _remove(path)
        elif not path.name.isdecimal():
            path.rename(folder / f"{there:012d}")
    for leftover in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _folders(folder: Path) -> dict[int, Path]:
    """Where each step's checkpoint lies: by its name, or aside if its successor never took its place."""
    named, aside = {}, {}
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - paths of all that is there take three times as long
            if name.isdecimal():
                named[int(name)] = folder / name
            elif found := OLD.fullmatch(name):
                aside[int(found[1])] = folder / name
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return aside | named


def _put(temporary: Path, target: Path) -> None:
    """Give a new checkpoint its name, whether or not there is one of the same step.

    A folder cannot be replaced in one go. The old one steps aside, still counts until the new one is in its
    place, and comes back should that fail.
    """
    if not target.exists():
        temporary.rename(target)
        return
    aside = temporary.with_name(temporary.name + "-old")
    shutil.rmtree(aside, ignore_errors=True)
    target.rename(aside)
    try:
        temporary.rename(target)
    except OSError:
        aside.rename(target)
        raise
    _remove(aside)


def _what_is_left(folder: Path, failed: int) -> str:
    resumable, there = resumable_steps(folder), [step for step in steps(folder) if step != failed]
    if resumable or there:
        return f"the checkpoint of step {(resumable or there)[-1]} is unharmed"
    return "there is no earlier checkpoint"


def _thin(folder: Path, newest: int) -> None:
    """Keep the first checkpoint of each slot, the newest, the best, and the two that can be resumed."""
    there = sorted(_folders(folder).items())
    # One look into each: to ask for files that most do not have takes longer than to write a small network.
    files = {step: _names(path) for step, path in there}
    keep_resume = [step for step, _ in there if RESUME_META in files[step]][-RESUMABLE:]
    stay = {newest, best(folder), *keep_resume}
    taken: set[int] = set()
    for step, path in there:
        if step not in stay and slot(step) in taken:
            _remove(path)
        elif step not in keep_resume:
            for name in (RESUME_META, RESUME_TENSORS):
                if name in files[step]:
                    (path / name).unlink(missing_ok=True)
        taken.add(slot(step))


def _names(path: Path) -> list[str]:
    try:
        return os.listdir(path)  # noqa: PTH208
    except OSError:
        return []


def _remove(path: Path) -> None:
    """Remove a checkpoint; it vanishes at once, so that nobody meets half of it."""
    aside = temporary_path(path)
    try:
        path.rename(aside)
    except OSError:
        return  # it stays until somebody may remove it
    shutil.rmtree(aside, ignore_errors=True)


def _load_model(path: Path) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Any], int | None]:
    """Tensors, meta data, the checksums of all files, and the length of metrics.jsonl."""
    meta = read_object(path / META)
    checksums = meta.pop(CHECKSUMS, None)
    if not isinstance(checksums, dict):
        checksums = {}
    verify(path / META, checksum_of_values(meta), checksums)
    log_bytes = meta.pop(LOG_BYTES, None)
    tensors = read_tensors(path / MODEL, checksums)
    return tensors, meta, checksums, log_bytes if isinstance(log_bytes, int) else None
