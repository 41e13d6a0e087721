"""From the loops of a search and an environment's own functions to compiled, cached code.

As `envs.engine.core.compile` does it for batches, with the same cache of compiled code.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from agents.planning import forest_kernels, network_kernels, search_kernels, tree_kernels
from envs.engine.core.compile import load_kernels, substitutes_for
from envs.engine.core.compile_cache import cached_source, from_cache, kept
from envs.engine.core.function_tree import FunctionTree, fingerprint, is_followed
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, EnvironmentProblem


class TreeKernels(NamedTuple):
    """Compiled loops; see `agents.planning.tree_kernels` and `search_kernels`."""

    plant: Callable[..., Any]
    conclude: Callable[..., float]
    search_with_games: Callable[..., int]
    gather: Callable[..., int]
    answer: Callable[..., int]
    advise: Callable[..., Any]
    keep_below: Callable[..., Any]


class ForestKernels(NamedTuple):
    """Compiled loops over many trees; see `agents.planning.forest_kernels`."""

    plant_each: Callable[..., Any]
    gather_each: Callable[..., int]
    answer_each: Callable[..., Any]
    conclude_each: Callable[..., Any]


class NetworkKernels(NamedTuple):
    """Compiled layers; see `agents.planning.network_kernels`."""

    judge_each: Callable[..., Any]
    search_with_network: Callable[..., int]
    search_each: Callable[..., Any]


def tree_kernels_of(environment: Environment) -> TreeKernels:
    """Return the loops of one tree for an environment, compiled now or loaded from the cache.

    Raises:
        BrokenEnvironment: the environment's functions cannot be compiled.
    """
    fields = TreeKernels._fields
    return TreeKernels(*_loaded(environment, "search", search_kernels, fields, _tree_signatures))


def forest_kernels_of(environment: Environment) -> ForestKernels:
    """The same for the loops of many trees."""
    fields = ForestKernels._fields
    return ForestKernels(*_loaded(environment, "forest", forest_kernels, fields, _forest_signatures))


def network_kernels_of(environment: Environment) -> NetworkKernels:
    """The same for the layers of a small network that sees the environment's observations."""
    fields = NetworkKernels._fields
    return NetworkKernels(*_loaded(environment, "network", network_kernels, fields, _network_signatures))


def _loaded(
    environment: Environment,
    name: str,
    module: ModuleType,
    fields: tuple[str, ...],
    signatures: Callable[[Environment], dict[str, Any]],
) -> Sequence[Callable[..., Any]]:
    found = environment.__dict__.setdefault("_planning_kernels", {})
    if name not in found:
        try:
            load_kernels(environment, "compiled")  # says better what is wrong with new rules
            found[name] = _build(environment, name, module, fields, signatures(environment))
        except EnvironmentProblem:
            raise
        except Exception as error:
            raise BrokenEnvironment.from_error(environment, error) from error
    return found[name]


def _build(
    environment: Environment,
    name: str,
    module: ModuleType,
    fields: tuple[str, ...],
    signatures: dict[str, Any],
) -> Sequence[Callable[..., Any]]:
    import numba
    from filelock import FileLock

    from envs.engine.core import intrinsics

    substitutes = substitutes_for(environment)
    substitutes |= {name: getattr(intrinsics, name) for name in intrinsics.__all__}
    # One dictionary of globals for all of these loops, with the environment's functions in it.
    names: dict[str, Any] = {**vars(tree_kernels), **vars(module), **substitutes}
    homes = (tree_kernels.__name__, module.__name__)
    ours = [value for value in names.values() if getattr(value, "__module__", "") in homes]
    for function in map(inspect.unwrap, ours):  # type checks of tests wrap them
        names[function.__name__] = FunctionType(function.__code__, names, function.__name__)
    names["allowed"] = names["everything_allowed" if environment.mask is None else "masked_allowed"]
    entries = tuple(names[field] for field in fields)
    source = Path(intrinsics.__file__).read_text()
    key = fingerprint(entries, substitutes, (sys.version, np.__version__, numba.__version__, source))
    file = cached_source(tree_kernels.__file__, f"{environment.name}_{name}", key)
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    inner: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

    def compiled(function: FunctionType, is_entry: bool) -> Callable[..., Any]:
        function.__qualname__ = f"{function.__qualname__}_{key}"
        if not is_entry:
            return numba.njit(**options, **inner)(function)
        function.__code__ = function.__code__.replace(co_filename=str(file))
        return kept(function, signatures[function.__name__], options)

    def load() -> Sequence[Callable[..., Any]]:
        tree = FunctionTree(compiled, is_followed, substitutes)
        return [tree.copy(entry) for entry in entries]

    with FileLock(file.with_suffix(".lock")):
        return from_cache(file, load)


