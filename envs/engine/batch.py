"""The earlier address of `Batch`, for scripts that use it."""

from envs.engine.core.batch import Batch

__all__ = ["Batch"]
