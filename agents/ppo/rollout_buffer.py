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


COLUMNS = ("values", "log_probs", "advantages", "returns")
"""What an update reads besides observations and actions."""


class Rollout:
    """The tensors of one rollout, on the CPU, where the environments are.

    Args:
        num_steps: T.
        num_envs: N.
        observation_space: any with one array per observation.
        action_space: of the environments.
        num_outputs: K, outputs of the policy's action net.
        masked: whether the environments say which actions are allowed.

    Attributes:
        obs: (T + 1, N, *shape) in the observation space's own dtype; the last row is what follows the last
            step.
        actions: (T, N, *shape) of the action space, before clipping; callbacks may change them.
        rows: the same memory as the heads see it, (T, N) or (T, N, n).
        drawn: `rows` as they were drawn; memory of its own if there are callbacks, which may change actions.
        outputs: (T, N, K), the action distribution's parameters, those of forbidden actions ruled out.
        masks: (T + 1, N, K), True for what was allowed; None where everything always is.
        rewards: (T, N) float32.
        dones: (T, N) bool, terminated or truncated.
        values: (T + 1, N).
        log_probs: (T, N) of the drawn actions.
        advantages: (T, N).
        returns: (T, N), advantages + values.
        episode_starts: (T, N), 1 where an episode begins with the step.
        read: values (N, 1) and log-probabilities (N,) that callbacks have read, by step.
        shown: the arrays that Stable-Baselines3's buffer shows, by name.
        bootstraps: of truncated environments: step, environments, their final observations.
        memory: (N, M), what a policy with a memory held before the first step, else None.
        final_values: values of the final observations, one tensor for each of `bootstraps`.
        final_memories: what it held when it saw the final observations, in the order of `bootstraps`.
    """

    def __init__(
        self,
        num_steps: int,
        num_envs: int,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        num_outputs: int,
        masked: bool = False,
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
        rows = isinstance(action_space, spaces.Box) and len(action_space.shape) != 1
        self.rows = self.actions.view(T, N, -1) if rows else self.actions
        self.drawn = self.rows
        self.outputs = torch.empty(T, N, num_outputs)
        self.masks = torch.ones(T + 1, N, num_outputs, dtype=torch.bool) if masked else None
        self.rewards = torch.empty(T, N)
        self.dones = torch.empty(T, N, dtype=torch.bool)
        self.values = torch.zeros(T + 1, N)
        self.log_probs = torch.zeros(T, N)
        self.advantages = torch.zeros(T, N)
        self.returns = torch.zeros(T, N)
        self.episode_starts = np.zeros((T, N), np.float32)
        self.read: dict[int, tuple[Tensor, Tensor]] = {}
        self.shown: dict[str, np.ndarray] = {}
        self.bootstraps: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.memory: Tensor | None = None
        self.final_memories: list[Tensor] = []
        self.final_values: list[Tensor] = []

    def add_final_values(self, values: Float[Tensor, " M"], gamma: float) -> None:
        """Add the discounted values of `final_obs()` to the rewards of the steps that were truncated."""
        rewards, start = self.rewards.numpy(), 0
        estimates = values.cpu().numpy()
        for step, envs, _ in self.bootstraps:
            rewards[step, envs] += gamma * estimates[start : start + len(envs)]
            start += len(envs)

    def final_obs(self, first: int = 0) -> Shaped[Tensor, "M ..."]:
        """Return the last observations of all truncated episodes, in the order of `bootstraps`.

        Args:
            first: entries of `bootstraps` to leave out.
        """
        return torch.from_numpy(np.concatenate([obs for _, _, obs in self.bootstraps[first:]]))

    def finish(self, gamma: float, gae_lambda: float) -> None:
        """Compute advantages and returns, once `values` and `rewards` are complete."""
        values = self.values.numpy()
        self.advantages = torch.from_numpy(
            gae(self.rewards.numpy(), values, self.dones.numpy(), gamma, gae_lambda)
        )
        self.returns = self.advantages + self.values[:-1]

    def attach(self, buffer: RolloutBuffer) -> None:
        """Let Stable-Baselines3's buffer show this rollout's memory; nothing is copied.

        Called when the rollout begins, so that the buffer fills as in Stable-Baselines3's loop (but for
        values, log-probabilities and what follows from them), and again when it is complete.
        """
        T, N = self.rewards.shape
        obs, shape = self.obs[:-1].numpy(), buffer.obs_shape
        assert isinstance(shape, tuple)
        turned = len(shape) == 3 and obs.shape[2:] != shape
        self.shown = {
            "observations": np.moveaxis(obs, -1, 2) if turned else obs.reshape(T, N, *shape),
            "actions": self.actions.reshape(T, N, -1).numpy(),
            "rewards": self.rewards.numpy(),
            "returns": self.returns.numpy(),
            "values": self.values[:-1].numpy(),
            "log_probs": self.log_probs.numpy(),
            "advantages": self.advantages.numpy(),
            "episode_starts": self.episode_starts,
        }
        vars(buffer).update(self.shown)
        buffer.generator_ready = False

    def take_back(self, buffer: RolloutBuffer) -> bool:
        """Take over what somebody has put into the buffer since it was attached.

        Returns:
            False if the buffer no longer shows this rollout; then only Stable-Baselines3 knows what to do.
        """
        replaced = {name for name, array in self.shown.items() if vars(buffer).get(name) is not array}
        replaced -= {"rewards", "episode_starts"}  # which nobody reads any more
        if not buffer.full or buffer.generator_ready or not replaced <= set(COLUMNS):
            return False
        for name in replaced:
            array = vars(buffer)[name]
            if not isinstance(array, np.ndarray) or array.shape != self.rewards.shape:
                return False
        for name in replaced:
            column = torch.from_numpy(np.array(vars(buffer)[name], np.float32))
            if name == "values":
                self.values[:-1] = column
            else:
                setattr(self, name, column)
        return True