def _array(dtype: Any, ndim: int = 1) -> Any:
    from numba import types
    from numba.np.numpy_support import from_dtype

    return types.Array(from_dtype(np.dtype(dtype)), ndim, "C")


def _forest_signatures(environment: Environment) -> dict[str, Any]:
    from numba import types

    whole, real, array = types.int64, types.float64, _array
    space = environment.observation_space
    obs = array(space.dtype, len(space.shape or ()) + 1)
    children, totals, rewards = array("i4", 3), array("f8", 3), array("f8", 2)
    legal, pending, counts, bounds = array("?", 3), array("i4", 2), array("i8", 2), array("f8", 2)
    tree = [children, children, totals, rewards, rewards, legal, totals, pending, counts, bounds]
    ways, indices = [array("i4", 2), array("i4", 2)], array("i8")
    return {
        "plant_each": types.void(array("u1", 2), array("u1"), *tree),
        "gather_each": whole(
            array("u1", 2), array("u1"), *tree, array("u8"), *ways, indices, indices, indices, obs,
            array("?", 2), whole, real, real, whole,
        ),
        "answer_each": types.void(
            children, children, totals, rewards, rewards, legal, totals, counts, bounds, *ways, indices,
            indices, indices, whole, array("f8"), array("f8", 2), real,
        ),
        "conclude_each": types.void(
            children, totals, rewards, legal, array("i4", 2), array("f8"), array("?")
        ),
    }  # fmt: skip


def _network_signatures(environment: Environment) -> dict[str, Any]:
    from numba import types

    array, whole, real = _array, types.int64, types.float64
    space = environment.observation_space
    lines = [array("i8", 2), whole, array("i2", 2), array("f4"), array("i2")]
    network = [*lines, array("i8", 2), array("f4", 2), array("f4", 2), array("i8"), real]
    answers = [array("f8"), array("f8", 2)]
    one = [
        array("u1"), array("u1"), *_tree_arrays(), array("u8"), array("i4"), array("i4"),
        array(space.dtype, len(space.shape or ()) + 1), *network, *answers, whole, real, real, whole,
    ]  # fmt: skip
    return {
        "judge_each": types.void(array(space.dtype, 2), array("?", 2), *network, *answers),
        "search_with_network": whole(*one),
        "search_each": types.void(
            array("u1", 2), array("f8", 2), *one, array("i4", 2), array("f8"), array("?")
        ),
    }  # fmt: skip


def _tree_arrays() -> list[Any]:
    """Types of children, visits, totals, rewards, known, legal, priors, pending, counts, bounds."""
    array = _array
    matrix, numbers = array("i4", 2), array("f8", 2)
    real, legal, pending = array("f8"), array("?", 2), array("i4")
    return [matrix, matrix, numbers, real, real, legal, numbers, pending, array("i8"), real]


def _tree_signatures(environment: Environment) -> dict[str, Any]:
    from numba import types

    array, raw, whole, real = _array, _array("u1"), types.int64, types.float64
    space = environment.observation_space
    obs = array(space.dtype, len(space.shape or ()) + 1)
    matrix, numbers, flags, legal = array("i4", 2), array("f8", 2), array("?"), array("?", 2)
    tree, matrix_row = _tree_arrays(), array("i4")
    ways = [array("i4", 2), array("i4", 2)]
    rng, indices = array("u8"), array("i8")
    return {
        "plant": types.void(raw, raw, *tree),
        "conclude": real(matrix, numbers, array("f8"), legal, array("i4")),
        "search_with_games": whole(
            raw, raw, *tree, rng, *ways, flags, indices, obs, whole, whole, real, real, whole, whole
        ),
        "advise": types.void(
            matrix, numbers, legal, array("i8"), array("f8"), indices, numbers, whole
        ),
        "keep_below": types.void(raw, *tree[:9], whole, matrix_row, matrix_row),
        "gather": whole(
            raw, raw, *tree, rng, *ways, flags, indices, indices, array("f8"), obs, real, real, whole, whole
        ),
        "answer": whole(
            matrix, matrix, numbers, array("f8"), array("f8"), legal, numbers, array("i4"), array("i8"),
            array("f8"), *ways, indices, indices, whole, array("f8"), numbers, real,
        ),
    }  # fmt: skip
