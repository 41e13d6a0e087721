"""Copies of functions and of all that they call, each turned into something else, and their fingerprint.

The originals stay as they are. `compile.py` makes compiled copies for the CPU in this way, `cuda_compile.py`
others for a GPU.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from envs.engine.core import kernels

LEFT_TO_NUMBA = {"numpy", "numba", "llvmlite", "scipy"}


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
