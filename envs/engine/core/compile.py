"""Turns an environment's plain functions into compiled, cached kernels.

Two facts about numba shape this file. A function that closes over compiled functions is never found in
numba's on-disk cache by a later process, while one that finds them among its globals is. And the cache does
not notice that a called function changed. So the kernels are copied with new globals, and each copy is given
a file of its own in the cache folder whose name is a hash of everything that is compiled: an edited rule is
another file.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from envs.engine.core import kernels
from envs.engine.core.compile_cache import cached_source, from_cache, is_cached, kept
from envs.engine.core.function_tree import FunctionTree, fingerprint, is_followed
from envs.engine.core.trial_run import rules_run_as_python
from envs.engine.environment import Environment

Backend = Literal["compiled", "checked", "python"]
"""compiled: fast. checked: compiled, with array bounds and divisions by zero checked. python: uncompiled."""

TRIAL = 0.1
"""Seconds that new rules are tried in plain Python: enough for all 300 steps of most."""


@dataclass(frozen=True)
class Kernels:
    """The loops of `envs.engine.core.kernels`, made for one environment."""

    step: Callable[..., int]
    reset: Callable[..., int]
    mask: Callable[..., int] | None = None
    """What is allowed, where an environment says so."""
    releases_lock: bool = True
    """Several threads can run them at the same time."""
    file: Path | None = None
    """The file in the cache that they belong to, whose name is a hash of the rules; None if not compiled."""


def default_backend() -> Backend:
    """`python` if NUMBA_DISABLE_JIT is set, as for numba itself, else `compiled`."""
    return "python" if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0") else "compiled"


def load_kernels(environment: Environment, backend: Backend) -> Kernels:
    """Kernels of an environment, compiled now or loaded from the cache.

    Args:
        environment: whose functions to call.
        backend: how they are run.
    """
    found = environment.__dict__.get("_kernels", {})
    if backend not in found:
        made = _build(environment, backend)
        # Kept on the environment itself, so that a reloaded module starts anew. The dataclass is frozen.
        environment.__dict__["_kernels"] = found = {**found, backend: made}
    return found[backend]


def _build(environment: Environment, backend: Backend) -> Kernels:
    substitutes = substitutes_for(environment)
    entries: tuple[FunctionType, ...] = (kernels.step_batch, kernels.reset_batch)
    if environment.mask is not None:
        entries += (kernels.mask_batch,)
    if backend == "python":
        # Only the kernels are copied: the environment's functions run, and stop in a debugger, as they stand.
        tree = FunctionTree(lambda function, _: function, kernels.__name__.__eq__, substitutes)
        return Kernels(*(tree.copy(entry) for entry in entries), releases_lock=False)

    import numba

    from envs.engine.core import intrinsics

    substitutes |= _substitutes_compiled(environment)
    # A fingerprint sees code, but not that of intrinsics.
    source = Path(intrinsics.__file__).read_text()
    versions = (sys.version, np.__version__, numba.__version__, backend, source)
    key = fingerprint(entries, substitutes, versions)
    if backend == "compiled" and not is_cached(environment.name, key):
        rules_run_as_python(environment, strict=False, seconds=TRIAL)
    file = cached_source(kernels.__file__, environment.name, key)
    checked = backend == "checked"
    options: dict[str, Any] = {
        "nogil": True,
        "boundscheck": checked,
        "error_model": "python" if checked else "numpy",
    }
    # Only the entry points are called from Python; wrappers of the others would cost time to compile.
    without_wrappers: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    signatures = _signatures(environment)

    def compiled(function: FunctionType, is_entry: bool) -> Callable[..., Any]:
        # Names are part of the symbols in compiled libraries: two versions of one function must not share
        # one.
        function.__qualname__ = f"{function.__qualname__}_{key}"
        if not is_entry:
            return numba.njit(**options, **without_wrappers)(function)
        function.__code__ = function.__code__.replace(co_filename=str(file))
        return kept(function, signatures[function.__name__], options)

    from filelock import FileLock

    def load() -> Kernels:
        tree = FunctionTree(compiled, is_followed, substitutes)
        step, reset, *masks = (tree.copy(entry) for entry in entries)
        return Kernels(step, reset, masks[0] if masks else None, file=file)

    with FileLock(file.with_suffix(".lock")), _without_collector():
        return from_cache(file, load)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection: a tenth of the time that compiling takes goes into looking for none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def substitutes_for(environment: Environment) -> dict[str, Any]:
    """What the placeholders of `envs.engine.core.kernels` stand for."""
    actions, observations = environment.action_space, environment.observation_space
    low, high = np.zeros(1, np.int64), np.zeros(1, np.int64)
    axes = len(actions.shape or ())
    if isinstance(actions, spaces.Discrete):
        low[0], high[0] = actions.start, actions.start + actions.n
        is_valid = kernels.discrete_is_valid
    elif isinstance(actions, (spaces.MultiDiscrete, spaces.MultiBinary)):
        low = np.asarray(getattr(actions, "start", np.zeros(actions.shape)), np.int64).ravel()
        high = low + np.asarray(getattr(actions, "nvec", np.full(actions.shape, 2)), np.int64).ravel()
        is_valid = kernels.multi_discrete_is_valid if axes == 1 else kernels.rows_are_valid
    else:
        is_valid = (kernels.number_is_valid, kernels.box_is_valid, kernels.box_of_rows_is_valid)[min(axes, 2)]
    masks: dict[str, Any] = {}
    if environment.mask is not None:
        masks = {"mask": environment.mask, "MASK_SHAPE": (environment.mask_size,)}
    return masks | {
        "reset": environment.reset,
        "step": environment.step,
        "observe": environment.observe,
        "action_is_valid": is_valid,
        "write_obs": kernels.write_array_obs if observations.shape else kernels.write_scalar_obs,
        "STATE": environment.state_dtype,
        "PARAMS": environment.param_dtype,
        "STATE_BYTES": environment.state_dtype.itemsize,
        "OBS_SHAPE": observations.shape or (1,),
        "ACTION_SHAPE": actions.shape or (1,),
        "ACTION_LOW": low,
        "ACTION_HIGH": high,
    }


def _substitutes_compiled(environment: Environment) -> dict[str, Any]:
    """Those placeholders that stand for something else in code compiled for the CPU."""
    from envs.engine.core import intrinsics

    found = {name: getattr(intrinsics, name) for name in intrinsics.__all__}
    if environment.observation_space.shape:
        found["write_obs"] = kernels.write_row_obs
    if environment.action_space.shape:
        found["action_of"] = kernels.row_action
    return found


def _signatures(environment: Environment) -> dict[str, Any]:
    """Argument types of the kernels. They are compiled for these alone, once, before the first call."""
    from numba import types
    from numba.np.numpy_support import from_dtype

    def array(dtype: Any, ndim: int = 1) -> types.Array:
        return types.Array(from_dtype(np.dtype(dtype)), ndim, "C")

    def batch_of(space: spaces.Space) -> types.Array:
        return array(space.dtype, len(space.shape or ()) + 1)

    raw, flags = array("u1"), array("?")
    obs, actions = batch_of(environment.observation_space), batch_of(environment.action_space)
    number = types.int64
    return {
        "step_batch": number(
            raw,
            raw,
            actions,
            obs,
            array("f8"),
            array("f4"),
            flags,
            flags,
            obs,
            number,
            number,
            number,
            number,
        ),
        "reset_batch": number(raw, raw, flags, obs, number, number),
        "mask_batch": number(raw, raw, array("?", 2), number, number, number),
    }
