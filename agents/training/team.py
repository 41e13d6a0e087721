"""PPO by several processes: each plays its part of the environments; their gradients are averaged.

`torchrun --nproc-per-node 2 -m sandbox.cli train cartpole` starts the same command twice. `num_envs` and
`batch_size` stay those of the whole. Every minibatch has as many samples of each process; its gradient, the
moments of its advantages and the KL divergence that ends an update are those of all of them, and so are the
running moments of `normalize`. What is averaged once per update are the losses shown. `return`, `length` and
`explained_variance` are those of process 0's part.

Process 0 leads, see `sandbox.training.process_group`. Its checkpoints have its own environments only: when a
training is resumed, the others begin new episodes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from stable_baselines3.common.base_class import BaseAlgorithm

from agents.ppo import PPO
from agents.ppo.on_device import DevicePPO
from agents.settings import AgentSettings, PPOSettings
from agents.training.compatibility import MEMORIES
from agents.training.resume_state import capture, restore
from sandbox.devices import random_states, seed_everything
from sandbox.errors import UserError
from sandbox.training.process_group import Group, random_seed


class Team(Group):
    """The processes that train one agent.

    Args:
        model: learns in this process's part of the environments; the same settings in all processes.
        seed: of the training.

    Raises:
        UserError: the model cannot be trained so.
    """

    def __init__(self, model: BaseAlgorithm, seed: int) -> None:
        assert isinstance(model, PPO), "part_of refuses all others"
        if isinstance(model, DevicePPO):
            raise UserError(
                "Environments that live on a GPU are played by one process: start it without torchrun, or "
                "lower num_envs."
            )
        super().__init__(model.device)
        self.model, self.seed = model, seed
        model.group = self

    def _learned(self) -> Any:
        tensors, values = capture(self.model)
        own = ("env/", "random/")
        return {name: tensor for name, tensor in tensors.items() if not name.startswith(own)}, values

    def _learn(self, learned: Any) -> None:
        tensors, values = learned
        model = self.model
        restore(model, {**tensors, **{f"random/{name}": t for name, t in random_states().items()}}, values)
        step = model.num_timesteps
        own = random_seed(self.seed, step, self.rank, self.size)
        seed_everything(own % 2**32)
        if step and model.env is not None:  # not the episodes again that the training began with
            model.env.seed(own % 2**31)


def part_of(settings: AgentSettings, size: int) -> AgentSettings:
    """The settings of one of several processes, which together do what the settings say.

    Args:
        settings: of the whole training.
        size: number of processes.

    Raises:
        UserError: another agent than PPO, or what cannot be shared equally.
    """
    if size == 1:
        return settings
    if settings.agent != "ppo" or not isinstance(settings, PPOSettings):
        raise UserError(
            f"Only ppo can be spread over processes, not {settings.agent}; start it without torchrun."
        )
    if settings.novelty != "none":
        raise UserError("What is new is judged by one process: start it without torchrun or --novelty.")
    _check_parts("num_envs", settings.num_envs, size)
    batch = min(settings.batch_size, settings.num_envs * settings.num_steps)
    if settings.policy in MEMORIES:
        pieces = max(1, batch // settings.num_steps)
        _check_parts("batch_size / num_steps, the pieces of play in a minibatch,", pieces, size)
        batch = pieces * settings.num_steps
    _check_parts("batch_size", batch, size)
    if batch < 2 * size:
        raise UserError(f"batch_size must be at least 2 for each of {size} processes, not {batch} in all.")
    return dataclasses.replace(settings, num_envs=settings.num_envs // size, batch_size=batch // size)


def _check_parts(name: str, count: int, size: int) -> None:
    if count % size:
        raise UserError(f"{name} must be a multiple of {size}, the number of processes, not {count:,}.")
