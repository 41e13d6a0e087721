"""What AlphaZero learns: where the search looked, and how the game went on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Shaped
from torch import Tensor


def search_returns(
    rewards: Float32[np.ndarray, "T N"],
    values: Float32[np.ndarray, "T_plus_1 N"],
    dones: Bool[np.ndarray, "T N"],
    settled: Bool[np.ndarray, "T N"],
    gamma: float,
    value_lambda: float,
) -> Float32[np.ndarray, "T N"]:
    """Lambda-returns over the values that the search found.

    G_t = r_t + gamma ((1 - lambda) v_{t+1} + lambda G_{t+1}), and v_t where it is settled.

    Args:
        rewards: of each move.
        values: what the search says of each position, and of the one after the last move.
        dones: the game ended with this move.
        settled: the search's value stands: the move was drawn regardless of it, or it has proven the value.
        gamma: discount per move; negative where two players take turns.
        value_lambda: how far returns look past the next value: 1 to the end of the game.
    """
    alive = np.float32(gamma) * (1 - dones.astype(np.float32))
    returns, following = np.empty_like(rewards), values[-1]
    for t in range(len(rewards) - 1, -1, -1):
        ahead = values[t + 1] + np.float32(value_lambda) * (following - values[t + 1])
        returns[t] = following = np.where(settled[t], values[t], rewards[t] + alive[t] * ahead)
    return returns


@dataclass(frozen=True)
class Samples:
    """B positions."""

    obs: Shaped[Tensor, "B ..."]
    masks: Bool[Tensor, "B K"]
    chances: Float[Tensor, "B K"]
    """What the probabilities are to become."""
    returns: Float[Tensor, " B"]
    """What the values are to become."""

    def __getitem__(self, rows: Tensor) -> Samples:
        return Samples(self.obs[rows], self.masks[rows], self.chances[rows], self.returns[rows])

    def mirrored(self, which: Bool[Tensor, " B"]) -> Samples:
        """Turn some of them left to right: columns of pictures (B, H, W, C), and actions."""
        turned = which[:, None]
        return Samples(
            torch.where(turned[:, None, None], self.obs.flip(2), self.obs),
            torch.where(turned, self.masks.flip(1), self.masks),
            torch.where(turned, self.chances.flip(1), self.chances),
            self.returns,
        )


class Memory:
    """The newest rollouts.

    Args:
        size: positions, at most; always at least one rollout.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._rollouts: deque[Samples] = deque()

    def __len__(self) -> int:
        return sum(len(one.returns) for one in self._rollouts)

    def add(self, samples: Samples) -> None:
        """Keep a rollout; the oldest make room."""
        self._rollouts.append(samples)
        while len(self) > self.size and len(self._rollouts) > 1:
            self._rollouts.popleft()

    def draw(self, batches: int, batch_size: int) -> Iterator[Samples]:
        """Draw minibatches with replacement."""
        parts = list(self._rollouts)
        every = Samples(
            *(torch.cat([getattr(p, n) for p in parts]) for n in ("obs", "masks", "chances", "returns"))
        )
        for _ in range(batches):
            yield every[torch.randint(len(every.returns), (batch_size,))]
