"""Turns an environment's plain functions into compiled, cached kernels.

Two facts about numba shape this file. A function that closes over compiled functions is never found in
numba's on-disk cache by a later process, while one that finds them among its globals is. And the cache does
not notice that a called function changed. So the kernels are copied with new globals, and each copy is given
a file of its own in the cache folder whose name is a hash of everything that is compiled: an edited rule is
another file.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from envs.engine import kernels
from envs.engine.cache import cached_source, is_cached
from envs.engine.environment import Environment

Backend = Literal["compiled", "checked", "python"]
"""compiled: fast. checked: compiled, with array bounds and divisions by zero checked. python: uncompiled."""

LEFT_TO_NUMBA = {"numpy", "numba", "llvmlite", "scipy"}


@dataclass(frozen=True)
class Kernels:
    """The two loops of `envs.engine.kernels`, made for one environment."""

    step: Callable[..., int]
    reset: Callable[..., int]
    releases_lock: bool = True
    """Several threads can run them at the same time."""


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
    entries = (kernels.step_batch, kernels.reset_batch)
    if backend == "python":
        # Only the kernels are copied: the environment's functions run, and stop in a debugger, as they stand.
        tree = FunctionTree(lambda function, _: function, kernels.__name__.__eq__, substitutes)
        return Kernels(tree.copy(entries[0]), tree.copy(entries[1]), releases_lock=False)

    import numba

    versions = (sys.version, np.__version__, numba.__version__, backend)
    key = fingerprint(entries, substitutes, versions)
    if backend == "compiled" and not is_cached(environment.name, key):
        from envs.engine.rule_checks import rules_run_as_python

        # New rules: what is wrong with them is told better, and does less harm, before they are compiled.
        rules_run_as_python(environment, strict=False)
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
        return numba.njit(signatures[function.__name__], cache=True, **options)(function)

    from filelock import FileLock

    tree = FunctionTree(compiled, is_followed, substitutes)
    with FileLock(file.with_suffix(".lock")):
        return Kernels(tree.copy(entries[0]), tree.copy(entries[1]))


class FunctionTree:
    """Copies functions so that what they call are transformed copies; the originals stay as they are."""

    def __init__(
        self,
        transform: Callable[[FunctionType, bool], Callable[..., Any]],
        follows: Callable[[str], bool],
        substitutes: Mapping[str, Any],
    ) -> None:
        """Prepare a tree.

        Args:
            transform: gets each copied function and whether it is an entry point; returns what callers will
                call.
            follows: whether to copy the functions of a module; all others are left as they are.
            substitutes: globals of the kernels to replace, by name.
        """
        self._transform = transform
        self._follows = follows
        self._substitutes = substitutes
        self._done: dict[FunctionType, Callable[..., Any]] = {}

    def copy(self, function: FunctionType, is_entry: bool = True) -> Callable[..., Any]:
        """The transformed copy of a function and of all that it calls."""
        if function in self._done:
            return self._done[function]
        names: dict[str, Any] = {"__builtins__": __builtins__, "__name__": function.__module__}
        cells = tuple(CellType() for _ in function.__closure__ or ())
        twin = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells or None)
        twin.__qualname__ = function.__qualname__
        twin.__module__ = function.__module__
        # Before its callees are looked at, so that functions may call each other in a circle.
        if not is_entry:
            self._done[function] = self._transform(twin, False)
        for name, value in referenced(function, self._substitutes):
            names[name] = self._replaced(value, function)
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            cell.cell_contents = self._replaced(original.cell_contents, function)
        if is_entry:
            # Compiled at once: whatever it calls must be in place by now.
            self._done[function] = self._transform(twin, True)
        return self._done[function]

    def _replaced(self, value: Any, user: FunctionType) -> Any:
        if isinstance(value, FunctionType) and self._follows(value.__module__):
            return self.copy(value, is_entry=False)
        if isinstance(value, ModuleType) and self._follows(value.__name__):
            twin = ModuleType(value.__name__)
            for name in _names(user.__code__):
                if name in value.__dict__:
                    setattr(twin, name, self._replaced(value.__dict__[name], user))
            return twin
        return value


def is_followed(module: str) -> bool:
    """Whether functions of a module are ours to compile; numba knows by itself what it can of the others."""
    package = module.partition(".")[0]
    return package not in LEFT_TO_NUMBA and package not in sys.stdlib_module_names


def referenced(function: FunctionType, substitutes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The globals that a function mentions, with `substitutes` in place of those of the kernels."""
    source = function.__globals__
    if function.__module__ == kernels.__name__:
        source = {**source, **substitutes}
    for name in _names(function.__code__):
        if name in source:
            yield name, source[name]


