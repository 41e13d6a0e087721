"""PPO's update: epochs of shuffled minibatches over one rollout, with every gradient written out.

The numbers are those of Stable-Baselines3's `PPO.train`, in the same order, for the same draws of
`np.random.permutation`; tests hold it to 1e-5 after a whole update.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from agents.policies.action_heads import Head, head_for, masked
from agents.policies.flat_parameters import FlatAdam
from agents.ppo.backbones import Backbone
from agents.ppo.fast_path import Snapshot
from agents.ppo.matmul_precision import fast_products
from agents.ppo.minibatches import Minibatch, samples_of
from agents.ppo.rollout_buffer import Rollout
from sandbox.training.process_group import Group


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """What an update needs to know; the names are Stable-Baselines3's."""

    batch_size: int
    n_epochs: int
    clip_range: float | Tensor
    clip_range_vf: float | None
    normalize_advantage: bool
    ent_coef: float
    vf_coef: float
    max_grad_norm: float
    target_kl: float | None


@dataclass
class Losses:
    """Figures of each minibatch, kept as tensors until the end so that nothing waits for them."""

    policy: list[Tensor] = field(default_factory=list)
    value: list[Tensor] = field(default_factory=list)
    entropy: list[Tensor] = field(default_factory=list)
    clip_fraction: list[Tensor] = field(default_factory=list)
    approx_kl: list[Tensor] = field(default_factory=list)  # of the last epoch only
    total: Tensor = field(default_factory=lambda: torch.zeros(()))
    epochs: int = 0
    stopped_at: tuple[int, float] | None = None  # epoch and KL that ended the update early


@runtime_checkable
class Differentiable(Protocol):
    """What a gradient needs of a policy, or of a stack of them (`agents.ppo.stacked`)."""

    backbone: Any
    head: Any


class Machine:
    """A policy taken apart into what PPO's loops need: networks, action head, optimizer step.

    Args:
        policy: that learns.
        backbone: its networks.
        group: of processes whose gradients are averaged.
    """

    def __init__(self, policy: ActorCriticPolicy, backbone: Backbone, group: Group | None = None) -> None:
        self.policy = policy
        self.group = group
        self.backbone = backbone
        self.head: Head = head_for(policy.action_space, getattr(policy, "log_std", None))
        assert isinstance(policy.action_net, nn.Linear)
        self.num_outputs = int(policy.action_net.out_features)
        self.optimizer = policy.optimizer
        flat = backbone.flat
        self.adam = FlatAdam(policy.optimizer, flat) if self._is_flat(policy.optimizer) else None
        self.snapshot = Snapshot(policy)
        for parameter in policy.parameters():
            if not parameter.requires_grad:
                parameter.grad = None  # a stale gradient of a frozen parameter would be clipped and applied

    def _is_flat(self, optimizer: torch.optim.Optimizer) -> bool:
        return FlatAdam.supports(optimizer, self.backbone.flat.parameters)

    def is_current(self, policy: ActorCriticPolicy) -> bool:
        """Tell whether modules, parameters and optimizer are still the ones that were taken apart."""
        if not self.snapshot.holds(policy) or not self.backbone.flat.is_current():
            return False
        return not self._is_flat(self.optimizer) if self.adam is None else self.adam.is_current()

    def step(self, max_grad_norm: float) -> None:
        """Clip the gradients and apply them; first average those of a group."""
        if self.group is not None:
            self.backbone.flat.grads.copy_(self.group.mean(self.backbone.flat.grads))
        if self.adam is None:
            clip_grad_norm_(self.policy.parameters(), max_grad_norm)
            self.optimizer.step()
        else:
            self.backbone.flat.clip_grad_norm(max_grad_norm)
            self.adam.step()


@torch.no_grad()
def update(machine: Machine, rollout: Rollout, hyper: Hyperparameters, device: torch.device) -> Losses:
    """Run all epochs over one rollout.

    Args:
        machine: the policy; changed.
        rollout: complete, with advantages and returns.
        hyper: the hyperparameters of this moment.
        device: where the policy is.
    """
    with fast_products(device):
        return _epochs(machine, rollout, hyper, device)


