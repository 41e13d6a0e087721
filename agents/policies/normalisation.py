"""Observations and rewards of mean 0 and deviation 1, by running moments that a policy carries with it.

What Stable-Baselines3's `VecNormalize` does around an environment lies inside the policy here: its moments
are buffers, so that checkpoints, exports and whoever plays have them without a file beside the model. They
move between two updates, never within a rollout or the update on it, so that old and new probabilities of an
action are of the same input.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Shaped
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.preprocessing import get_flattened_obs_dim, preprocess_obs
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

from sandbox.training.process_group import Group

Normalize = Literal["none", "observations", "rewards", "both"]

FARTHEST = 10.0
"""Standard deviations at which numbers are cut off, as in `VecNormalize`."""
LEAST_VARIANCE = 1e-8
FIRST_COUNT = 1e-4
"""Samples that the first moments, 0 and 1, count for."""


def merge(
    mean: Float[Tensor, "*D"],
    var: Float[Tensor, "*D"],
    count: Tensor,
    x: Float[Tensor, "_ ..."],
    group: Group | None = None,
) -> None:
    """Take more samples into running moments, in place. Chan, Golub & LeVeque 1979.

    Args:
        mean: so far.
        var: likewise.
        count: of the samples so far.
        x: more of them.
        group: of processes whose samples are taken in, too; each has as many.
    """
    x = x.double()
    more = float(len(x) * (1 if group is None else group.size))
    old_mean, old_var, old_count = mean.double(), var.double(), count.double()
    new_mean, new_var = x.mean(0), x.var(0, correction=0)
    if group is not None:
        new_mean, new_var = group.moments(new_mean, new_var)
    delta, total = new_mean - old_mean, old_count + more
    spread = old_var * old_count + new_var * more + delta.square() * old_count * more / total
    mean.copy_(old_mean + delta * more / total)
    var.copy_(spread / total)
    count.copy_(total)


class NormalisedFeatures(BaseFeaturesExtractor):
    """Flat observations of mean 0 and standard deviation 1, cut off at 10.

    Args:
        observation_space: one array; discrete ones come as one-hot rows.
    """

    mean: Tensor
    var: Tensor
    count: Tensor

    def __init__(self, observation_space: spaces.Space) -> None:
        size = get_flattened_obs_dim(observation_space)
        super().__init__(observation_space, size)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("var", torch.ones(size))
        self.register_buffer("count", torch.tensor(FIRST_COUNT))

    def forward(self, observations: Float[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Scale observations."""
        rows = observations.flatten(1)
        return ((rows - self.mean) * (self.var + LEAST_VARIANCE).rsqrt()).clamp(-FARTHEST, FARTHEST)

    def see(self, observations: Float[Tensor, "_ ..."], group: Group | None = None) -> None:
        """Take more observations into the moments, and those of all processes of a group."""
        merge(self.mean, self.var, self.count, observations.flatten(1), group)


@torch.no_grad()
def take_in(policy: ActorCriticPolicy, obs: Shaped[Tensor, "_ ..."], group: Group | None = None) -> None:
    """Take raw observations into the moments of a policy, once it has learned from them.

    Args:
        policy: has learned.
        obs: of this process.
        group: of processes that take in what all of them have seen.
    """
    ready = preprocess_obs(
        obs.to(policy.device), policy.observation_space, normalize_images=policy.normalize_images
    )
    assert isinstance(ready, Tensor)
    parts = {id(part): part for part in policy.modules() if isinstance(part, NormalisedFeatures)}
    for part in parts.values():
        part.see(ready, group)


class ReturnScale(nn.Module):
    """How far returns spread, by which rewards are divided while an agent learns. Holds no parameter.

    What spreads is the discounted sum of the rewards so far in an episode, as in `VecNormalize`.

    Attributes:
        moments: mean and variance of these sums, and how many there were.
    """

    moments: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("moments", torch.tensor([0.0, 1.0, FIRST_COUNT], dtype=torch.float64))

    def deviation(self) -> float:
        """Return the standard deviation: what a value of the policy is to be multiplied by."""
        return float((self.moments[1] + LEAST_VARIANCE).sqrt())

    def scaled(
        self,
        rewards: Float[np.ndarray, "T N"],
        dones: Bool[np.ndarray, "T N"],
        sums: Float[np.ndarray, " N"],
        gamma: float,
        group: Group | None = None,
    ) -> Float[np.ndarray, "T N"]:
        """Take a rollout into the moments and divide its rewards.

        Args:
            rewards: of T steps of N environments.
            dones: whether an episode ended in a step.
            sums: discounted rewards so far of each running episode; brought up to date.
            gamma: discount per step.
            group: of processes that share the moments.

        Returns:
            The rewards in standard deviations, cut off at 10.
        """
        seen = np.empty(rewards.shape)
        for t, (row, ended) in enumerate(zip(rewards, dones, strict=True)):
            sums *= gamma
            sums += row
            seen[t] = sums
            sums[ended] = 0.0
        mean, var, count = self.moments
        merge(mean, var, count, torch.from_numpy(seen).flatten(), group)
        return np.clip(rewards / self.deviation(), -FARTHEST, FARTHEST).astype(np.float32)


def wants_observations(normalize: Normalize) -> bool:
    """Tell whether observations are to be normalised."""
    return normalize in ("observations", "both")


def wants_rewards(normalize: Normalize) -> bool:
    """Tell whether rewards are to be normalised."""
    return normalize in ("rewards", "both")
