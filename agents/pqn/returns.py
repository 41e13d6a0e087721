"""What PQN learns: returns that look further than one step."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float32


def lambda_returns(
    rewards: Float32[np.ndarray, "T N"],
    best: Float32[np.ndarray, "T_plus_1 N"],
    dones: Bool[np.ndarray, "T N"],
    gamma: float,
    q_lambda: float,
) -> Float32[np.ndarray, "T N"]:
    """Peng's Q(lambda) returns. Peng & Williams 1996.

    Args:
        rewards: in a step that was truncated, with `gamma` max q(final observation) already added.
        best: the value of the best action of each observation and of the one after the last step.
        dones: the episode ended in this step, for either reason.
        gamma: discount per step; negative where two players take turns.
        q_lambda: how far returns look past the next value, in [0, 1].
    """
    alive = gamma * (1.0 - dones.astype(np.float32))
    # One step, and what the next return adds to it.
    returns = rewards + alive * np.float32(1.0 - q_lambda) * best[1:]
    carry = np.float32(q_lambda) * alive
    following = best[-1]
    for t in range(len(rewards) - 1, -1, -1):
        following = returns[t] + carry[t] * following
        returns[t] = following
    return returns
