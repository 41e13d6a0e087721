"""Parallelised Q-network (PQN). Gallici et al. 2024, "Simplifying Deep Temporal Difference Learning".

Q-learning without replay buffer and target network: many environments are played at the same time with
epsilon-greedy actions, and the network learns from the rollout that it has just played. Layer normalisation
keeps it stable, lambda-returns look further than one step:

    G_t = r_t + gamma ((1 - lambda) max_a q(s_{t+1}, a) + lambda G_{t+1})     r_t where the episode ends
    loss = mean (q(s_t, a_t) - G_t)^2 / 2

In a game of two players who take turns, what is good for the next to move is bad for this one: with
`self_play` gamma becomes -gamma, which is the same learning of minimax values from games against itself
(Littman 1994 for Markov games; Tesauro 1995 by temporal differences).

`PQN` has the shape of a Stable-Baselines3 algorithm: constructor, callbacks, `learn`, `predict`, `save`.
Environments of ours write their observations straight into the rollout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import maybe_transpose
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor

from agents.action_masks import has_masks, masks_of
from agents.policies.action_heads import masked
from agents.policies.flat_parameters import FlatAdam, current
from agents.policies.remembering import held_memory
from agents.ppo.compiled_batch import as_stock, batch_under
from agents.ppo.matmul_precision import fast_products
from agents.pqn.memory import QMemoryPolicy, network_for
from agents.pqn.networks import QNetwork
from agents.pqn.policy import CnnQPolicy, MlpQPolicy, QPolicy
from agents.pqn.returns import lambda_returns
from agents.pqn.rollout import CutOff, Played, samples_of
from agents.training.compatibility import check_counts_from_zero
from sandbox.allocator import keep_freed_memory


class PQN(OnPolicyAlgorithm):
    """Q-learning over parallel environments without replay. Gallici et al. 2024, arXiv:2407.04811.

    Args:
        policy: `"MlpPolicy"`, `"CnnPolicy"`, `"MlpLstmPolicy"` or a `QPolicy`.
        env: what it learns in; discrete actions.
        learning_rate: step size of Adam, or its schedule.
        n_steps: steps of each environment between two updates.
        batch_size: samples of a minibatch; with a memory it holds whole pieces of play, `n_steps` long.
        n_epochs: passes over each rollout.
        gamma: discount of later rewards, per step.
        q_lambda: how far returns look past the next value: 0 one step, 1 to the end.
        exploration_fraction: share of the training over which random actions become rare.
        exploration_final_eps: chance of a random action after that.
        max_grad_norm: longer gradients are scaled down to this norm.
        self_play: the environment's two players take turns, and the reward is that of the one who moved.
        **options: of every Stable-Baselines3 algorithm: `policy_kwargs`, `seed`, `device`, `verbose`, ...
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        "MlpPolicy": MlpQPolicy,
        "CnnPolicy": CnnQPolicy,
        "MlpLstmPolicy": QMemoryPolicy,
    }
    policy: Any  # a `QPolicy`; Stable-Baselines3 only knows actors with a critic
    rollout_buffer: RolloutBuffer

    def __init__(
        self,
        policy: str | type[QPolicy],
        env: Any,
        learning_rate: Any = 5e-4,
        n_steps: int = 32,
        batch_size: int = 128,
        n_epochs: int = 2,
        gamma: float = 0.99,
        q_lambda: float = 0.65,
        exploration_fraction: float = 0.1,
        exploration_final_eps: float = 0.05,
        max_grad_norm: float = 10.0,
        self_play: bool = False,
        **options: Any,
    ) -> None:
        self.batch_size, self.n_epochs = batch_size, n_epochs
        self.q_lambda, self.self_play = q_lambda, self_play
        self.exploration_fraction = exploration_fraction
        self.exploration_final_eps = exploration_final_eps
        self._fast: tuple[QNetwork, FlatAdam] | None = None
        self._memory: Tensor | None = None
        self._n_updates = 0
        super().__init__(
            policy,  # type: ignore[arg-type]
            env,
            learning_rate=learning_rate,
            n_steps=n_steps,
            gamma=gamma,
            gae_lambda=q_lambda,
            ent_coef=0.0,
            vf_coef=0.0,
            max_grad_norm=max_grad_norm,
            use_sde=False,
            sde_sample_freq=-1,
            supported_action_spaces=(spaces.Discrete,),
            **options,
        )

    def _setup_model(self) -> None:
        keep_freed_memory()
        check_counts_from_zero(self.observation_space, self.action_space)
        super()._setup_model()

    def _maybe_recommend_cpu(self, mlp_class_name: str = "") -> None:
        """Say nothing: small networks are put on the CPU by those who train."""

    @property
    def exploration_rate(self) -> float:
        """The chance of a random action now."""
        share = (1.0 - self._current_progress_remaining) / max(self.exploration_fraction, 1e-9)
        return 1.0 + min(1.0, share) * (self.exploration_final_eps - 1.0)

    def _parts(self) -> tuple[QNetwork, FlatAdam]:
        self._fast = current(self._fast, lambda: network_for(self.policy), self.policy.optimizer)
        return self._fast

    @torch.no_grad()
    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Play `n_rollout_steps` steps of each environment.

        Returns:
            False if a callback asked to stop.
        """
        assert isinstance(self._last_obs, np.ndarray) and isinstance(self.action_space, spaces.Discrete)
        self.policy.set_training_mode(False)
        network, _ = self._parts()
        batch, turned = batch_under(env)
        network.turned = turned
        space = self.observation_space if batch is None else batch.observation_space
        T, N = n_rollout_steps, env.num_envs
        obs = torch.from_numpy(np.empty((T + 1, N, *(space.shape or ())), space.dtype))
        obs[0] = torch.from_numpy(np.moveaxis(self._last_obs, 1, -1) if turned else self._last_obs)
        explores = torch.rand(T, N) < self.exploration_rate
        masked_env = has_masks(env)
        masks = torch.ones(T + 1, N, int(self.action_space.n), dtype=torch.bool)
        if masked_env:
            masks[0] = torch.from_numpy(masks_of(env))
        chances = torch.rand(masks[1:].shape if masked_env else (0,))
        random = torch.randint(int(self.action_space.n), (T, N))
        played = torch.empty(T, N, dtype=torch.int64)
        rewards, dones = np.empty((T, N), np.float32), np.empty((T, N), bool)
        best = torch.empty(T + 1, N)
        cut_off: list[CutOff] = []
        assert self._last_episode_starts is not None
        began = held_memory(self._memory, network.memory_size, self._last_episode_starts, self.device)
        memory = began
        callback.on_rollout_start()
        for t in range(T):
            allowed = masks[t] if masked_env else None
            best[t], greedy, memory = self._best(network, obs[t], allowed, memory)
            drawn = random[t] if allowed is None else chances[t].where(allowed, -1.0).argmax(1)
            torch.where(explores[t], drawn, greedy.cpu(), out=played[t])
            actions = played[t].numpy()
            if batch is not None:
                new_obs = obs[t + 1].numpy()
                done, infos = batch.step_into(
                    actions, new_obs, rewards[t], masks[t + 1].numpy() if masked_env else None
                )
            else:
                new_obs, reward, done, infos = env.step(actions)
                assert isinstance(new_obs, np.ndarray)
                obs[t + 1], rewards[t] = torch.from_numpy(new_obs), reward
                if masked_env:
                    masks[t + 1] = torch.from_numpy(masks_of(env))
            dones[t] = done
            self.num_timesteps += N
            callback.update_locals(locals())
            if not callback.on_step():
                self._last_obs = as_stock(new_obs, turned)
                self._last_episode_starts, self._memory = done, memory
                return False
            (finished,) = done.nonzero()
            if len(finished):
                self._update_info_buffer([infos[i] for i in finished], done[finished])
                late = [i for i in finished if infos[i].get("TimeLimit.truncated", False)]
                if late:
                    final = np.stack([infos[i]["terminal_observation"] for i in late])
                    if batch is None:
                        final = np.stack([maybe_transpose(row, self.observation_space) for row in final])
                    allowed = None
                    if masked_env:
                        allowed = np.stack([np.asarray(infos[i]["action_mask"], bool) for i in late])
                    held = None if memory is None else memory[torch.as_tensor(late)]
                    cut_off.append(CutOff(t, np.array(late), final, allowed, held))
                if memory is not None:
                    memory = memory.masked_fill(torch.from_numpy(done).to(self.device)[:, None], 0.0)
        starts = np.concatenate([self._last_episode_starts[None], dones[:-1]])
        best[T] = self._best(network, obs[T], masks[T] if masked_env else None, memory)[0]
        self._memory = memory
        scale = self.policy.reward_scale
        scaled = self._learned_rewards(obs[:-1], rewards) * np.float32(scale)
        discount = -self.gamma if self.self_play else self.gamma
        if cut_off:
            self._add_last_values(network, scaled, cut_off, discount)
        returns = lambda_returns(scaled, best.numpy(), dones, discount, self.q_lambda)
        shown = np.moveaxis(obs[:-1].numpy(), -1, 2) if turned else obs[:-1].numpy()
        vars(rollout_buffer).update(
            observations=shown,
            actions=played.numpy()[:, :, None],
            rewards=rewards,
            returns=returns,
            values=best[:-1].numpy(),
            advantages=returns - best[:-1].numpy(),
            log_probs=np.zeros_like(rewards),
            episode_starts=starts.astype(np.float32),
            pos=T,
            full=True,
            generator_ready=False,
        )
        begins = torch.from_numpy(starts.astype(bool))
        self._rollout = Played(obs[:-1], played, torch.from_numpy(returns), begins, began)
        self._last_obs = as_stock(obs[T].numpy(), turned)
        self._last_episode_starts = dones[-1].copy()
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _learned_rewards(self, obs: Tensor, rewards: np.ndarray) -> np.ndarray:
        """Return the rewards (T, N) to learn from; `agents.exploration` adds what it likes."""
        return rewards

    def _add_last_values(
        self, network: QNetwork, rewards: np.ndarray, cut_off: Sequence[CutOff], discount: float
    ) -> None:
        """Add what the last states of episodes that were cut off are worth to their last rewards (T, N)."""
        obs = torch.from_numpy(np.concatenate([one.obs for one in cut_off]))
        masks = [one.masks for one in cut_off if one.masks is not None]
        allowed = torch.from_numpy(np.concatenate(masks)) if masks else None
        memories = [one.memory for one in cut_off if one.memory is not None]
        values = self._best(network, obs, allowed, torch.cat(memories) if memories else None)[0]
        steps = np.repeat([one.step for one in cut_off], [len(one.envs) for one in cut_off])
        rewards[steps, np.concatenate([one.envs for one in cut_off])] += discount * values.cpu().numpy()

    def _best(
        self, network: QNetwork, obs: Tensor, allowed: Tensor | None, memory: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return the best Q-values of what is allowed, in scaled rewards, whose they are, the new memory."""
        q_values, memory = network.act(network.prepare(obs.to(self.device)), memory)
        values, actions = masked(q_values, None if allowed is None else allowed.to(self.device)).max(1)
        return values, actions, memory

    @torch.no_grad()
    def train(self) -> None:
        """Update the network on the rollout that was just played."""
        network, adam = self._parts()
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        samples = samples_of(self._rollout, network, self.batch_size, self.device)
        losses: list[Tensor] = []
        with fast_products(self.device):
            for _ in range(self.n_epochs):
                for batch in samples.epoch():
                    q_values = network.forward(batch.obs)
                    chosen = batch.actions[:, None]
                    error = q_values.gather(1, chosen)[:, 0] - batch.returns
                    losses.append(error.square().mean())
                    grad = torch.zeros_like(q_values).scatter_(1, chosen, (error / len(error))[:, None])
                    network.backward(grad)
                    network.flat.clip_grad_norm(self.max_grad_norm)
                    adam.step()
        self._n_updates += self.n_epochs
        record = self.logger.record
        record("train/loss", torch.stack(losses).mean().item() / (2 * self.policy.reward_scale**2))
        record("train/q_value", float(self.rollout_buffer.values.mean()) / self.policy.reward_scale)
        record("train/n_updates", self._n_updates, exclude="tensorboard")
        record("rollout/exploration_rate", self.exploration_rate)

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_fast", "_rollout", "_memory"]
