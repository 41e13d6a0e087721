"""What a person played, read back as demonstrations: files of `agents.viewing.recording`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gymnasium import spaces

from agents.environments import Target
from agents.imitation.demonstrations import Demonstrations
from agents.pqn.self_play import OPPONENT
from sandbox.data.formats import npz
from sandbox.errors import UserError
from sandbox.files import path_text, typed_path

NAMES = ("obs", "actions", "rewards", "terminated", "lengths", "about")
LEAST_STEPS = 50
"""Of play; from fewer nothing can be learned."""


def read(file: str | Path, target: Target, params: Mapping[str, Any] | None = None) -> Demonstrations:
    """Read a recording as demonstrations. Nothing in it is unpickled.

    Args:
        file: of the recording.
        target: the environment that is to be played.
        params: its parameters that differ from their defaults.

    Raises:
        UserError: there is no such file, or it is damaged, no recording, of another environment or of other
            physics, or too short; says which.
    """
    path = typed_path(file)
    text = path_text(path)
    arrays = npz.read(path, NAMES)
    about = _about(arrays["about"], text)
    if about["id"] != target.id:
        raise UserError(f"{text} was played in {about['id']}; it cannot show how to play {target.name}.")
    _check_params(about["params"], target, params or {}, text)
    seen, acts = target.spaces(params)
    lengths = np.atleast_1d(arrays["lengths"])
    steps = len(np.atleast_1d(arrays["actions"]))
    fits = (
        _fits(arrays["obs"], seen.dtype, (steps, *(seen.shape or ())))
        and _fits(arrays["actions"], acts.dtype, (steps, *(acts.shape or ())))
        and _fits(arrays["rewards"], np.float64, (steps,))
        and _fits(arrays["terminated"], np.bool_, (steps,))
        and _fits(lengths, np.int64, (len(lengths),))
        and (lengths > 0).all()
        and lengths.sum() == steps
        and all(acts.contains(action) for action in arrays["actions"])
        and (isinstance(seen, spaces.Box) or all(seen.contains(obs) for obs in arrays["obs"]))
    )
    if not fits:
        raise UserError(f"{text} is damaged: it does not hold what is seen and done in {target.name}.")
    if steps < LEAST_STEPS:
        raise UserError(
            f"{text} holds {steps:,} steps of play; at least {LEAST_STEPS} are needed: play a little longer."
        )
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Demonstrations(
        torch.from_numpy(arrays["obs"]),
        torch.from_numpy(arrays["actions"]),
        int(arrays["terminated"].sum()),
        torch.from_numpy(np.add.reduceat(arrays["rewards"], starts)),
    )


def _about(array: np.ndarray, text: str) -> dict[str, Any]:
    """What a recording says of itself."""
    try:
        about = json.loads(str(array))
        if array.shape == () and isinstance(about["id"], str) and isinstance(about["params"], dict):
            return {"id": about["id"][:100], "params": about["params"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise UserError(f"{text} is no recording of play, as `sandbox play NAME --record FILE` makes one.")


def _check_params(played: Mapping[str, Any], target: Target, params: Mapping[str, Any], text: str) -> None:
    """Refuse a recording of other physics than those of the training; the opponent may be another one."""
    if target.environment is None:
        return
    for name, param in target.environment.params.items():
        value = played.get(name, param.default)
        wanted = params.get(name, param.default)
        known = isinstance(value, int | float)
        if name != OPPONENT and (not known or not np.isclose(value, wanted)):
            shown = f"{value:g}" if known else "another value"
            raise UserError(
                f"{text} was played with {name} {shown}, not {wanted:g}: train with --params {name} {shown}."
            )


def _fits(values: np.ndarray, dtype: Any, shape: tuple[int, ...]) -> bool:
    """Whether an array has a type and a shape, and finite numbers."""
    finite = values.dtype.kind != "f" or np.isfinite(values).all()
    return values.dtype == dtype and values.shape == shape and bool(finite)
