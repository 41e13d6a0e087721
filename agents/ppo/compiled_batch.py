"""Whether under a `VecEnv` there is a compiled batch that can write into a rollout's memory."""

from __future__ import annotations

import numpy as np
from stable_baselines3.common.vec_env import VecEnv, VecTransposeImage

from agents.batch_vec_env import BatchVecEnv
from agents.ppo.fast_path import patched

STEPPING = ("step", "step_async", "step_wait", "step_into")
"""Methods of a `BatchVecEnv` that the loop calls or passes by."""


def batch_under(env: VecEnv) -> tuple[BatchVecEnv | None, bool]:
    """Find the compiled batch whose memory can be written by the rollout, if it is one.

    Returns:
        The batch or None (then `env.step` is called), and whether Stable-Baselines3 turns its pictures from
        (H, W, C) to (C, H, W) on the way.
    """
    turned = type(env) is VecTransposeImage and not env.skip and patched(env) is None
    batch = env.venv if isinstance(env, VecTransposeImage) and turned else env
    if not isinstance(batch, BatchVecEnv) or patched(batch) is not None:
        return None, False
    if any(getattr(type(batch), name) is not getattr(BatchVecEnv, name) for name in STEPPING):
        return None, False
    return batch, turned


def as_stock(obs: np.ndarray, turned: bool) -> np.ndarray:
    """Return observations of a compiled batch as Stable-Baselines3 has them, in memory of their own.

    Args:
        obs: (N, *shape).
        turned: whether pictures are (H, W, C) here and (C, H, W) there; see `batch_under`.
    """
    return np.moveaxis(obs, -1, 1).copy() if turned else obs.copy()
