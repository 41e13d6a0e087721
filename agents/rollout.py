"""A rollout as tensors: T steps of N environments, written in place while it is collected."""

from __future__ import annotations

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Float32, Shaped
from stable_baselines3.common.buffers import RolloutBuffer
from torch import Tensor


def gae(
    rewards: Float32[np.ndarray, "T N"],
    values: Float32[np.ndarray, "T_plus_1 N"],
    dones: Bool[np.ndarray, "T N"],
    gamma: float,
    gae_lambda: float,
) -> Float32[np.ndarray, "T N"]:
    """Generalized advantage estimates. Schulman et al. 2016, arXiv:1506.02438.

    Args:
        rewards: in a step that was truncated, with `gamma` V(final observation) already added.
        values: V of each observation and of the one after the last step; of an environment that was reset, of
            its new episode.
        dones: the episode ended in this step, for either reason; cuts the sum.
        gamma: discount per step, in [0, 1].
        gae_lambda: how far advantages look past the next value, in [0, 1].

    Returns:
        Advantages, in reward units.
    """
    alive = 1.0 - dones.astype(np.float32)
    advantages = rewards + gamma * values[1:] * alive - values[:-1]
    carry = np.float32(gamma * gae_lambda) * alive
    last = advantages[-1]
    for t in range(len(rewards) - 2, -1, -1):
        last = advantages[t] + carry[t] * last
        advantages[t] = last
    return advantages


class Rollout:
    """The tensors of one rollout, on the CPU, where the environments are.

    Args:
        num_steps: T.
        num_envs: N.
        observation_space: any with one array per observation.
        action_space: of the environments.
        num_outputs: K, outputs of the policy's action net.

    Attributes:
        obs: (T + 1, N, *shape) in the observation space's own dtype; the last row is what follows the last
            step.
        actions: (T, N) or (T, N, n), as drawn, before clipping.
        outputs: (T, N, K), the action distribution's parameters.
        rewards: (T, N) float32.
        dones: (T, N) bool, terminated or truncated.
        values: (T + 1, N).
        log_probs: (T, N) of the drawn actions.
        advantages: (T, N).
        returns: (T, N), advantages + values.
        bootstraps: of truncated environments: step, environments, their final observations.
        memory: (N, M), what a policy with a memory held before the first step, else None.
        final_memories: what it held when it saw the final observations, in the order of `bootstraps`.
    """

    def __init__(
        self,
        num_steps: int,
        num_envs: int,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        num_outputs: int,
    ) -> None:
        shape = observation_space.shape
        assert shape is not None
        T, N = num_steps, num_envs
        # New memory for each rollout: callbacks may keep the arrays they were given.
        self.obs = torch.from_numpy(np.empty((T + 1, N, *shape), observation_space.dtype))
        if isinstance(action_space, spaces.Box | spaces.MultiBinary):
            assert action_space.shape is not None
            self.actions = torch.empty((T, N, *action_space.shape))
        else:
            self.actions = torch.empty((T, N, *(action_space.shape or ())), dtype=torch.int64)
        self.outputs = torch.empty(T, N, num_outputs)
        self.rewards = torch.empty(T, N)
        self.dones = torch.empty(T, N, dtype=torch.bool)
        self.values = torch.empty(T + 1, N)
        self.log_probs = torch.empty(T, N)
        self.advantages = torch.empty(T, N)
        self.returns = torch.empty(T, N)
        self.bootstraps: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.memory: Tensor | None = None
        self.final_memories: list[Tensor] = []

    def add_final_values(self, values: Float[Tensor, " M"], gamma: float) -> None:
        """Add the discounted values of `final_obs()` to the rewards of the steps that were truncated."""
        rewards, start = self.rewards.numpy(), 0
        estimates = values.cpu().numpy()
        for step, envs, _ in self.bootstraps:
            rewards[step, envs] += gamma * estimates[start : start + len(envs)]
            start += len(envs)

    def final_obs(self) -> Shaped[Tensor, "M ..."]:
        """Return the last observations of all truncated episodes, in the order of `bootstraps`."""
        return torch.from_numpy(np.concatenate([obs for _, _, obs in self.bootstraps]))

    def finish(self, gamma: float, gae_lambda: float) -> None:
        """Compute advantages and returns, once `values` and `rewards` are complete."""
        values = self.values.numpy()
        self.advantages = torch.from_numpy(
            gae(self.rewards.numpy(), values, self.dones.numpy(), gamma, gae_lambda)
        )
        self.returns = self.advantages + self.values[:-1]

    def publish(self, buffer: RolloutBuffer, first_starts: Bool[np.ndarray, " N"]) -> None:
        """Show the rollout in Stable-Baselines3's buffer, for callbacks that look there; nothing is copied.

        Args:
            buffer: written.
            first_starts: which environments began an episode with the first step.
        """
        T, N = self.rewards.shape
        obs, shape = self.obs[:-1].numpy(), buffer.obs_shape
        assert isinstance(shape, tuple)
        turned = len(shape) == 3 and obs.shape[2:] != shape
        buffer.observations = np.moveaxis(obs, -1, 2) if turned else obs.reshape(T, N, *shape)
        buffer.actions = self.actions.reshape(T, N, -1).numpy()
        buffer.rewards, buffer.returns = self.rewards.numpy(), self.returns.numpy()
        buffer.values, buffer.log_probs = self.values[:-1].numpy(), self.log_probs.numpy()
        buffer.advantages = self.advantages.numpy()
        buffer.episode_starts = np.concatenate([first_starts[None], self.dones[:-1].numpy()]).astype(
            np.float32
        )
        buffer.pos, buffer.full, buffer.generator_ready = T, True, False
