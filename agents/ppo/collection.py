"""PPO's loop over the environments: one rollout, written in place.

The draws are those of Stable-Baselines3's `collect_rollouts`, step by step. Environments of ours write their
observations straight into the rollout's tensors; values and log-probabilities of a whole rollout come from
one pass, and truncated episodes are bootstrapped together.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback, ConvertCallback
from stable_baselines3.common.preprocessing import maybe_transpose
from stable_baselines3.common.vec_env import VecEnv

from agents.action_masks import has_masks, masks_of
from agents.policies.action_heads import masked
from agents.policies.remembering import held_memory
from agents.ppo.callback_locals import lend_locals
from agents.ppo.compiled_batch import batch_under
from agents.ppo.loop_choice import LoopChoice
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.update import Machine


class RolloutLoop(LoopChoice):
    """The part of `agents.ppo.PPO` that plays."""

    _rollout: Rollout | None = None
    _reward_sums: np.ndarray | None = None
    """Discounted rewards so far of each running episode, if rewards are normalised."""
    _memory: torch.Tensor | None = None
    """What a policy with a memory holds of each environment after the last step."""

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        rollout_buffer: RolloutBuffer,
        n_rollout_steps: int,
    ) -> bool:
        """Collect `n_rollout_steps` steps of each environment.

        Callbacks find in their `locals` what Stable-Baselines3's loop has there. Values and log-probabilities
        are computed when the rollout is complete, for all steps together; a callback that reads
        `locals["values"]` or `locals["log_probs"]` before gets those of the present step. In `rollout_buffer`
        they stand from the end of the rollout on.

        Returns:
            False if a callback asked to stop.
        """
        machine = self._taken_apart()
        if machine is not None and (rollout_buffer.buffer_size, rollout_buffer.n_envs) != (
            n_rollout_steps,
            env.num_envs,
        ):
            machine = self._leave_to_stock("the rollout buffer has another size than the rollout")
        if machine is None:
            return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
        assert isinstance(self._last_obs, np.ndarray) and self.ep_info_buffer is not None
        self.policy.set_training_mode(False)
        batch, turned = batch_under(env)
        machine.backbone.turned = turned
        space = self.observation_space if batch is None else batch.observation_space
        size = n_rollout_steps, env.num_envs
        rollout = Rollout(*size, space, self.action_space, machine.num_outputs, has_masks(env))
        rollout.attach(rollout_buffer)
        rollout_buffer.pos, rollout_buffer.full = 0, False
        callback.on_rollout_start()
        idle = type(callback) is ConvertCallback and callback.callback is None
        if not idle:
            rollout.drawn = torch.empty_like(rollout.rows)
        if not idle and not machine.is_current(self.policy):  # the callback has changed it
            machine = self._taken_apart()
            if machine is None:
                callback.on_rollout_start = lambda: None  # which was called already
                try:
                    return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
                finally:
                    del callback.on_rollout_start
            machine.backbone.turned = turned
        step = lend_locals(callback)
        weights = None if idle else machine.backbone.flat.values.clone()
        rollout.obs[0] = torch.from_numpy(np.moveaxis(self._last_obs, 1, -1) if turned else self._last_obs)
        assert self._last_episode_starts is not None
        rollout.episode_starts[0] = self._last_episode_starts
        held_size = machine.backbone.memory_size
        memory = held_memory(self._memory, held_size, self._last_episode_starts, self.device)
        rollout.memory = memory
        box = self.action_space if isinstance(self.action_space, spaces.Box) else None
        new_obs, dones = self._last_obs, np.zeros(env.num_envs, bool)
        watched = self._watches_infos()
        processes = 1 if self.group is None else self.group.size
        if rollout.masks is not None and batch is not None:
            batch.action_masks(rollout.masks[0].numpy())
        for n_steps in range(n_rollout_steps):
            held = memory
            if rollout.masks is not None and batch is None:
                rollout.masks[n_steps] = torch.from_numpy(masks_of(env))
            obs_tensor = rollout.obs[n_steps].to(self.device)
            actions, memory = self._draw(machine, rollout, n_steps, obs_tensor, held)
            obs_tensor = obs_tensor.movedim(-1, 1) if turned else obs_tensor
            clipped_actions = actions if box is None else np.clip(actions, box.low, box.high)
            if batch is not None:
                new_obs, rewards = rollout.obs[n_steps + 1].numpy(), rollout.rewards[n_steps].numpy()
                allowed = () if rollout.masks is None else (rollout.masks[n_steps + 1].numpy(),)
                dones, infos = batch.step_into(clipped_actions, new_obs, rewards, *allowed)
                if turned:
                    new_obs = np.moveaxis(new_obs, -1, 1)
                    for i in np.flatnonzero(dones):
                        infos[i]["terminal_observation"] = infos[i]["terminal_observation"].transpose(2, 0, 1)
            else:
                new_obs, rewards, dones, infos = env.step(clipped_actions)
                assert isinstance(new_obs, np.ndarray)

            self.num_timesteps += env.num_envs * processes
            if not idle:
                step.begin(partial(self._judge, machine, rollout, n_steps, held))
            callback.update_locals(locals())
            if not callback.on_step():
                step.begin(None)
                self._last_obs, self._memory = self._last_obs.copy(), held
                return False
            # Only now, because callbacks may have changed what they were shown.
            if batch is None:
                rollout.obs[n_steps + 1] = torch.from_numpy(new_obs)
                rollout.rewards[n_steps] = torch.from_numpy(rewards)
            if step.read is not None:
                rollout.read[n_steps] = step.read
            if weights is not None and not machine.backbone.flat.holds(weights):
                self._settle(machine, rollout, weights, n_steps + 1)
                weights = machine.backbone.flat.values.clone()
            rollout.dones[n_steps] = torch.from_numpy(dones)
            rollout_buffer.pos = n_steps + 1
            finished = np.flatnonzero(dones)
            if batch is None or watched:
                self._update_info_buffer(infos, dones)
            elif len(finished):
                self._update_info_buffer([infos[i] for i in finished], dones[finished])
            truncated = [i for i in finished if is_cut_off(infos[i])]
            if truncated:
                final_obs = self._final_obs([infos[i] for i in truncated])
                final_obs = np.moveaxis(final_obs, 1, -1) if turned else final_obs
                rollout.bootstraps.append((n_steps, np.array(truncated), final_obs))
                if memory is not None:
                    rollout.final_memories.append(memory[torch.as_tensor(truncated)])
            if memory is not None:
                memory = memory.masked_fill(rollout.dones[n_steps].to(self.device)[:, None], 0.0)
            self._last_obs, self._last_episode_starts = new_obs, dones

        step.begin(None)
        self._memory = memory
        rollout.episode_starts[1:] = rollout.dones[:-1].numpy()
        self._finish(machine, rollout)
        rollout.attach(rollout_buffer)
        rollout_buffer.full = True
        self._rollout = rollout
        self._last_obs = new_obs.copy()
        n_steps = n_rollout_steps
        values, log_probs = rollout.values[-1:].T, rollout.log_probs[-1]
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _watches_infos(self) -> bool:
        own = "_update_info_buffer" in vars(self)
        return own or type(self)._update_info_buffer is not stable_baselines3.PPO._update_info_buffer

    def _final_obs(self, infos: list[dict[str, Any]]) -> np.ndarray:
        space = self.observation_space
        found = [maybe_transpose(np.asarray(info["terminal_observation"]), space) for info in infos]
        return np.stack(found).reshape(len(found), *(space.shape or ()))

    @torch.no_grad()
    def _draw(
        self,
        machine: Machine,
        rollout: Rollout,
        step: int,
        obs: torch.Tensor,
        memory: torch.Tensor | None,
    ) -> tuple[np.ndarray, torch.Tensor | None]:
        """Draw the actions of one step; returns them as the environments take them, and the new memory."""
        outputs, values, memory = machine.backbone.act(machine.backbone.prepare(obs), memory)
        if rollout.masks is not None:
            outputs = masked(outputs, rollout.masks[step].to(self.device))
        rollout.outputs[step] = outputs
        rows = machine.head.sample(outputs)
        rollout.rows[step] = rows
        if rollout.drawn is not rollout.rows:
            rollout.drawn[step] = rows
        if values is not None:
            rollout.values[step] = values
        return rollout.actions[step].numpy(), memory

    @torch.no_grad()
    def _judge(
        self, machine: Machine, rollout: Rollout, step: int, memory: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return values (N, 1) and log-probabilities (N,) of one step, for callbacks that ask."""
        backbone = machine.backbone
        if backbone.values_while_acting:
            values = rollout.values[step].to(self.device)
        else:
            values = backbone.values(backbone.prepare(rollout.obs[step].to(self.device)), memory)
        outputs, actions = rollout.outputs[step].to(self.device), rollout.drawn[step].to(self.device)
        return values[:, None].clone(), machine.head.evaluate(outputs, actions)[0]

    @torch.no_grad()
    def _settle(self, machine: Machine, rollout: Rollout, weights: torch.Tensor, steps: int) -> None:
        """Judge the steps so far with the weights they were played with, which a callback has changed."""
        flat = machine.backbone.flat
        changed = [parameter.detach().clone() for parameter in flat.parameters]
        flat.values.copy_(weights)
        flat.bind()
        for step in range(steps):
            if step not in rollout.read:
                rollout.read[step] = self._judge(machine, rollout, step, None)
        rollout.final_values += self._final_values(machine, rollout)
        for parameter, value in zip(flat.parameters, changed, strict=True):
            parameter.data.copy_(value)

    def _final_values(self, machine: Machine, rollout: Rollout) -> list[torch.Tensor]:
        """Value the last observations of episodes that were cut off, but for those that have a value."""
        backbone, known = machine.backbone, len(rollout.final_values)
        if known == len(rollout.bootstraps):
            return []
        obs = backbone.prepare(rollout.final_obs(known).to(self.device))
        memory = torch.cat(rollout.final_memories[known:]) if rollout.final_memories else None
        counts = [len(envs) for _, envs, _ in rollout.bootstraps[known:]]
        return list(backbone.values(obs, memory).split(counts))

    @torch.no_grad()
    def _finish(self, machine: Machine, rollout: Rollout) -> None:
        """Complete a rollout: log-probabilities, values, bootstraps, advantages."""
        backbone, (steps, num_envs) = machine.backbone, rollout.rewards.shape
        scale = getattr(self.policy, "return_scale", None)
        if scale is not None:
            if self._reward_sums is None or len(self._reward_sums) != num_envs:
                self._reward_sums = np.zeros(num_envs)
            rewards, dones = rollout.rewards.numpy(), rollout.dones.numpy()
            rewards[:] = scale.scaled(rewards, dones, self._reward_sums, self.gamma, self.group)
        outputs = rollout.outputs.flatten(0, 1).to(self.device)
        actions = rollout.drawn.flatten(0, 1).to(self.device)
        rollout.log_probs = machine.head.evaluate(outputs, actions)[0].view(steps, num_envs).cpu()
        known = steps if backbone.values_while_acting else 0
        obs = backbone.prepare(rollout.obs[known:].flatten(0, 1).to(self.device))
        rollout.values[known:] = backbone.values(obs, self._memory).view(-1, num_envs)
        for step, (read, log_probs) in rollout.read.items():
            # Whoever read them may have changed them, as in Stable-Baselines3's loop.
            rollout.values[step], rollout.log_probs[step] = read[:, 0], log_probs
        if rollout.bootstraps:
            rollout.final_values += self._final_values(machine, rollout)
            rollout.add_final_values(torch.cat(rollout.final_values), self.gamma)
        buffer = self.rollout_buffer
        rollout.finish(buffer.gamma, buffer.gae_lambda)


def is_cut_off(info: dict[str, Any]) -> bool:
    """Tell whether an episode ended by its limit of steps alone, so that its last state has a value."""
    return info.get("TimeLimit.truncated", False) and info.get("terminal_observation") is not None
