"""Checkpoints of a run: a folder for each, safetensors and JSON in it, kept at log-spaced steps.

Young models change fast and old ones slowly, so four checkpoints for each doubling of the step are kept:
enough to scrub back through the whole training, and few even after millions of steps.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.errors import UserError, because
from sandbox.files import TEMPORARY, json_bytes, read_bytes, read_object, temporary_path, write_bytes

if TYPE_CHECKING:
    from torch import Tensor

PER_DOUBLING = 4
LARGEST_TENSORS = 16 * 2**30
"""Bytes of a file of tensors that is read."""
MODEL, META = "model.safetensors", "meta.json"
RESUME_TENSORS, RESUME_META = "resume.safetensors", "resume.json"


def slot(step: int) -> int:
    """Of the checkpoints in one slot, the first is kept: slots are a quarter of a doubling wide."""
    return -1 if step < 1 else math.floor(PER_DOUBLING * math.log2(step) + 1e-9)


def next_kept(step: int) -> int:
    """The first step after `step` whose checkpoint is kept, so that it is worth saving."""
    return max(step + 1, math.ceil(2 ** ((slot(step) + 1) / PER_DOUBLING) - 1e-6))


def steps(folder: Path) -> list[int]:
    """The steps that have a whole checkpoint, in ascending order."""
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def folder_of(folder: Path, step: int) -> Path:
    """Where the checkpoint of one step lies."""
    return folder / f"{step:012d}"


def save(
    folder: Path,
    step: int,
    model: Mapping[str, Tensor],
    meta: Mapping[str, Any],
    resume: tuple[Mapping[str, Tensor], Mapping[str, Any]] | None,
) -> None:
    """Save one checkpoint whole or not at all, then let go of those that are no longer needed.

    Raises:
        UserError: it could not be written; says which checkpoint is the last good one.
    """
    import safetensors.torch

    target = folder_of(folder, step)
    temporary = temporary_path(target)
    sync = resume is not None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        write_bytes(temporary / MODEL, safetensors.torch.save(_independent(model)), sync)
        write_bytes(temporary / META, json_bytes(meta), sync)
        if resume is not None:
            write_bytes(temporary / RESUME_TENSORS, safetensors.torch.save(_independent(resume[0])), sync)
            write_bytes(temporary / RESUME_META, json_bytes(resume[1]), sync)
        if target.exists():
            # A folder cannot be replaced in one go; the old one steps aside, the new one takes its name.
            aside = temporary.with_name(temporary.name + "-old")
            target.rename(aside)
            temporary.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            temporary.rename(target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        good = [other for other in steps(folder) if other != step]
        rest = f"the checkpoint of step {good[-1]} is unharmed" if good else "there is no earlier checkpoint"
        raise UserError(
            f"Could not save step {step} to {target} because {because(error)}; {rest}."
        ) from error
    _thin(folder, newest=step, strip_resume=resume is not None)


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
    return _load_tensors(path / MODEL), read_object(path / META)


def resumable_step(folder: Path) -> int | None:
    """The newest step that exact resume can go on from, or None."""
    there = [step for step in steps(folder) if (folder_of(folder, step) / RESUME_META).exists()]
    return there[-1] if there else None


def load_resume(folder: Path) -> tuple[int, dict[str, Tensor], dict[str, Any]]:
    """Step, tensors and data that exact resume needs.

    Raises:
        UserError: there is no such checkpoint, or a file of it is corrupt.
    """
    step = resumable_step(folder)
    if step is None:
        raise UserError(f"{folder.parent.name} has no checkpoint to resume from; train it anew.")
    path = folder_of(folder, step)
    return step, _load_tensors(path / RESUME_TENSORS), read_object(path / RESUME_META)


def drop_after(folder: Path, step: int) -> None:
    """Remove the checkpoints of later steps and what a killed process left half written."""
    for later in steps(folder):
        if later > step:
            _remove(folder_of(folder, later))
    for leftover in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _thin(folder: Path, newest: int, strip_resume: bool) -> None:
    """Keep the first checkpoint of each slot, the newest, and the newest one that can be resumed."""
    keep_resume = newest if strip_resume else resumable_step(folder)
    taken: set[int] = set()
    for step in steps(folder):
        path = folder_of(folder, step)
        if step not in (newest, keep_resume) and slot(step) in taken:
            _remove(path)
        elif step != keep_resume:
            (path / RESUME_META).unlink(missing_ok=True)
            (path / RESUME_TENSORS).unlink(missing_ok=True)
        taken.add(slot(step))


def _remove(path: Path) -> None:
    """Remove a checkpoint; it vanishes at once, so that nobody meets half of it."""
    aside = temporary_path(path)
    try:
        path.rename(aside)
    except OSError:
        return  # it stays until somebody may remove it
    shutil.rmtree(aside, ignore_errors=True)


def _independent(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Contiguous, on the CPU and sharing no memory, as the format demands; tied weights are stored twice."""
    seen: set[int] = set()
    result = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        if plain.numel() and plain.untyped_storage().data_ptr() in seen:
            plain = plain.clone()
        seen.add(plain.untyped_storage().data_ptr())
        result[name] = plain
    return result


def _load_tensors(path: Path) -> dict[str, Tensor]:
    import safetensors.torch
    from safetensors import SafetensorError

    try:
        return safetensors.torch.load(read_bytes(path, LARGEST_TENSORS))
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except (SafetensorError, ValueError) as error:
        raise UserError(f"{path} is corrupt: {error}.") from error