def _names(code: CodeType) -> list[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names.update(_names(constant))
    return sorted(names)


def fingerprint(
    entries: tuple[FunctionType, ...],
    substitutes: Mapping[str, Any],
    versions: tuple[str, ...],
) -> str:
    """A hash of all that compiling depends on: the code that `entries` reach, as it is loaded now."""
    digest = hashlib.sha256(repr(versions).encode())
    seen: set[int] = set()

    def add(value: Any, user: FunctionType | None = None) -> None:
        if isinstance(value, FunctionType) and is_followed(value.__module__):
            digest.update(f"function {value.__module__}.{value.__qualname__}".encode())
            if id(value) in seen:
                return
            seen.add(id(value))
            add(value.__code__)
            add(value.__defaults__)
            for name, item in referenced(value, substitutes):
                digest.update(name.encode())
                add(item, value)
            for cell in value.__closure__ or ():
                add(cell.cell_contents, value)
        elif isinstance(value, CodeType):
            parts = (value.co_code, value.co_names, value.co_varnames, value.co_freevars, value.co_flags)
            digest.update(repr(parts).encode())
            # Only for the places named in error messages, but those should be right as well.
            digest.update(f"{value.co_filename}:{value.co_firstlineno}".encode())
            for constant in value.co_consts:
                add(constant)
        elif isinstance(value, np.ndarray):
            digest.update(f"array {value.dtype.str} {value.shape}".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        elif isinstance(value, np.dtype):
            digest.update(f"dtype {value!r} {value.itemsize}".encode())
        elif isinstance(value, tuple):
            digest.update(f"tuple {len(value)}".encode())
            for item in value:
                add(item, user)
        elif isinstance(value, ModuleType):
            digest.update(f"module {value.__name__}".encode())
            if user is not None and is_followed(value.__name__):
                for name in _names(user.__code__):
                    if name in value.__dict__:
                        add(value.__dict__[name], user)
        elif callable(value) and hasattr(value, "__name__"):
            digest.update(f"callable {getattr(value, '__module__', '')}.{value.__name__}".encode())
        else:
            digest.update(f"{type(value).__name__} {value!r}".encode())

    for entry in entries:
        add(entry)
    return digest.hexdigest()[:20]


def substitutes_for(environment: Environment) -> dict[str, Any]:
    """What the placeholders of `envs.engine.kernels` stand for."""
    actions, observations = environment.action_space, environment.observation_space
    low, high = np.zeros(1, np.int64), np.zeros(1, np.int64)
    is_valid = kernels.any_is_valid
    if isinstance(actions, spaces.Discrete):
        low[0], high[0] = actions.start, actions.start + actions.n
        is_valid = kernels.discrete_is_valid
    elif isinstance(actions, (spaces.MultiDiscrete, spaces.MultiBinary)) and len(actions.shape or ()) == 1:
        low = np.asarray(getattr(actions, "start", np.zeros(actions.shape)), np.int64)
        high = low + np.asarray(getattr(actions, "nvec", np.full(actions.shape, 2)), np.int64)
        is_valid = kernels.multi_discrete_is_valid
    return {
        "reset": environment.reset,
        "step": environment.step,
        "observe": environment.observe,
        "action_is_valid": is_valid,
        "write_obs": kernels.write_array_obs if observations.shape else kernels.write_scalar_obs,
        "STATE": environment.state_dtype,
        "PARAMS": environment.param_dtype,
        "STATE_BYTES": environment.state_dtype.itemsize,
        "OBS_SIZE": int(np.prod(observations.shape or (1,))),
        "ACTION_SIZE": int(np.prod(actions.shape or (1,))),
        "ACTION_LOW": low,
        "ACTION_HIGH": high,
    }


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
    }
