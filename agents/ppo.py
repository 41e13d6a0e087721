"""Proximal policy optimization. Schulman et al. 2017, arXiv:1707.06347.

`PPO` is Stable-Baselines3's PPO with another way of doing the same sums: same constructor, callbacks, logger
keys, schedules, `learn`, `predict`, `save` and `load`, same random draws and minibatches. What differs is
where the time goes. Environments of ours write their observations straight into the rollout's tensors; values
and log-probabilities of a whole rollout come from one pass; truncated episodes are bootstrapped together; and
an update runs on one flat block of parameters with gradients written out by hand (`update.py`,
`backbones.py`, `heads.py`, `flat.py`).

State-dependent exploration (`use_sde`), dictionary observations, a rollout buffer of your own, and a policy
that overrides what its outputs mean are left to Stable-Baselines3's own loops: correct, at its speed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecEnv, VecTransposeImage

from agents.backbones import backbone_for
from agents.memory import MemoryPolicy
from agents.policies import CnnPolicy, MlpPolicy
from agents.rollout import Rollout
from agents.update import Hyperparameters, Losses, Machine, update
from agents.vec_env import BatchVecEnv
from sandbox.allocator import keep_freed_memory
from sandbox.errors import UserError


class PPO(stable_baselines3.PPO):
    """Stable-Baselines3's PPO, several times faster. Schulman et al. 2017, arXiv:1707.06347.

    All arguments are Stable-Baselines3's. `"MlpPolicy"` and `"CnnPolicy"` are built of the shared blocks; a
    model with the former, once saved, loads with `stable_baselines3.PPO.load` where nothing of this project
    is installed.
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        **stable_baselines3.PPO.policy_aliases,
        "MlpPolicy": MlpPolicy,
        "CnnPolicy": CnnPolicy,
    }
    _machine: Machine | None = None
    _rollout: Rollout | None = None
    _memory: torch.Tensor | None = None
    """What a policy with a memory holds of each environment after the last step."""

    def _setup_model(self) -> None:
        keep_freed_memory()
        super()._setup_model()

    def _taken_apart(self) -> Machine | None:
        """Return the parts of the policy, or None if only Stable-Baselines3's own loops know what it does."""
        if self.use_sde or type(self.rollout_buffer) is not RolloutBuffer:
            if isinstance(self.policy, MemoryPolicy):
                raise UserError("A policy with a memory needs plain noise and the usual rollout buffer.")
            return None
        if self._machine is None or not self._machine.is_current(self.policy):
            backbone = backbone_for(self.policy)
            self._machine = None if backbone is None else Machine(self.policy, backbone)
        return self._machine

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        rollout_buffer: RolloutBuffer,
        n_rollout_steps: int,
    ) -> bool:
        """Collect `n_rollout_steps` steps of each environment.

        Callbacks find `infos`, `dones`, `rewards`, `new_obs`, `actions` and `clipped_actions` in their
        `locals`. Values and log-probabilities are computed when the rollout is complete, so they are not
        there.

        Returns:
            False if a callback asked to stop.
        """
        machine = self._taken_apart()
        if machine is None:
            return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
        assert isinstance(self._last_obs, np.ndarray) and self.ep_info_buffer is not None
        self.policy.set_training_mode(False)
        callback.on_rollout_start()
        batch, turned = _batch_under(env)
        machine.backbone.turned = turned
        space = self.observation_space if batch is None else batch.observation_space
        rollout = Rollout(n_rollout_steps, env.num_envs, space, self.action_space, machine.num_outputs)
        rollout.obs[0] = torch.from_numpy(np.moveaxis(self._last_obs, 1, -1) if turned else self._last_obs)
        memory = self._begin_memory(machine, env.num_envs)
        rollout.memory = memory
        box = self.action_space if isinstance(self.action_space, spaces.Box) else None
        new_obs, dones = self._last_obs, np.zeros(env.num_envs, bool)
        for n_steps in range(n_rollout_steps):
            actions, memory = self._draw(machine, rollout, n_steps, memory)
            clipped_actions = actions if box is None else np.clip(actions, box.low, box.high)
            if batch is not None:
                new_obs, rewards = rollout.obs[n_steps + 1].numpy(), rollout.rewards[n_steps].numpy()
                dones, infos = batch.step_into(clipped_actions, new_obs, rewards)
                if turned:
                    new_obs = np.moveaxis(new_obs, -1, 1)
                    for i in np.flatnonzero(dones):
                        infos[i]["terminal_observation"] = infos[i]["terminal_observation"].transpose(2, 0, 1)
            else:
                new_obs, rewards, dones, infos = env.step(clipped_actions)
                assert isinstance(new_obs, np.ndarray)
                rollout.obs[n_steps + 1] = torch.from_numpy(new_obs)
                rollout.rewards[n_steps] = torch.from_numpy(rewards)
            rollout.dones[n_steps] = torch.from_numpy(dones)

            self.num_timesteps += env.num_envs
            callback.update_locals(locals())
            if not callback.on_step():
                return False
            finished = np.flatnonzero(dones)
            if batch is None:
                self._update_info_buffer(infos, dones)
            else:
                self.ep_info_buffer.extend(infos[i]["episode"] for i in finished)
            truncated = [i for i in finished if infos[i].get("TimeLimit.truncated", False)]
            if truncated:
                final_obs = np.stack([infos[i]["terminal_observation"] for i in truncated])
                final_obs = np.moveaxis(final_obs, 1, -1) if turned else final_obs
                rollout.bootstraps.append((n_steps, np.array(truncated), final_obs))
                if memory is not None:
                    rollout.final_memories.append(memory[torch.as_tensor(truncated)])
            if memory is not None:
                memory = memory.masked_fill(rollout.dones[n_steps].to(self.device)[:, None], 0.0)

        self._memory = memory
        self._finish(machine, rollout)
        assert self._last_episode_starts is not None
        rollout.publish(rollout_buffer, self._last_episode_starts)
        self._rollout = rollout
        self._last_obs = new_obs.copy()
        self._last_episode_starts = dones
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _begin_memory(self, machine: Machine, num_envs: int) -> torch.Tensor | None:
        """Return what the policy holds before a rollout, zeros where an episode begins; None if nothing."""
        size = machine.backbone.memory_size
        if not size:
            return None
        if self._memory is None or self._memory.shape != (num_envs, size):
            return torch.zeros(num_envs, size, device=self.device)
        assert self._last_episode_starts is not None
        begun = torch.as_tensor(self._last_episode_starts, dtype=torch.bool, device=self.device)
        return self._memory.to(self.device).masked_fill(begun[:, None], 0.0)

    @torch.no_grad()
    def _draw(
        self, machine: Machine, rollout: Rollout, step: int, memory: torch.Tensor | None
    ) -> tuple[np.ndarray, torch.Tensor | None]:
        """Draw the actions of one step; returns them as the environments take them, and the new memory."""
        obs = machine.backbone.prepare(rollout.obs[step].to(self.device))
        outputs, values, memory = machine.backbone.act(obs, memory)
        rollout.outputs[step] = outputs
        rollout.actions[step] = machine.head.sample(outputs)
        if values is not None:
            rollout.values[step] = values
        return rollout.actions[step].numpy(), memory

    @torch.no_grad()
    def _finish(self, machine: Machine, rollout: Rollout) -> None:
        """Complete a rollout: log-probabilities, values, bootstraps, advantages."""
        backbone, (steps, num_envs) = machine.backbone, rollout.rewards.shape
        outputs = rollout.outputs.flatten(0, 1).to(self.device)
        actions = rollout.actions.flatten(0, 1).to(self.device)
        rollout.log_probs = machine.head.evaluate(outputs, actions)[0].view(steps, num_envs).cpu()
        known = steps if backbone.values_while_acting else 0
        obs = backbone.prepare(rollout.obs[known:].flatten(0, 1).to(self.device))
        rollout.values[known:] = backbone.values(obs, self._memory).view(-1, num_envs)
        if rollout.bootstraps:
            final_obs = backbone.prepare(rollout.final_obs().to(self.device))
            memory = torch.cat(rollout.final_memories) if rollout.final_memories else None
            rollout.add_final_values(backbone.values(final_obs, memory), self.gamma)
        rollout.finish(self.gamma, self.gae_lambda)

    def train(self) -> None:
        """Update the policy on the rollout that was just collected."""
        machine, rollout = self._taken_apart(), self._rollout
        if machine is None or rollout is None:
            return super().train()
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        hyper = self._hyperparameters()
        losses = update(machine, rollout, hyper, self.device)
        if losses.stopped_at is not None and self.verbose >= 1:
            epoch, kl = losses.stopped_at
            print(f"Early stopping at step {epoch} due to reaching max kl: {kl:.2f}")
        self._n_updates += losses.epochs
        self._record(rollout, losses, hyper)
        return None

    def _hyperparameters(self) -> Hyperparameters:
        left = self._current_progress_remaining
        clip_range, clip_range_vf = self.clip_range, self.clip_range_vf
        assert callable(clip_range)
        return Hyperparameters(
            batch_size=self.batch_size,
            n_epochs=self.n_epochs,
            clip_range=clip_range(left),
            clip_range_vf=clip_range_vf(left) if callable(clip_range_vf) else None,
            normalize_advantage=self.normalize_advantage,
            ent_coef=self.ent_coef,
            vf_coef=self.vf_coef,
            max_grad_norm=self.max_grad_norm,
            target_kl=self.target_kl,
        )

    def _record(self, rollout: Rollout, losses: Losses, hyper: Hyperparameters) -> None:
        def mean(values: list[torch.Tensor]) -> float:
            return torch.stack(values).mean().item()

        values, returns = rollout.values[:-1].numpy().ravel(), rollout.returns.numpy().ravel()
        record = self.logger.record
        record("train/entropy_loss", mean(losses.entropy))
        record("train/policy_gradient_loss", mean(losses.policy))
        record("train/value_loss", mean(losses.value))
        record("train/approx_kl", mean(losses.approx_kl))
        record("train/clip_fraction", mean(losses.clip_fraction))
        record("train/loss", losses.total.item())
        record("train/explained_variance", explained_variance(values, returns))
        if hasattr(self.policy, "log_std"):
            record("train/std", self.policy.log_std.exp().mean().item())
        record("train/n_updates", self._n_updates, exclude="tensorboard")
        record("train/clip_range", hyper.clip_range)
        if hyper.clip_range_vf is not None:
            record("train/clip_range_vf", hyper.clip_range_vf)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_machine", "_rollout", "_memory"]

    def get_parameters(self) -> dict[str, dict]:
        """Return state dicts of policy and optimizer, in memory of their own."""
        return {name: _copied(state) for name, state in super().get_parameters().items()}

    def save(
        self,
        path: str | Path | io.BufferedIOBase,
        exclude: Iterable[str] | None = None,
        include: Iterable[str] | None = None,
    ) -> None:
        """Save to a zip as Stable-Baselines3 does; an `MlpPolicy` is saved as its stock equal.

        Args:
            path: file to write.
            exclude: attributes to leave out besides the usual ones.
            include: attributes to save although they usually are not.
        """
        policy_class = self.policy_class
        try:
            if policy_class is MlpPolicy:
                self.policy_class = ActorCriticPolicy
            super().save(path, exclude, include)
        finally:
            self.policy_class = policy_class


def _batch_under(env: VecEnv) -> tuple[BatchVecEnv | None, bool]:
    """Find the compiled batch whose memory can be written by the rollout, if it is one.

    Returns:
        The batch or None, and whether Stable-Baselines3 turns its pictures from (H, W, C) to (C, H, W) on the
        way.
    """
    if type(env) is VecTransposeImage and isinstance(env.venv, BatchVecEnv):
        return env.venv, True
    return (env if isinstance(env, BatchVecEnv) else None), False


def _copied(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return type(state)((key, _copied(value)) for key, value in state.items())
    return [_copied(value) for value in state] if isinstance(state, list) else state
