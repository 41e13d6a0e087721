"""Environments of ours as torch tensors on one device, for a learner that never leaves it.

`DeviceEnvironments` steps a whole batch from a tensor of actions; on a GPU nothing is copied or awaited, so
that steps can be captured in a CUDA graph. `DeviceVecEnv` is the same as a `VecEnv` of Stable-Baselines3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor

from envs.engine.core.batch import Batch
from envs.engine.core.kernels import SAME_STEP
from envs.engine.cuda import CudaBatch
from envs.engine.cuda.cuda_compile import has_cuda
from envs.engine.environment import Environment


class DeviceEnvironments:
    """A batch whose arrays are tensors; the same tensors for as long as it lives, overwritten by each step.

    Args:
        environment: what is played.
        num_envs: how many copies, N.
        seed: environment `i` is seeded with `seed + i`.
        params: parameters that differ from their defaults.
        device: `cpu`, or a CUDA device.

    Attributes:
        obs: observations (N, *shape); the first of the next episode where one has just ended.
        final_obs: rows of episodes that have just ended hold their last observation.
        rewards: float32 (N,).
        done: bool (N,): terminated or truncated.
        truncated: bool (N,).
        is_cut_off: whether episodes can be truncated at all.
    """

    def __init__(
        self,
        environment: Environment,
        num_envs: int,
        seed: int,
        params: Mapping[str, Any] | None,
        device: torch.device,
    ) -> None:
        self.environment, self.num_envs, self.device = environment, num_envs, device
        self.is_cut_off = environment.max_episode_steps is not None
        limit = environment.max_episode_steps
        self._on_host: Batch | None = None
        self._on_gpu: CudaBatch | None = None
        if device.type == "cuda":
            with torch.cuda.device(device):
                batch = self._on_gpu = CudaBatch(
                    environment, num_envs, params=params, max_episode_steps=limit, autoreset=SAME_STEP
                )
            arrays: Sequence[Any] = (batch.obs, batch.final_obs, batch.rewards, batch.done, batch.truncated)
            self.obs, self.final_obs, self.rewards, self.done, self.truncated = (
                torch.as_tensor(array, device=device) for array in arrays
            )
        else:
            self._on_host = Batch(environment, num_envs, params=dict(params or {}), max_episode_steps=limit)
            shape, dtype = environment.observation_space.shape or (), environment.observation_space.dtype
            self.obs, self.final_obs = (torch.from_numpy(np.zeros((num_envs, *shape), dtype)) for _ in "ab")
            self.rewards = torch.zeros(num_envs)
            self._terminated, self.truncated, self.done = (
                torch.zeros(num_envs, dtype=torch.bool) for _ in range(3)
            )
        self.begin(seed)

    def begin(self, seed: int | None = None) -> None:
        """Begin new episodes everywhere, after seeding if a seed is given."""
        if self._on_gpu is not None:
            self._follow_stream()
            if seed is not None:
                self._on_gpu.seed(seed)
            self._on_gpu.reset()
            return
        assert self._on_host is not None
        if seed is not None:
            self._on_host.seed(seed)
        self._on_host.reset(self.obs.numpy())

    def step(self, actions: Tensor) -> None:
        """Play one action everywhere.

        Args:
            actions: contiguous, on the device, of the action space's dtype: (N,) or (N, *shape).
        """
        if self._on_gpu is not None:
            self._follow_stream()
            self._on_gpu.step(actions)
            return
        assert self._on_host is not None
        self._on_host.step(
            actions.numpy(),
            self.obs.numpy(),
            self.rewards.numpy(),
            self._terminated.numpy(),
            self.truncated.numpy(),
            self.final_obs.numpy(),
        )
        torch.logical_or(self._terminated, self.truncated, out=self.done)

    def _follow_stream(self) -> None:
        """Launch where torch launches at this moment, so that both wait for each other."""
        assert self._on_gpu is not None
        self._on_gpu.stream = torch.cuda.current_stream(self.device).cuda_stream


class DeviceVecEnv(VecEnv):
    """`DeviceEnvironments` as Stable-Baselines3 knows environments; what it is given and gives is copied.

    Args:
        environment: what is played.
        num_envs: how many copies.
        seed: environment `i` is seeded with `seed + i`.
        params: parameters that differ from their defaults.
        device: `cpu`, or a CUDA device.
    """

    def __init__(
        self,
        environment: Environment,
        num_envs: int,
        seed: int,
        params: Mapping[str, Any] | None,
        device: torch.device,
    ) -> None:
        self.render_mode = None
        self.environments = DeviceEnvironments(environment, num_envs, seed, params, device)
        super().__init__(num_envs, environment.observation_space, environment.action_space)
        self._actions: Tensor | None = None

    def reset(self) -> np.ndarray:
        """Begin new episodes everywhere; with new seeds if `seed` was called."""
        seed = self._seeds[0]
        self.environments.begin(seed)
        self._reset_seeds()
        return self._host(self.environments.obs)

    def step_async(self, actions: np.ndarray) -> None:
        """Take note of the actions."""
        space = self.action_space
        rows = np.ascontiguousarray(actions, dtype=space.dtype)
        self._actions = torch.from_numpy(rows).to(self.environments.device)

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Play them."""
        assert self._actions is not None
        world = self.environments
        world.step(self._actions)
        done, truncated = self._host(world.done), self._host(world.truncated)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if done.any():
            final = self._host(world.final_obs)
            for i in np.flatnonzero(done):
                infos[i] = {"terminal_observation": final[i], "TimeLimit.truncated": bool(truncated[i])}
        return self._host(world.obs), self._host(world.rewards), done, infos

    def close(self) -> None:
        """Do nothing: memory goes with the object."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Give an attribute of this object or of the environment, once for each copy asked for."""
        owner = self if attr_name == "render_mode" else self.environments.environment
        value = getattr(owner, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refuse: copies on a device have no attributes of their own."""
        raise AttributeError(f"Environments on a device have no attribute {attr_name!r} that can be set.")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Refuse: copies on a device have no methods of their own."""
        raise AttributeError(f"Environments on a device have no method {method_name!r}.")

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        """Tell that nothing is wrapped."""
        return [False for _ in self._get_indices(indices)]

    @staticmethod
    def _host(tensor: Tensor) -> np.ndarray:
        return tensor.cpu().numpy().copy()


def can_live_on(device: torch.device, environment: Environment) -> bool:
    """Tell whether an environment can be played on a device that is no CPU, from plain spaces."""
    plain = isinstance(environment.observation_space, spaces.Box) and isinstance(
        environment.action_space, spaces.Discrete | spaces.Box
    )
    return plain and environment.mask is None and device.type == "cuda" and has_cuda()
