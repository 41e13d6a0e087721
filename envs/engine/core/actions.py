"""What people and agents hand over as actions, as arrays that compiled code takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from envs.engine.errors import BadAction, BadArray


def action_array(space: spaces.Space, given: Any, num_envs: int) -> np.ndarray:
    """Turn actions into a C-contiguous, writable array of the space's dtype, or refuse them.

    Whole numbers may be of any integer dtype. Floats stand for whole numbers in `MultiBinary` spaces only, as
    Gymnasium has it, and only where they are whole. Nothing is rounded, and nothing wraps around.

    Args:
        space: of one action.
        given: one action for each environment: an array, or anything that NumPy makes one of.
        num_envs: how many environments there are.

    Returns:
        The array given, if it can be taken as it is; else a new one, (num_envs, *space.shape).

    Raises:
        BadArray: another shape.
        BadAction: numbers of a kind that the space does not have.
    """
    dtype, shape = np.dtype(space.dtype), (num_envs, *(space.shape or ()))
    if isinstance(given, np.ndarray) and given.dtype == dtype and given.shape == shape and given.flags.carray:
        return given
    try:
        array = np.asarray(given)
    except ValueError:
        raise BadArray(f"actions must have shape {shape}; these are lists of different lengths.") from None
    if array.shape != shape:
        raise BadArray(f"actions must have shape {shape}, not {array.shape}.")
    kinds = "biuf" if dtype.kind == "f" or isinstance(space, spaces.MultiBinary) else "biu"
    if array.dtype.kind not in kinds:
        wanted = "numbers" if dtype.kind == "f" else f"whole numbers ({dtype})"
        raise BadAction(f"actions must be {wanted}, not {array.dtype}.")
    with np.errstate(invalid="ignore"):
        converted = np.array(array, dtype, order="C")
    if dtype.kind != "f" and not np.can_cast(array.dtype, dtype) and not np.array_equal(converted, array):
        raise BadAction(f"actions must be whole numbers ({dtype}); {_first(array, converted)} is none.")
    return converted


def _first(array: np.ndarray, converted: np.ndarray) -> Any:
    """The first number that conversion changed."""
    return array[array != converted][0]