def _epochs(machine: Machine, rollout: Rollout, hyper: Hyperparameters, device: torch.device) -> Losses:
    losses = Losses()
    samples = samples_of(rollout, machine.backbone, hyper.batch_size, device)
    for epoch in range(hyper.n_epochs):
        losses.approx_kl.clear()
        losses.epochs += 1
        for minibatch in samples.epoch():
            if not gradients(machine, minibatch, hyper, losses, machine.group):
                losses.stopped_at = epoch, losses.approx_kl[-1].item()
                return losses
            machine.step(hyper.max_grad_norm)
    return losses


def gradients(
    machine: Differentiable,
    batch: Minibatch,
    hyper: Hyperparameters,
    losses: Losses,
    group: Group | None = None,
) -> bool:
    """Write the gradient of one minibatch's loss into the policy's parameters, and its figures into `losses`.

    Of a stack of policies the minibatch has a first axis more, and so have the figures: means are over
    samples of one policy, never over policies. Of a group's minibatch it is the part of this process: the
    moments of its advantages and the KL divergence that ends the update are those of the whole.

    Returns:
        False if the policy has moved further than `target_kl` allows; then there is no gradient.
    """
    size = batch.returns.shape[-1]
    clip, clip_vf = hyper.clip_range, hyper.clip_range_vf
    outputs, values = machine.backbone.forward(batch.obs)
    log_prob, entropy, saved = machine.head.evaluate(masked(outputs, batch.masks), batch.actions)
    advantages = batch.advantages
    whole = size if group is None else size * group.size
    if hyper.normalize_advantage and whole > 1:
        if group is None:
            std, mean = torch.std_mean(advantages, -1, keepdim=True)
        else:
            var, mean = torch.var_mean(advantages, -1, keepdim=True, correction=0)
            mean, var = group.moments(mean, var)
            mean, std = mean.float(), (var * (whole / (whole - 1))).sqrt().float()
        advantages = (advantages - mean).div_(std + 1e-8)

    log_ratio = log_prob - batch.old_log_prob
    ratio = log_ratio.exp()
    surrogate = advantages * ratio
    clipped = ratio.clamp(1 - clip, 1 + clip).mul_(advantages)
    policy_loss = torch.minimum(surrogate, clipped).mean(-1).neg_()
    if clip_vf is None:
        error = values - batch.returns
        free = None
    else:
        change = values - batch.old_values
        free = change.abs() <= clip_vf
        error = change.clamp_(-clip_vf, clip_vf).add_(batch.old_values).sub_(batch.returns)
    value_loss = error.square().mean(-1)
    entropy_loss = entropy.mean(-1).neg_()
    approx_kl = ((ratio - 1) - log_ratio).mean(-1)
    losses.policy.append(policy_loss)
    losses.value.append(value_loss)
    losses.entropy.append(entropy_loss)
    losses.clip_fraction.append(((ratio - 1).abs_() > clip).float().mean(-1))
    if group is not None and hyper.target_kl is not None:  # which must end the update everywhere, or nowhere
        approx_kl = group.mean(approx_kl)
    losses.approx_kl.append(approx_kl)
    losses.total = policy_loss + hyper.ent_coef * entropy_loss + hyper.vf_coef * value_loss
    if hyper.target_kl is not None and approx_kl.item() > 1.5 * hyper.target_kl:
        return False

    # The minimum passes its gradient on only where the surrogate is the smaller of the two.
    grad_log_prob = surrogate.mul_(surrogate <= clipped).mul_(-1 / size)
    grad_outputs = machine.head.backward(saved, grad_log_prob, -hyper.ent_coef / size)
    grad_values = error.mul_(2 * hyper.vf_coef / size)
    machine.backbone.backward(grad_outputs, grad_values if free is None else grad_values.mul_(free))
    return True
