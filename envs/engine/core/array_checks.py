"""What a batch refuses: arrays that its kernels cannot take, and more copies than memory holds."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from envs.engine.environment import Environment
from envs.engine.errors import BadArray


def check_memory(environment: Environment, num_envs: int) -> None:
    """See to it that so many copies fit into the memory of this machine.

    Raises:
        BadArray: their states and observations take more.
    """
    needed = 2 * num_envs * (environment.state_dtype.itemsize + environment.obs_bytes)
    if needed < 2**30 or not hasattr(os, "sysconf"):
        return
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > there:
        raise BadArray(
            f"{num_envs:,} copies of {environment.id} need {needed / 2**30:,.0f} GiB of memory, more than "
            f"the {there / 2**30:,.0f} GiB of this machine; use fewer."
        )


def check_arrays(environment: Environment, num_envs: int, **arrays: Any) -> None:
    """See to it that kernels can take arrays, which are named as in `Batch.step`, `reset` and `action_masks`.

    Raises:
        BadArray: names the first that they cannot take, and says why.
    """
    observations, actions = environment.observation_space, environment.action_space
    flags = ((), (np.bool_,))
    expected = {
        "actions": (actions.shape, (actions.dtype,)),
        "obs": (observations.shape, (observations.dtype,)),
        "final_obs": (observations.shape, (observations.dtype,)),
        "rewards": ((), (np.float64, np.float32)),
        "terminated": flags,
        "truncated": flags,
        "mask": flags,
        "masks": ((environment.mask_size,), (np.bool_,)),
    }
    for name, array in arrays.items():
        shape, dtypes = expected[name]
        shape = (num_envs, *(shape or ()))
        kinds = " or ".join(str(np.dtype(dtype)) for dtype in dtypes)
        if not isinstance(array, np.ndarray):
            raise BadArray(f"{name} must be a NumPy array of {kinds}, not {type(array).__name__}.")
        if array.dtype not in dtypes:
            raise BadArray(f"{name} must be {kinds}, not {array.dtype}.")
        if array.shape != shape:
            raise BadArray(f"{name} must have shape {shape}, not {array.shape}.")
        if not array.flags.c_contiguous:
            raise BadArray(f"{name} must be C-contiguous.")
        if not array.flags.writeable:
            raise BadArray(f"{name} must be writable.")
