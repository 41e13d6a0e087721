"""The environments of a batch on a GPU one by one, looked at in main memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from envs.engine.core.batch import Batch
from envs.engine.cuda.cuda_batch import CudaBatch


class Mirror(Batch):
    """The states of a batch on a GPU as a batch in main memory, which cannot be stepped.

    Attributes:
        whole: the batch on the GPU.
    """

    def __init__(self, whole: CudaBatch) -> None:
        self.whole = whole
        self.environment, self.num_envs = whole.environment, whole.num_envs
        self.max_episode_steps = whole.max_episode_steps
        self.params = whole.params
        self._both = np.zeros(2 * self.num_envs, self.environment.state_dtype)
        self.states, self.final_states = self._both[: self.num_envs], self._both[self.num_envs :]
        self._raw, self._nobody = self._both.view(np.uint8), np.zeros(self.num_envs, np.bool_)

    @contextmanager
    def present(self) -> Iterator[None]:
        """Hold the states of this moment; what is changed meanwhile is written to the GPU at the end."""
        self._pull()
        try:
            yield
        finally:
            self._push()

    def set_params(self, **values: Any) -> None:
        """Change parameters on the GPU, as `Batch.set_params` does."""
        self.whole.set_params(**values)

    def reset(self, obs: np.ndarray, mask: np.ndarray | None = None) -> None:
        """Begin new episodes on the GPU and write observations, as `Batch.reset` does."""
        self._push()
        self.whole.reset(None if mask is None else self.whole.on_device(mask))
        self._pull()
        obs[:] = self.whole.obs.copy_to_host()

    def observe(self, obs: np.ndarray) -> None:
        """Write the present observations."""
        self.reset(obs, self._nobody)

    def _write_masks(self, masks: np.ndarray, first: int, start: int, stop: int) -> None:
        assert self.whole.masks is not None
        masks[:] = self.whole.masks.copy_to_host()

    def _pull(self) -> None:
        self._raw[:] = self.whole.read_records().view(np.uint8)
        self._pulled = self._raw.copy()

    def _push(self) -> None:
        if not np.array_equal(self._raw, self._pulled):
            self.whole.write_records(self._both)
