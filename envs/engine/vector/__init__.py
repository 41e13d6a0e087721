"""Batches as Gymnasium vector environments."""

from envs.engine.vector.batch_vector_env import BatchVectorEnv
from envs.engine.vector.engine_vector_env import EngineVectorEnv, draw_each

__all__ = ["BatchVectorEnv", "EngineVectorEnv", "draw_each"]
