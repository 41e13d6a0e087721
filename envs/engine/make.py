"""What `gymnasium.make_vec` calls: a batch of environments on a CPU or on a GPU."""

from __future__ import annotations

from typing import Any

from gymnasium.vector import VectorEnv

from envs.engine.environment import Environment
from envs.engine.errors import BadParameter


def make_vector(
    environment: str | Environment, num_envs: int = 1, *, device: str = "cpu", **settings: Any
) -> VectorEnv:
    """Many copies of one environment: what `gym.make_vec(id, num_envs=64, ...)` returns.

    Args:
        environment: the environment or its name.
        num_envs: how many copies.
        device: "cpu" for a `BatchVectorEnv`, "cuda" for a `CudaVectorEnv`.
        **settings: as these take them.

    Raises:
        BadParameter: there is no such device, or a setting is wrong.
        NoCuda: "cuda" was asked for, and numba-cuda is not installed or there is no GPU.
    """
    if device == "cpu":
        from envs.engine.vector.batch_vector_env import BatchVectorEnv

        return BatchVectorEnv(environment, num_envs, **settings)
    if device != "cuda":
        raise BadParameter(f"device cannot be {device!r}: use 'cpu' or 'cuda'.")
    from envs.engine.cuda.cuda_vector_env import CudaVectorEnv

    return CudaVectorEnv(environment, num_envs, **settings)
