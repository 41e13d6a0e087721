"""Several PPO models of equal settings and different seeds, played and updated as one.

Each model ends up as it would alone, to rounding: its environments, first weights, action noise and
permutations are those of its own seed, its advantages are normalised and its gradients clipped by themselves.
The update is `agents.ppo.update`'s, with a first axis more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.utils import explained_variance
from torch import Tensor

from agents.batch_vec_env import BatchVecEnv
from agents.policies.action_heads import masked
from agents.policies.flat_parameters import FlatAdam
from agents.ppo import stacked_cnn, stacked_networks
from agents.ppo.algorithm import PPO
from agents.ppo.collection import is_cut_off
from agents.ppo.compiled_batch import batch_under
from agents.ppo.fast_path import policy_obstacle, training_obstacle
from agents.ppo.matmul_precision import fast_products
from agents.ppo.minibatches import Minibatch
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.stacked_cnn import StackedCnns
from agents.ppo.stacked_networks import StackedHead, StackedNetworks, StackedTowers
from agents.ppo.stacked_parameters import StackedAdam
from agents.ppo.update import Hyperparameters, Losses, gradients


def obstacle(model: Any) -> str | None:
    """Say why a model cannot be one of a stack, or return None."""
    if type(model) is not PPO:
        return "only PPO is stacked"
    policy = model.policy
    if model.device.type != "cpu":
        return f"stacks are computed on the processor, and this is {model.device}"
    if model.normalize != "none":
        return "running moments are of one seed at a time"
    known = stacked_networks.supports(policy) or stacked_cnn.supports(policy)
    if policy_obstacle(policy) or training_obstacle(policy) or model.use_sde or not known:
        return "only MLPs and CNN blocks with one action a step are stacked"
    if model.target_kl is not None:
        return "target_kl may end the update of one seed before that of another"
    if not FlatAdam.supports(policy.optimizer, list(policy.parameters())):
        return "the optimizer is not plain Adam"
    assert model.env is not None
    batch, turned = batch_under(model.env)
    compiled = batch is not None and (not turned or stacked_cnn.supports(policy))
    return None if compiled else "the environment is no compiled one"


class StackedPPO:
    """S models, from where they stand until `hand_back`.

    Args:
        models: without an `obstacle`, of equal settings, at the same step, their environments begun.
        random: the random states of each (`sandbox.devices.random_states`), which `hand_back` brings up to
            date.
    """

    def __init__(self, models: Sequence[PPO], random: Sequence[dict[str, Tensor]]) -> None:
        self.models, self.random = list(models), list(random)
        first = self.models[0]
        assert first.env is not None
        policies = [model.policy for model in self.models]
        self.turned = batch_under(first.env)[1]
        towers = stacked_networks.supports(first.policy)
        self.networks: StackedNetworks = (
            StackedTowers(policies) if towers else StackedCnns(policies, self.turned)
        )
        self.head = StackedHead(first.action_space, self.networks.stack)
        self.adam = StackedAdam(self.networks.stack, [policy.optimizer for policy in policies])
        self.backbone = self.networks  # what `gradients` asks for
        self.generators = [torch.Generator() for _ in self.models]
        self.shufflers = [np.random.RandomState() for _ in self.models]
        for generator, shuffler, states in zip(self.generators, self.shufflers, self.random, strict=True):
            generator.set_state(states["torch"])
            shuffler.set_state(_numpy_state(states))
        self.envs = [_env_of(model) for model in self.models]
        self.num_envs = self.envs[0].num_envs
        one = self.envs[0]
        params = {name: one.batch.params[name].item() for name in one.environment.params}
        limit = one.batch.max_episode_steps
        count = len(self.models) * self.num_envs
        self.env = BatchVecEnv(
            one.environment, count, 0, params, max_episode_steps=-1 if limit is None else limit
        )
        for env, states, returns, lengths in zip(self.envs, *self._shares(), strict=True):
            states[:] = env.batch.states.view(np.uint8)
            returns[:], lengths[:] = env._returns, env._lengths
        obs = np.concatenate([np.asarray(model._last_obs) for model in self.models])
        self.obs = np.moveaxis(obs, 1, -1) if self.turned else obs
        self.starts = np.concatenate([np.asarray(model._last_episode_starts) for model in self.models])
        self.rollout: Rollout | None = None
        self.losses: Losses | None = None
        self.hyper: Hyperparameters | None = None

    def _shares(self) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """Each model's part of the environments: states as bytes, returns, lengths."""
        arrays = (self.env.batch.states.view(np.uint8), self.env._returns, self.env._lengths)
        states, returns, lengths = (np.split(array, len(self.models)) for array in arrays)
        return states, returns, lengths

    def hand_back(self) -> None:
        """Bring models, environments and random states up to date; may go on afterwards."""
        self.adam.write_back()
        for i, (env, states, returns, lengths) in enumerate(zip(self.envs, *self._shares(), strict=True)):
            env.batch.states.view(np.uint8)[:] = states
            env._returns[:], env._lengths[:] = returns, lengths
            model, part = self.models[i], slice(i * self.num_envs, (i + 1) * self.num_envs)
            obs = np.moveaxis(self.obs[part], -1, 1) if self.turned else self.obs[part]
            model._last_obs, model._last_episode_starts = obs.copy(), self.starts[part].copy()
            keys, position, has_gauss, cached = _numpy_parts(self.shufflers[i])
            self.random[i] |= {
                "torch": self.generators[i].get_state(),
                "numpy": torch.tensor([*keys, position, has_gauss], dtype=torch.int64),
                "numpy.gauss": torch.tensor([cached], dtype=torch.float64),
            }

    def _by_model(self, rows: Tensor) -> Tensor:
        """Steps of all environments (T, S * N, ...) as (S, T * N, ...)."""
        return rows.unflatten(1, (len(self.models), self.num_envs)).transpose(0, 1).flatten(1, 2)

    @torch.inference_mode()
    def collect(self) -> None:
        """Collect a rollout of each model."""
        with self._products():
            self._collect()

    def _products(self) -> contextlib.AbstractContextManager[None]:
        return fast_products(torch.device("cpu")) if self.networks.wide else contextlib.nullcontext()

    def _collect(self) -> None:
        first, networks, S, N = self.models[0], self.networks, len(self.models), self.num_envs
        space, steps = first.action_space, first.n_steps
        box = space if isinstance(space, spaces.Box) else None
        rollout = Rollout(
            steps, S * N, self.env.observation_space, space, networks.num_outputs, self.env.masked
        )
        if rollout.masks is not None:
            self.env.action_masks(rollout.masks[0].numpy())
        rollout.obs[0] = torch.from_numpy(self.obs)
        dones = self.starts
        for step in range(steps):
            outputs, values = networks.act(networks.prepare(rollout.obs[step]).unflatten(0, (S, N)))
            allowed = None
            if values is not None:
                rollout.values[step] = values.flatten()
            if rollout.masks is not None:
                outputs = masked(outputs, rollout.masks[step].unflatten(0, (S, N)))
                allowed = rollout.masks[step + 1].numpy()
            rollout.outputs[step] = outputs.flatten(0, 1)
            rollout.rows[step] = self.head.draw(outputs, self.generators).flatten(0, 1)
            actions = rollout.actions[step].numpy()
            actions = actions if box is None else np.clip(actions, box.low, box.high)
            obs, rewards = rollout.obs[step + 1].numpy(), rollout.rewards[step].numpy()
            dones, infos = self.env.step_into(actions, obs, rewards, allowed)
            rollout.dones[step] = torch.from_numpy(dones)
            finished = np.flatnonzero(dones)
            truncated = []
            for i in finished:
                info = infos[i]
                buffer = self.models[i // N].ep_info_buffer
                assert buffer is not None
                buffer.append(info["episode"])
                if is_cut_off(info):
                    truncated.append(i)
            if truncated:
                final = np.stack([infos[i]["terminal_observation"] for i in truncated])
                rollout.bootstraps.append((step, np.array(truncated), final))
        for model in self.models:
            model.num_timesteps += steps * N
        self.obs, self.starts = rollout.obs[-1].numpy().copy(), dones
        self._finish(rollout)
        self.rollout = rollout

    def _finish(self, rollout: Rollout) -> None:
        """Complete the rollouts: log-probabilities, values, bootstraps, advantages."""
        first, networks, S, N = self.models[0], self.networks, len(self.models), self.num_envs
        log_probs = self.head.evaluate(self._by_model(rollout.outputs), self._by_model(rollout.actions))[0]
        rollout.log_probs = log_probs.unflatten(1, (-1, N)).transpose(0, 1).flatten(1, 2)
        known = first.n_steps if networks.values_while_acting else 0
        obs = networks.prepare(rollout.obs[known:].flatten(0, 1)).unflatten(0, (-1, S * N))
        values = networks.evaluate(self._by_model(obs))
        rollout.values[known:] = values.unflatten(1, (-1, N)).transpose(0, 1).flatten(1, 2)
        if rollout.bootstraps:
            owner = torch.from_numpy(np.concatenate([envs for _, envs, _ in rollout.bootstraps]) // N)
            final = networks.prepare(rollout.final_obs())
            # Each model's are as many as those of the one with the most; the rest is filled with zeros.
            place = torch.zeros_like(owner)
            for m in range(S):
                place[owner == m] = torch.arange(int((owner == m).sum()))
            padded = final.new_zeros(S, int(place.max()) + 1, *final.shape[1:])
            padded[owner, place] = final
            rollout.add_final_values(networks.evaluate(padded)[owner, place], first.gamma)
        rollout.finish(first.gamma, first.gae_lambda)

    @torch.inference_mode()
    def train(self, total_timesteps: int) -> None:
        """Update all models on the rollouts that were just collected."""
        assert self.rollout is not None
        for model in self.models:
            model._update_current_progress_remaining(model.num_timesteps, total_timesteps)
            model._update_learning_rate(model.policy.optimizer)
        hyper = self.models[0]._hyperparameters()
        losses = Losses()
        with self._products():
            for minibatch in self._minibatches(hyper):
                gradients(self, minibatch, hyper, losses)
                self.adam.step(hyper.max_grad_norm)
        for model in self.models:
            model._n_updates += hyper.n_epochs
        self.losses, self.hyper = losses, hyper

    def _minibatches(self, hyper: Hyperparameters) -> Iterator[Minibatch]:
        """Each model's samples, shuffled by its own draws as `minibatches.StepSamples` does."""
        rollout, S, N = self.rollout, len(self.models), self.num_envs
        assert rollout is not None
        total = len(rollout.rewards) * N

        def samples(rows: Tensor) -> Tensor:
            # Environment by environment, as Stable-Baselines3 numbers the samples; each model's are as many.
            return rows.transpose(0, 1).flatten(0, 1)

        four = rollout.log_probs, rollout.advantages, rollout.returns, rollout.values[:-1]
        columns = torch.stack([samples(column) for column in four])
        obs = self.networks.prepare(samples(rollout.obs[:-1]))
        actions = samples(rollout.actions)
        masks = None if rollout.masks is None else samples(rollout.masks[:-1])
        for _ in range(hyper.n_epochs):
            index = np.stack([shuffler.permutation(total) for shuffler in self.shufflers])
            index += np.arange(S)[:, None] * total
            # Minibatch by minibatch in memory, so that each is one contiguous piece.
            for start in range(0, total, hyper.batch_size):
                part = torch.from_numpy(index[:, start : start + hyper.batch_size].reshape(-1))
                shape = (S, len(part) // S)
                yield Minibatch(
                    obs.index_select(0, part).unflatten(0, shape),
                    actions.index_select(0, part).unflatten(0, shape),
                    *columns.index_select(1, part).unflatten(1, shape),
                    masks=None if masks is None else masks.index_select(0, part).unflatten(0, shape),
                )

    def record(self) -> None:
        """Write the figures of the newest update to each model's logger, under their usual names."""
        losses, rollout, hyper = self.losses, self.rollout, self.hyper
        if losses is None or rollout is None or hyper is None:
            return
        last = losses.approx_kl[-(len(losses.approx_kl) // hyper.n_epochs) :]
        means = {
            "train/entropy_loss": torch.stack(losses.entropy).mean(0),
            "train/policy_gradient_loss": torch.stack(losses.policy).mean(0),
            "train/value_loss": torch.stack(losses.value).mean(0),
            "train/approx_kl": torch.stack(last).mean(0),
            "train/clip_fraction": torch.stack(losses.clip_fraction).mean(0),
            "train/loss": losses.total,
        }
        values, returns = self._by_model(rollout.values[:-1]).numpy(), self._by_model(rollout.returns).numpy()
        for i, model in enumerate(self.models):
            for name, value in means.items():
                model.logger.record(name, value[i].item())
            model.logger.record("train/explained_variance", explained_variance(values[i], returns[i]))
            if hasattr(model.policy, "log_std"):
                model.logger.record("train/std", model.policy.log_std.exp().mean().item())
            model.logger.record("train/clip_range", hyper.clip_range)


def _env_of(model: PPO) -> BatchVecEnv:
    assert model.env is not None
    env, _ = batch_under(model.env)
    assert env is not None
    return env


def _numpy_state(states: dict[str, Tensor]) -> tuple[Any, ...]:
    *keys, position, has_gauss = states["numpy"].tolist()
    return "MT19937", np.array(keys, np.uint32), position, has_gauss, float(states["numpy.gauss"].item())


def _numpy_parts(shuffler: np.random.RandomState) -> tuple[list[int], int, int, float]:
    state: Any = shuffler.get_state(legacy=False)
    return state["state"]["key"].tolist(), state["state"]["pos"], state["has_gauss"], state["gauss"]
