"""Turns an environment's plain functions into kernels for a GPU, with one thread for each environment."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np

from envs.engine.core import kernels
from envs.engine.core.compile import substitutes_for
from envs.engine.core.compile_cache import cached_source, from_cache
from envs.engine.core.function_tree import FunctionTree, fingerprint, is_followed
from envs.engine.environment import Environment
from envs.engine.errors import BrokenEnvironment, NoCuda


def has_cuda() -> bool:
    """Whether there is a GPU that numba can use, or its simulator of one."""
    try:
        from numba import cuda
    except ImportError:
        return False
    return bool(cuda.is_available())


def load_cuda() -> Any:
    """The module `numba.cuda`, ready for use.

    Raises:
        NoCuda: it is not installed, or there is no GPU that it can use.
    """
    if has_cuda():
        from numba import cuda

        return cuda
    if importlib.util.find_spec("numba_cuda") is None:
        raise NoCuda(
            "Environments on a GPU need the package numba-cuda: pip install 'numba-cuda[cu12]'. "
            "Without it, leave out device='cuda'."
        )
    raise NoCuda("There is no NVIDIA GPU that numba can use here; leave out device='cuda'.")


@dataclass(frozen=True)
class CudaKernels:
    """The kernels of `envs.engine.core.kernels` with a thread for each environment, made for one of them."""

    step: Any
    reset: Any
    seed: Any
    mask: Any = None


def load_cuda_kernels(environment: Environment) -> CudaKernels:
    """Kernels of an environment for the GPU, compiled now or loaded from the cache.

    Raises:
        BrokenEnvironment: the environment's functions cannot be compiled for a GPU.
        NoCuda: there is no GPU.
    """
    found = environment.__dict__.get("_cuda_kernels")
    if found is None:
        found = environment.__dict__["_cuda_kernels"] = _build(environment, load_cuda())
    return found


def _build(environment: Environment, cuda: Any) -> CudaKernels:
    import numba

    substitutes = {**substitutes_for(environment), "cuda": cuda}
    entries: tuple[FunctionType, ...] = (kernels.step_thread, kernels.reset_thread, kernels.seed_thread)
    if environment.mask is not None:
        entries += (kernels.mask_thread,)
    versions = (sys.version, np.__version__, numba.__version__, getattr(cuda, "__version__", ""), "cuda")
    key = fingerprint(entries, substitutes, versions)
    file = cached_source(kernels.__file__, f"{environment.name}_cuda", key)
    signatures = _signatures(environment)

    def compiled(function: FunctionType, is_entry: bool) -> Callable[..., Any]:
        function.__qualname__ = f"{function.__qualname__}_{key}"
        if not is_entry:
            return cuda.jit(device=True)(function)
        function.__code__ = function.__code__.replace(co_filename=str(file))
        return cuda.jit(signatures[function.__name__], cache=True)(function)

    def load() -> CudaKernels:
        tree = FunctionTree(compiled, is_followed, substitutes)
        return CudaKernels(*(tree.copy(entry) for entry in entries))

    try:
        return from_cache(file, load)
    except Exception as error:
        raise BrokenEnvironment.from_error(environment, error) from error


def _signatures(environment: Environment) -> dict[str, Any]:
    """Argument types of the kernels, which are compiled for these alone, before the first launch."""
    from numba import types
    from numba.np.numpy_support import from_dtype

    def array(dtype: Any, ndim: int = 1) -> types.Array:
        return types.Array(from_dtype(np.dtype(dtype)), ndim, "C")

    spaces = environment.observation_space, environment.action_space
    obs, actions = (array(space.dtype, len(space.shape or ()) + 1) for space in spaces)
    states, params = array(environment.state_dtype), array(environment.param_dtype)
    flags, number = array("?"), types.int64
    outputs = obs, array("f4"), flags, flags, flags, obs, array("i8")
    return {
        "step_thread": types.void(states, array("u1"), params, actions, *outputs, number, number),
        "reset_thread": types.void(states, array("u1"), params, flags, obs),
        "seed_thread": types.void(states, array("u8"), flags),
        "mask_thread": types.void(states, params, array("?", 2)),
    }
