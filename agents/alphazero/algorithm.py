"""AlphaZero: a policy and a value that learn from search. Silver et al. 2018, Anthony et al. 2017.

"A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play", Science 362;
"Thinking Fast and Slow with Deep Learning and Tree Search", NeurIPS 2017.

    search   visits n(a) and value v of each position, led by p and v of the network
    play     a ~ n(a) in the first moves of a game, then the most visited
    learn    p(a) -> n(a) / sum n        cross-entropy
             v    -> G                   squared error

G is not the end of the game alone but a lambda-return over the search's values, so that a rollout may cut
games anywhere and a move that was drawn at random is not held against the position before it. Many games are
played at once, each with a tree of its own (`agents.planning.forest`).

`AlphaZero` has the shape of a Stable-Baselines3 algorithm; its policies are those of PPO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor

from agents.alphazero.targets import Memory, Samples, search_returns
from agents.policies import BlockCnnPolicy, MlpPolicy
from agents.policies.action_heads import masked
from agents.policies.flat_parameters import FlatAdam, current
from agents.ppo.backbones import Backbone, backbone_for
from agents.ppo.compiled_batch import as_stock, batch_under
from agents.training.compatibility import check_counts_from_zero
from envs.engine.environment import Environment
from sandbox.allocator import keep_freed_memory
from sandbox.errors import UserError

if TYPE_CHECKING:
    from agents.planning.forest import Forest
    from agents.planning.quick_network import QuickNetwork


class AlphaZero(OnPolicyAlgorithm):
    """Search teaches the network that leads it. Silver et al. 2018, doi:10.1126/science.aar6404.

    Args:
        policy: `"MlpPolicy"`, `"CnnPolicy"` (a block of ours) or an actor with a critic.
        env: a game of two players of ours, with `opponent` 0; discrete actions.
        learning_rate: step size of Adam, or its schedule.
        n_steps: moves of each game between two updates.
        batch_size: positions of a minibatch.
        n_epochs: how often each position is learned from, on average.
        buffer_size: newest positions that are learned from.
        gamma: discount of later rewards, per move.
        value_lambda: how far returns look past the search's next value: 0 one move, 1 to the end.
        first_simulations: tries of each search at the beginning.
        simulations: the same at the end.
        explore: how much a search tries what it tried little.
        noise: share of random numbers in the probabilities at the root of each search.
        concentration: of the Dirichlet distribution they are from: a small one prefers few actions.
        drawn_moves: first moves of each game that are drawn by visits; later ones are the most visited.
        random_moves: chance of a move that is drawn from all alike.
        mirror: a position seen in a mirror is worth the same; observations are pictures, actions columns.
        vf_coef: weight of the value loss.
        max_grad_norm: longer gradients are scaled down to this norm.
        **options: of every Stable-Baselines3 algorithm: `policy_kwargs`, `seed`, `device`, `verbose`, ...
    """

    self_play: ClassVar[bool] = True
    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        "MlpPolicy": MlpPolicy,
        "CnnPolicy": BlockCnnPolicy,
    }

    def __init__(
        self,
        policy: Any,
        env: Any,
        learning_rate: Any = 1e-3,
        n_steps: int = 16,
        batch_size: int = 512,
        n_epochs: float = 2.0,
        buffer_size: int = 50_000,
        gamma: float = 1.0,
        value_lambda: float = 0.8,
        first_simulations: int = 24,
        simulations: int = 96,
        explore: float = 0.7,
        noise: float = 0.25,
        concentration: float = 1.0,
        drawn_moves: int = 12,
        random_moves: float = 0.02,
        mirror: bool = False,
        vf_coef: float = 1.0,
        max_grad_norm: float = 1.0,
        **options: Any,
    ) -> None:
        self.batch_size, self.n_epochs, self.buffer_size = batch_size, n_epochs, buffer_size
        self.first_simulations, self.simulations = first_simulations, simulations
        self.value_lambda, self.explore = value_lambda, explore
        self.noise, self.concentration = noise, concentration
        self.drawn_moves, self.random_moves, self.mirror = drawn_moves, random_moves, mirror
        self._fast: tuple[Backbone, FlatAdam] | None = None
        self._forest: Forest | None = None
        self._quick: QuickNetwork | None = None
        self._n_updates = 0
        super().__init__(
            policy,
            env,
            learning_rate=learning_rate,
            n_steps=n_steps,
            gamma=gamma,
            gae_lambda=value_lambda,
            ent_coef=0.0,
            vf_coef=vf_coef,
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
        self.replay_buffer = Memory(self.buffer_size)

    def _maybe_recommend_cpu(self, mlp_class_name: str = "") -> None:
        """Say nothing: small networks are put on the CPU by those who train."""

    def _parts(self) -> tuple[Backbone, FlatAdam]:
        self._fast = current(self._fast, self._backbone, self.policy.optimizer)
        return self._fast

    def _backbone(self) -> Backbone:
        network = backbone_for(self.policy)
        if network is None or network.memory_size:
            raise UserError("AlphaZero learns policies without a memory, an actor with a critic.")
        return network

    def _asked(self, obs: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the network's values (B,), from -1 to 1, and probabilities (B, K) of positions."""
        if self._quick is not None:
            return self._quick(obs, allowed)
        network, _ = self._parts()
        prepared = network.prepare(torch.from_numpy(obs).to(self.device))
        outputs, values, _ = network.act(prepared)
        values = network.values(prepared) if values is None else values
        chances = torch.softmax(masked(outputs, torch.from_numpy(allowed).to(self.device)), 1)
        return values.clamp(-1, 1).double().cpu().numpy(), chances.double().cpu().numpy()

    @torch.no_grad()
    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: Any, n_rollout_steps: int
    ) -> bool:
        """Play `n_rollout_steps` moves of each game and keep what the searches found.

        Returns:
            False if a callback asked to stop.
        """
        assert isinstance(self._last_obs, np.ndarray) and isinstance(self.action_space, spaces.Discrete)
        self.policy.set_training_mode(False)
        network, _ = self._parts()
        batch, turned = batch_under(env)
        if batch is None:
            raise UserError("AlphaZero looks ahead in environments of ours only.")
        network.turned = turned
        T, N, K = n_rollout_steps, env.num_envs, int(self.action_space.n)
        self._prepare_search(batch.environment, N)
        space = batch.observation_space
        obs = np.empty((T + 1, N, *(space.shape or ())), space.dtype)
        obs[0] = np.moveaxis(self._last_obs, 1, -1) if turned else self._last_obs
        masks, chances = np.ones((T + 1, N, K), bool), np.empty((T, N, K), np.float32)
        if batch.masked:
            batch.action_masks(masks[0])
        values, rewards = np.empty((T + 1, N), np.float32), np.empty((T, N), np.float32)
        dones, strayed = np.empty((T, N), bool), torch.rand(T, N).numpy() < self.random_moves
        certain = np.empty((T + 1, N), bool)
        played = np.empty((T, N), np.int64)
        callback.on_rollout_start()
        for t in range(T):
            visits, values[t], certain[t] = self._search(batch.batch, obs[t], masks[t])
            chances[t] = visits / visits.sum(1, keepdims=True)
            actions = played[t] = self._moves(chances[t], masks[t], strayed[t], batch.batch.states["steps"])
            ended, infos = batch.step_into(
                actions, obs[t + 1], rewards[t], masks[t + 1] if batch.masked else None
            )
            dones[t] = ended
            self.num_timesteps += N
            callback.update_locals(locals())
            if not callback.on_step():
                self._keep_last(obs[t + 1], ended, turned)
                return False
            (finished,) = ended.nonzero()
            if len(finished):
                self._update_info_buffer([infos[i] for i in finished], ended[finished])
        _, values[T], certain[T] = self._search(batch.batch, obs[T], masks[T])
        returns = search_returns(
            rewards, values, dones, strayed | certain[:-1], -self.gamma, self.value_lambda
        )
        self.replay_buffer.add(
            Samples(
                *(torch.from_numpy(array).flatten(0, 1) for array in (obs[:-1], masks[:-1], chances, returns))
            )
        )
        vars(rollout_buffer).update(  # for whoever looks for numbers that are not finite
            observations=np.moveaxis(obs[:-1], -1, 2) if turned else obs[:-1],
            actions=played[:, :, None],
            rewards=rewards,
        )
        self._keep_last(obs[T], dones[-1], turned)
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _prepare_search(self, environment: Environment, games: int) -> None:
        """Make a search for each game, if there is none yet; give all the policy and the tries of now."""
        if self._forest is None:
            # Planning knows players, which are built from this.
            from agents.planning.forest import Forest
            from agents.planning.quick_network import QuickNetwork

            if QuickNetwork.supports(self.policy):
                self._quick = QuickNetwork(self.policy, environment)
            seed, most = int(torch.randint(2**31, ())), max(self.first_simulations, self.simulations)
            self._forest = Forest(environment, games, most, -self.gamma, self.explore, seed, self._quick)
        done = 1.0 - self._current_progress_remaining
        self._forest.simulations = round(
            self.first_simulations + done * (self.simulations - self.first_simulations)
        )
        if self._quick is not None:
            self._quick.copy(self.policy)

    def _keep_last(self, obs: np.ndarray, dones: np.ndarray, turned: bool) -> None:
        self._last_obs = as_stock(obs, turned)
        self._last_episode_starts = dones.copy()

    def _search(
        self, batch: Any, obs: np.ndarray, masks: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Look ahead in all games; returns visits (N, K), values (N,) and which of them are certain (N,)."""
        assert self._forest is not None
        _, priors = self._asked(obs, masks)
        alike = torch.distributions.Gamma(self.concentration, 1.0)  # whose shares are Dirichlet's
        noise = alike.sample(masks.shape).numpy() * masks
        noise /= noise.sum(1, keepdims=True) + 1e-30
        priors += self.noise * (noise - priors)
        found = self._forest.look(batch.states, batch.params, priors, self._asked)
        return found.visits, found.values, found.certain

    def _moves(
        self, chances: np.ndarray, masks: np.ndarray, strayed: np.ndarray, made: np.ndarray
    ) -> np.ndarray:
        """Choose what is played (N,)."""
        drawn = torch.from_numpy(chances).multinomial(1)[:, 0].numpy()
        best = np.where(masks, chances, -1).argmax(1)
        random = np.where(masks, torch.rand(masks.shape).numpy(), -1).argmax(1)
        return np.where(strayed, random, np.where(made < self.drawn_moves, drawn, best))

    @torch.no_grad()
    def train(self) -> None:
        """Update the network on positions of the newest rollouts."""
        network, adam = self._parts()
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        new = self.n_steps * self.n_envs
        batches = max(1, round(self.n_epochs * new / self.batch_size))
        policy_losses: list[Tensor] = []
        value_losses: list[Tensor] = []
        for drawn in self.replay_buffer.draw(batches, self.batch_size):
            batch = drawn.mirrored(torch.rand(self.batch_size) < 0.5) if self.mirror else drawn
            obs, masks, chances, returns = (
                part.to(self.device) for part in (batch.obs, batch.masks, batch.chances, batch.returns)
            )
            outputs, values = network.forward(network.prepare(obs))
            logs = torch.log_softmax(masked(outputs, masks), 1)
            error = values - returns
            # The entropy of what is learned is taken off: what is left can be learned away.
            policy_losses.append((torch.special.xlogy(chances, chances) - chances * logs).sum(1).mean())
            value_losses.append(error.square().mean())
            network.backward((logs.exp() - chances) / len(error), error * (2 * self.vf_coef / len(error)))
            network.flat.clip_grad_norm(self.max_grad_norm)
            adam.step()
        self._n_updates += 1
        record = self.logger.record
        record("train/policy_loss", torch.stack(policy_losses).mean().item())
        record("train/value_loss", torch.stack(value_losses).mean().item())
        record("train/n_updates", self._n_updates, exclude="tensorboard")

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "_fast", "_forest", "_quick", "replay_buffer"]
