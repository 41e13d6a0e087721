"""PPO wholly on one device: environments, policy and update, with nothing read back before an update is over.

On a GPU a whole iteration (a rollout of every environment, its advantages, all epochs of the update) becomes
one CUDA graph, so that it costs one launch. The sums are those of `agents.ppo.update`; the draws are the
device's own, so a training is not that of a CPU, number by number.
"""

from __future__ import annotations

import dataclasses

import torch
from gymnasium import spaces
from torch import Tensor

from agents.device_vec_env import DeviceEnvironments
from agents.policies.action_heads import GaussianHead
from agents.ppo.minibatches import Minibatch
from agents.ppo.update import Hyperparameters, Losses, Machine, gradients

EAGER = 2
"""Iterations before one is captured: in the first ones libraries choose their kernels and take memory."""


class DeviceLoop:
    """One iteration of PPO after the other.

    Args:
        machine: the policy, on the environments' device.
        environments: which it plays, N of them.
        steps: of each environment in a rollout, T.
        gamma: discount.
        gae_lambda: of the advantages. Schulman et al. 2016, arXiv:1506.02438.
        hyper: of the update; `clip_range` is a first value, `iterate` takes the present one.

    Attributes:
        losses: figures of the last iteration's update, on the device.
        values, returns: (T, N) of the last rollout.
    """

    def __init__(
        self,
        machine: Machine,
        environments: DeviceEnvironments,
        *,
        steps: int,
        gamma: float,
        gae_lambda: float,
        hyper: Hyperparameters,
    ) -> None:
        assert machine.adam is not None
        world = self.environments = environments
        self.machine, self.steps = machine, steps
        self.gamma, self.gae_lambda = gamma, gae_lambda
        self.device, count = world.device, world.num_envs
        self._rate, self._clip = self._new(()), self._new(())
        self._updates = self._new(()).fill_(machine.adam.count)
        # A clip range on the device can change without another graph.
        self._hyper = dataclasses.replace(hyper, clip_range=self._clip)
        shape = (steps, count)
        self.obs = world.obs.new_zeros(*shape, *world.obs.shape[1:])
        self.final_obs = torch.zeros_like(self.obs) if world.is_cut_off else None
        self.outputs = self._new((*shape, machine.num_outputs))
        self.rewards, self.advantages, self.returns = (self._new(shape) for _ in range(3))
        self.values = self._new((steps + 1, count))
        self.dones = torch.zeros(shape, dtype=torch.bool, device=self.device)
        self.truncated = torch.zeros_like(self.dones)
        self.actions: Tensor | None = None
        self.losses = Losses()
        self._episode = self._new((2, count))  # return and length so far
        self._ended = torch.zeros(3, dtype=torch.float64, device=self.device)  # sums of both, and how many
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream = torch.cuda.Stream(self.device) if self.device.type == "cuda" else None
        self._iterations = 0

    def _new(self, shape: tuple[int, ...]) -> Tensor:
        return torch.zeros(shape, device=self.device)

    @torch.no_grad()
    def iterate(self, learning_rate: float, clip_range: float) -> None:
        """Play a rollout and update the policy on it."""
        self._rate.fill_(learning_rate)
        self._clip.fill_(clip_range)
        if self._stream is None:
            self._iterate()
        else:
            self._stream.wait_stream(torch.cuda.current_stream(self.device))
            with torch.cuda.stream(self._stream):
                if self._graph is None and self._iterations >= EAGER:
                    self._graph = torch.cuda.CUDAGraph()
                    with torch.cuda.graph(self._graph, stream=self._stream):
                        self._iterate()
                if self._graph is None:
                    self._iterate()
                else:
                    self._graph.replay()
            torch.cuda.current_stream(self.device).wait_stream(self._stream)
        self._iterations += 1
        adam = self.machine.adam
        assert adam is not None
        done = self._hyper.n_epochs * -(-self.rewards.numel() // self._hyper.batch_size)
        adam.count += done
        adam.steps.add_(done)

    def episodes(self) -> tuple[float, float, int]:
        """Mean return and length of the episodes that have ended since the last call, and how many."""
        returns, lengths, count = self._ended.tolist()
        self._ended.zero_()
        return returns / max(count, 1), lengths / max(count, 1), round(count)

    def _iterate(self) -> None:
        self._play()
        self._judge()
        self._update()

    def _play(self) -> None:
        world, backbone, head = self.environments, self.machine.backbone, self.machine.head
        space = world.environment.action_space
        bounds = None
        if isinstance(space, spaces.Box):
            bounds = [torch.as_tensor(side, device=self.device) for side in (space.low, space.high)]
        for t in range(self.steps):
            self.obs[t].copy_(world.obs)
            outputs = backbone.act(backbone.prepare(world.obs))[0]
            actions = head.sample(outputs)
            self.outputs[t].copy_(outputs)
            if self.actions is None:
                self.actions = actions.new_zeros(self.steps, *actions.shape)
            self.actions[t].copy_(actions)
            played = actions
            if bounds is not None:
                played = actions.view(len(actions), *space.shape).clamp(*bounds)  # type: ignore[misc]
            world.step(played.contiguous())
            self.rewards[t].copy_(world.rewards)
            self.dones[t].copy_(world.done)
            if self.final_obs is not None:
                self.final_obs[t].copy_(world.final_obs)
                self.truncated[t].copy_(world.truncated)
            self._count_episodes(world)

    def _count_episodes(self, world: DeviceEnvironments) -> None:
        self._episode[0].add_(world.rewards)
        self._episode[1].add_(1)
        self._ended[:2].add_(torch.where(world.done, self._episode, 0.0).sum(1))
        self._ended[2].add_(world.done.sum())
        self._episode.masked_fill_(world.done, 0.0)

    def _judge(self) -> None:
        """Values, with those of the last observations where episodes were cut off; advantages and returns."""
        backbone = self.machine.backbone
        seen = self.obs.flatten(0, 1)
        self.values[:-1] = backbone.values(backbone.prepare(seen)).view_as(self.rewards)
        self.values[-1] = backbone.values(backbone.prepare(self.environments.obs))
        if self.final_obs is not None:
            after = backbone.values(backbone.prepare(self.final_obs.flatten(0, 1))).view_as(self.rewards)
            self.rewards.add_(torch.where(self.truncated, after, 0.0), alpha=self.gamma)
        goes_on = (~self.dones).float()
        surprise = self.rewards + self.gamma * self.values[1:] * goes_on - self.values[:-1]
        advantage = torch.zeros_like(self.rewards[0])
        for t in reversed(range(self.steps)):
            advantage = surprise[t] + self.gamma * self.gae_lambda * goes_on[t] * advantage
            self.advantages[t] = advantage
        torch.add(self.advantages, self.values[:-1], out=self.returns)

    def _update(self) -> None:
        machine, hyper = self.machine, self._hyper
        assert self.actions is not None
        actions = self.actions.flatten(0, 1)
        old = machine.head.evaluate(self.outputs.flatten(0, 1), actions)[0]
        columns = torch.stack(
            [old, *(part.flatten() for part in (self.advantages, self.returns, self.values[:-1]))]
        )
        obs = machine.backbone.prepare(self.obs.flatten(0, 1))
        self.losses = Losses()
        for _ in range(hyper.n_epochs):
            self.losses.approx_kl.clear()
            self.losses.epochs += 1
            order = torch.rand(len(actions), device=self.device).argsort()
            for index in order.split(hyper.batch_size):
                batch = Minibatch(obs[index], actions[index], *columns[:, index])
                gradients(machine, batch, hyper, self.losses)
                machine.backbone.flat.clip_grad_norm(hyper.max_grad_norm)
                self._step()

    def _step(self) -> None:
        """One step of Adam whose learning rate and count are on the device."""
        adam = self.machine.adam
        assert adam is not None
        flat, (beta1, beta2) = self.machine.backbone.flat, adam.group["betas"]
        self._updates.add_(1)
        adam.exp_avg.lerp_(flat.grads, 1 - beta1)
        adam.exp_avg_sq.mul_(beta2).addcmul_(flat.grads, flat.grads, value=1 - beta2)
        scale = (1 - beta2**self._updates).sqrt()
        denominator = adam.exp_avg_sq.sqrt() + scale * adam.group["eps"]
        step_size = scale * self._rate / (1 - beta1**self._updates)
        flat.values.sub_(step_size * adam.exp_avg / denominator)


def obstacle(machine: Machine, hyper: Hyperparameters) -> str | None:
    """Say why a policy cannot be trained in this loop, or return None."""
    if machine.adam is None:
        return "the optimizer is not a plain Adam over all parameters"
    if machine.backbone.memory_size:
        return "a policy with a memory is trained step by step"
    if hyper.target_kl is not None:
        return "target_kl has to be read back after every minibatch"
    if isinstance(machine.head, GaussianHead) and machine.head.log_std.grad is None:
        return "the noise of the actions is frozen"
    return None
