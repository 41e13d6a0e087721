"""The arrays that a batch writes into, for checks and measurements that step batches themselves."""

from __future__ import annotations

import numpy as np

from envs.engine.core.batch import Batch


class Arrays:
    """The arrays that a batch writes into."""

    def __init__(self, batch: Batch) -> None:
        space, n = batch.environment.observation_space, batch.num_envs
        self.obs = np.zeros((n, *(space.shape or ())), space.dtype)
        self.final_obs = np.zeros_like(self.obs)
        self.rewards = np.zeros(n)
        self.terminated, self.truncated = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        if batch.environment.mask is not None:
            self.masks = np.zeros((n, batch.environment.mask_size), np.bool_)

    def step(self, batch: Batch, actions: np.ndarray) -> dict[str, np.ndarray]:
        """Step the batch, and return copies of what it wrote."""
        self.final_obs.fill(0)
        batch.step(actions, *self.in_order())
        if batch.environment.mask is not None:
            batch.action_masks(self.masks)
        return {name: array.copy() for name, array in vars(self).items()}

    def in_order(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The arrays in the order in which `Batch.step` takes them."""
        return self.obs, self.rewards, self.terminated, self.truncated, self.final_obs
