"""How a rollout is cut into minibatches: into single steps, or pieces of play for a policy that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from agents.policies.recurrent import Sequences
from agents.ppo.backbones import Backbone
from agents.ppo.rollout_buffer import Rollout


@dataclass(frozen=True)
class Minibatch:
    """Samples of one gradient step; the first axis is the sample, that of `Sequences` the piece of play."""

    obs: Tensor | Sequences
    actions: Tensor
    old_log_prob: Tensor
    advantages: Tensor
    returns: Tensor
    old_values: Tensor
    masks: Tensor | None = None
    """(B, K), True for actions that were allowed; None where all always are."""


def samples_of(
    rollout: Rollout, backbone: Backbone, batch_size: int, device: torch.device
) -> StepSamples | SequenceSamples:
    """Return what an update goes through, epoch by epoch.

    Args:
        rollout: complete, T steps of N environments.
        backbone: of the policy.
        batch_size: samples in a minibatch.
        device: where minibatches are wanted.
    """
    kind = SequenceSamples if backbone.memory_size else StepSamples
    return kind(rollout, backbone, batch_size, device)


def _columns(rollout: Rollout) -> Float[Tensor, "4 T N"]:
    return torch.stack([rollout.log_probs, rollout.advantages, rollout.returns, rollout.values[:-1]])


class StepSamples:
    """Every step is a sample of its own, shuffled with all others; arguments as in `samples_of`."""

    def __init__(self, rollout: Rollout, backbone: Backbone, batch_size: int, device: torch.device) -> None:
        self.steps, self.num_envs = rollout.rewards.shape
        self.batch_size, self.device = batch_size, device
        self.columns = _columns(rollout).flatten(1).to(device)
        self.obs = backbone.prepare(rollout.obs[:-1].flatten(0, 1).to(device))
        self.actions = rollout.actions.flatten(0, 1).to(device)
        self.masks = None if rollout.masks is None else rollout.masks[:-1].flatten(0, 1).to(device)

    def epoch(self) -> Iterator[Minibatch]:
        """Shuffle and go through all samples."""
        total = self.steps * self.num_envs
        # Stable-Baselines3 numbers the samples environment by environment, the rollout step by step.
        order = np.random.permutation(total)
        index = torch.from_numpy(order % self.steps * self.num_envs + order // self.steps).to(self.device)
        obs, actions = self.obs.index_select(0, index), self.actions.index_select(0, index)
        columns = self.columns.index_select(1, index)
        masks = None if self.masks is None else self.masks.index_select(0, index)
        for start in range(0, total, self.batch_size):
            part = slice(start, start + self.batch_size)
            allowed = None if masks is None else masks[part]
            yield Minibatch(obs[part], actions[part], *columns[:, part], masks=allowed)


class SequenceSamples:
    """All steps of an environment stay together; environments are shuffled; arguments as in `samples_of`.

    A minibatch has as many environments as make `batch_size` samples, at least one.
    """

    def __init__(self, rollout: Rollout, backbone: Backbone, batch_size: int, device: torch.device) -> None:
        assert rollout.memory is not None
        steps, self.num_envs = rollout.rewards.shape
        self.at_once = max(1, batch_size // steps)
        self.device = device
        self.columns = _columns(rollout).transpose(1, 2).to(device)
        prepared = backbone.prepare(rollout.obs[:-1].transpose(0, 1).flatten(0, 1).to(device))
        self.obs = prepared.unflatten(0, (self.num_envs, steps))
        self.actions = rollout.actions.transpose(0, 1).to(device)
        self.masks = None if rollout.masks is None else rollout.masks[:-1].transpose(0, 1).to(device)
        self.memory = rollout.memory.to(device)
        # Memories of environments that begin with the first step are zeros already.
        starts = torch.zeros(steps, self.num_envs, dtype=torch.bool)
        starts[1:] = rollout.dones[:-1]
        self.starts = starts.T.to(device)

    def epoch(self) -> Iterator[Minibatch]:
        """Shuffle the environments and go through all of them."""
        order = torch.from_numpy(np.random.permutation(self.num_envs)).to(self.device)
        for envs in order.split(self.at_once):
            sequences = Sequences(self.obs[envs], self.memory[envs], self.starts[envs])
            columns = self.columns[:, envs].flatten(1)
            masks = None if self.masks is None else self.masks[envs].flatten(0, 1)
            yield Minibatch(sequences, self.actions[envs].flatten(0, 1), *columns, masks=masks)
