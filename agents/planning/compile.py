"""From the loops of `tree_kernels.py` and an environment's own functions to compiled, cached code.

As `envs.engine.core.compile` does it for batches, with the same cache of compiled code.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from agents.planning import tree_kernels
from envs.engine.core.compile import load_kernels, substitutes_for
from envs.engine.core.compile_cache import cached_source, from_cache, kept
from envs.engine.core.function_tree import FunctionTree, fingerprint, is_followed
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, EnvironmentProblem


class TreeKernels(NamedTuple):
    """Compiled loops; see `agents.planning.tree_kernels`."""

    plant: Callable[..., Any]
    search_with_games: Callable[..., int]
    gather: Callable[..., int]
    answer: Callable[..., int]
    advise: Callable[..., Any]


def tree_kernels_of(environment: Environment) -> TreeKernels:
    """Return the loops for an environment, compiled now or loaded from the cache.

    Raises:
        BrokenEnvironment: the environment's functions cannot be compiled.
    """
    if "_tree_kernels" not in environment.__dict__:
        try:
            load_kernels(environment, "compiled")  # says better what is wrong with new rules
            environment.__dict__["_tree_kernels"] = _build(environment)
        except EnvironmentProblem:
            raise
        except Exception as error:
            raise BrokenEnvironment.from_error(environment, error) from error
    return environment.__dict__["_tree_kernels"]


def _build(environment: Environment) -> TreeKernels:
    import numba
    from filelock import FileLock

    from envs.engine.core import intrinsics

    substitutes = substitutes_for(environment)
    substitutes |= {name: getattr(intrinsics, name) for name in intrinsics.__all__}
    # One dictionary of globals for all of these loops, with the environment's functions in it.
    names: dict[str, Any] = {**vars(tree_kernels), **substitutes}
    ours = [
        value
        for value in vars(tree_kernels).values()
        if getattr(value, "__module__", "") == tree_kernels.__name__
    ]
    for function in map(inspect.unwrap, ours):  # type checks of tests wrap them
        names[function.__name__] = FunctionType(function.__code__, names, function.__name__)
    names["allowed"] = names["everything_allowed" if environment.mask is None else "masked_allowed"]
    entries = tuple(names[name] for name in TreeKernels._fields)
    source = Path(intrinsics.__file__).read_text()
    key = fingerprint(entries, substitutes, (sys.version, np.__version__, numba.__version__, source))
    file = cached_source(tree_kernels.__file__, f"{environment.name}_search", key)
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    inner: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    signatures = _signatures(environment)

    def compiled(function: FunctionType, is_entry: bool) -> Callable[..., Any]:
        function.__qualname__ = f"{function.__qualname__}_{key}"
        if not is_entry:
            return numba.njit(**options, **inner)(function)
        function.__code__ = function.__code__.replace(co_filename=str(file))
        return kept(function, signatures[function.__name__], options)

    def load() -> TreeKernels:
        tree = FunctionTree(compiled, is_followed, substitutes)
        return TreeKernels(*(tree.copy(entry) for entry in entries))

    with FileLock(file.with_suffix(".lock")):
        return from_cache(file, load)


def _signatures(environment: Environment) -> dict[str, Any]:
    from numba import types
    from numba.np.numpy_support import from_dtype

    def array(dtype: Any, ndim: int = 1) -> types.Array:
        return types.Array(from_dtype(np.dtype(dtype)), ndim, "C")

    raw, whole, real = array("u1"), types.int64, types.float64
    space = environment.observation_space
    obs = array(space.dtype, len(space.shape or ()) + 1)
    matrix, numbers, flags = array("i4", 2), array("f8", 2), array("?")
    # children, visits, totals, rewards, over, legal, priors, pending, counts, bounds
    tree = [
        matrix,
        matrix,
        numbers,
        array("f8"),
        flags,
        array("?", 2),
        numbers,
        array("i4"),
        array("i8"),
        array("f8"),
    ]
    ways = [array("i4", 2), array("i4", 2)]
    rng, indices = array("u8"), array("i8")
    return {
        "plant": types.void(raw, raw, *tree),
        "search_with_games": whole(
            raw, raw, *tree, rng, *ways, flags, indices, obs, whole, whole, real, real, whole, whole
        ),
        "advise": types.void(
            matrix, numbers, array("?", 2), array("i8"), array("f8"), indices, numbers, whole
        ),
        "gather": whole(
            raw, raw, *tree, rng, *ways, flags, indices, indices, array("f8"), obs, real, real, whole, whole
        ),
        "answer": whole(
            matrix, matrix, numbers, array("f8"), numbers, array("i4"), array("i8"), array("f8"), *ways,
            indices, indices, whole, array("f8"), numbers, real,
        ),
    }  # fmt: skip
