"""The rollout that PQN learns from, cut into single steps, or pieces of play for a policy that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor

from agents.policies.remembering import Sequences
from agents.pqn.networks import QNetwork


@dataclass(frozen=True)
class Played:
    """T steps of N environments."""

    obs: Shaped[Tensor, "T N ..."]
    actions: Int64[Tensor, "T N"]
    returns: Float[Tensor, "T N"]
    """What the Q-values of the actions are to become, in scaled rewards."""
    starts: Bool[Tensor, "T N"]
    """Whether an episode begins with a step."""
    memory: Float[Tensor, "N M"] | None
    """What a policy with a memory held before the first step."""


@dataclass(frozen=True)
class CutOff:
    """K episodes that were cut off at one step, each with a last state that is worth something."""

    step: int
    envs: Int64[np.ndarray, " K"]
    obs: Shaped[np.ndarray, "K ..."]
    masks: Bool[np.ndarray, "K A"] | None
    """Which actions the last states allow; None for all."""
    memory: Float[Tensor, "K M"] | None
    """What a policy with a memory held before the last states."""


@dataclass(frozen=True)
class Minibatch:
    """Samples of one gradient step; with a memory, the steps of one environment after those of another."""

    obs: Shaped[Tensor, "B ..."] | Sequences
    actions: Int64[Tensor, " B"]
    returns: Float[Tensor, " B"]


class StepSamples:
    """Every step is a sample of its own, shuffled with all others.

    Args:
        played: the rollout.
        network: it is for.
        batch_size: samples in a minibatch.
        device: where minibatches are wanted.
    """

    def __init__(self, played: Played, network: QNetwork, batch_size: int, device: torch.device) -> None:
        raw = played.obs.flatten(0, 1).to(device)
        network.see(raw)
        self.obs = network.prepare(raw)
        self.actions = played.actions.flatten().to(device)
        self.returns = played.returns.flatten().to(device)
        self.batch_size = min(batch_size, len(raw))

    def epoch(self) -> Iterator[Minibatch]:
        """Shuffle; samples that do not fill a minibatch wait for the next shuffle."""
        count, size = len(self.actions), self.batch_size
        order = torch.randperm(count).to(self.actions.device)
        for rows in order[: count - count % size].split(size):
            yield Minibatch(self.obs[rows], self.actions[rows], self.returns[rows])


class SequenceSamples:
    """All steps of an environment stay together; environments are shuffled; arguments as for `StepSamples`.

    A minibatch has as many environments as make `batch_size` samples, at least one.
    """

    def __init__(self, played: Played, network: QNetwork, batch_size: int, device: torch.device) -> None:
        assert played.memory is not None
        steps, count = played.actions.shape
        raw = played.obs.transpose(0, 1).flatten(0, 1).to(device)
        network.see(raw)
        self.obs = network.prepare(raw).unflatten(0, (count, steps))
        self.actions, self.returns, self.starts = (
            part.T.to(device) for part in (played.actions, played.returns, played.starts)
        )
        self.memory = played.memory.to(device)
        self.at_once = max(1, batch_size // steps)

    def epoch(self) -> Iterator[Minibatch]:
        """Shuffle the environments and go through all of them."""
        order = torch.randperm(len(self.memory)).to(self.memory.device)
        for envs in order.split(self.at_once):
            sequences = Sequences(self.obs[envs], self.memory[envs], self.starts[envs])
            yield Minibatch(sequences, self.actions[envs].flatten(), self.returns[envs].flatten())


def samples_of(
    played: Played, network: QNetwork, batch_size: int, device: torch.device
) -> StepSamples | SequenceSamples:
    """Return what an update goes through, epoch by epoch; the network sees the observations first."""
    kind = SequenceSamples if network.memory_size else StepSamples
    return kind(played, network, batch_size, device)
