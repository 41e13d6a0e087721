"""Proximal policy optimization. Schulman et al. 2017, arXiv:1707.06347.

`PPO` is Stable-Baselines3's PPO with another way of doing the same sums: same constructor, callbacks, logger
keys, schedules, `learn`, `predict`, `save` and `load`, same random draws and minibatches. What differs is
where the time goes. Environments of ours write their observations straight into the rollout's tensors; values
and log-probabilities of a whole rollout come from one pass; truncated episodes are bootstrapped together; and
an update runs on one flat block of parameters with gradients written out by hand (`update.py`,
`backbones.py`, `action_heads.py`, `flat_parameters.py`).

Before every rollout and update each part that these loops stand in for is looked at (`fast_path.py`). What
is not stock (state-dependent exploration, dictionary observations, a rollout buffer, network or distribution
of one's own, overridden or patched methods, hooks, frozen parameters) is left to Stable-Baselines3's own
loops: correct, at its speed. The log then says why, in one line.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, get_args

import gymnasium
import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticCnnPolicy, ActorCriticPolicy, BasePolicy
from stable_baselines3.common.torch_layers import NatureCNN
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecEnv

from agents.flat_environments import flat_vec_env
from agents.flat_spaces import FlatActions, FlatObservations
from agents.policies import BlockCnnPolicy, MlpPolicy
from agents.policies.action_heads import masked
from agents.policies.normalisation import Normalize, take_in, wants_observations
from agents.ppo.arguments import with_moments, with_rows
from agents.ppo.collection import RolloutLoop
from agents.ppo.update import Hyperparameters, Losses, update
from agents.training.compatibility import check_counts_from_zero
from sandbox.allocator import keep_freed_memory
from sandbox.errors import UserError, check_choice

NATURE_CNN_SIDE = 36
"""Smallest height and width of pictures for the convolutions of Stable-Baselines3's `CnnPolicy`."""


class PPO(RolloutLoop):
    """Stable-Baselines3's PPO, several times faster. Schulman et al. 2017, arXiv:1707.06347.

    All arguments are Stable-Baselines3's, and so are the networks of `"MlpPolicy"` and `"CnnPolicy"`: a saved
    model loads with `stable_baselines3.PPO.load` where nothing of this project is installed.
    `"BlockCnnPolicy"` is this project's smaller network for pictures of any size.

    Args:
        policy: as in Stable-Baselines3.
        env: likewise.
        *args: further arguments of Stable-Baselines3's PPO.
        normalize: whether observations, rewards or `both` are scaled to deviation 1 by running moments, which
            the policy carries with it: see `agents.policies.normalisation`.
        **kwargs: further arguments of Stable-Baselines3's PPO.

    `"MlpPolicy"` also takes observations that are a `Dict` or `Tuple`, with a CNN for each picture among
    them, and actions that are: choices, bits and continuous numbers together. Such an environment is put into
    a `FlatVecEnv`, where they are rows; `predict` takes and gives either form.
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        **stable_baselines3.PPO.policy_aliases,
        "MlpPolicy": MlpPolicy,
        "BlockCnnPolicy": BlockCnnPolicy,
    }

    def __init__(
        self,
        policy: Any,
        env: gymnasium.Env | VecEnv | str | None,
        *args: Any,
        normalize: Normalize = "none",
        **kwargs: Any,
    ) -> None:
        check_choice("normalize", normalize, get_args(Normalize))
        self.normalize = normalize
        if normalize != "none":
            kind: Any = self.policy_aliases.get(policy, policy) if isinstance(policy, str) else policy
            kwargs["policy_kwargs"] = with_moments(kind, normalize, kwargs.get("policy_kwargs"))
        super().__init__(policy, with_rows(env, policy), *args, **kwargs)

    def set_env(self, env: gymnasium.Env | VecEnv, force_reset: bool = True) -> None:
        """Go on in another environment of the same spaces."""
        flat = isinstance(self.observation_space, FlatObservations)
        super().set_env(flat_vec_env(env, observations=flat), force_reset)

    @classmethod
    def load(cls, path: Any, env: gymnasium.Env | VecEnv | None = None, *args: Any, **kwargs: Any) -> PPO:
        """Load a saved model; arguments as in Stable-Baselines3.

        Args:
            path: of the zip.
            env: to go on in; dictionaries and tuples become rows where the model has learned from rows.
            *args: further arguments.
            **kwargs: likewise.
        """
        if env is not None and (rows := flat_vec_env(env)) is not env:
            with contextlib.suppress(ValueError):  # its spaces do not fit a "MultiInputPolicy"
                return super().load(path, rows, *args, **kwargs)
        return super().load(path, env, *args, **kwargs)

    def _setup_model(self) -> None:
        keep_freed_memory()
        check_counts_from_zero(self.observation_space, self.action_space)
        self._check_size_of_pictures()
        super()._setup_model()

    def _check_size_of_pictures(self) -> None:
        space = self.observation_space
        extractor = self.policy_kwargs.get("features_extractor_class", NatureCNN)
        if self.policy_class is not ActorCriticCnnPolicy or extractor is not NatureCNN:
            return
        if isinstance(space, spaces.Box) and len(space.shape) == 3 and min(space.shape[1:]) < NATURE_CNN_SIDE:
            height, width = space.shape[1:]
            raise UserError(
                f'"CnnPolicy" is the network of the Nature paper, which needs pictures of at least '
                f"{NATURE_CNN_SIDE}x{NATURE_CNN_SIDE}, not {height}x{width}: "
                'take "BlockCnnPolicy", which has a network for small pictures.'
            )

    def _maybe_recommend_cpu(self, mlp_class_name: str = ActorCriticPolicy.__name__) -> None:
        super()._maybe_recommend_cpu(MlpPolicy.__name__ if self.policy_class is MlpPolicy else mlp_class_name)

    def _setup_learn(self, *args: Any, **kwargs: Any) -> Any:
        self._told = None
        return super()._setup_learn(*args, **kwargs)

    @torch.no_grad()
    def predict(
        self,
        observation: Any,
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: np.ndarray | None = None,
    ) -> tuple[Any, tuple[np.ndarray, ...] | None]:
        """Decide, as Stable-Baselines3's `predict`.

        Args:
            observation: one or many, as the environment or as `get_env()` gives them.
            state: what a policy with a memory returned before; None at the start of all episodes.
            episode_start: which environments have begun an episode since.
            deterministic: take the most probable actions.
            action_masks: which actions are allowed, as `MaskablePPO.predict` of sb3-contrib takes them: bools
                (N, K), or (K,) for one observation; None for all.

        Returns:
            Actions, and what is remembered. Where observations are dictionaries or tuples and actions are,
            too, the latter are returned as the environment takes them, in a list for many; to rows, as
            `get_env()` gives them, the answer is rows.
        """
        seen, acts = self.observation_space, self.action_space
        if isinstance(seen, FlatObservations) and not isinstance(observation, np.ndarray):
            rows = seen.flatten(observation)
            chosen, state = self.predict(rows, state, episode_start, deterministic, action_masks)
            if not isinstance(acts, FlatActions):
                return chosen, state
            many: Any = [acts.unflatten(row) for row in chosen] if rows.ndim > 1 else acts.unflatten(chosen)
            return many, state
        if action_masks is None:
            return super().predict(observation, state, episode_start, deterministic)
        masks = torch.as_tensor(np.asarray(action_masks, bool), device=self.device)

        def rule_out(_: torch.nn.Module, __: Any, outputs: Any) -> torch.Tensor:
            return masked(outputs, masks.view_as(outputs))

        hook = self.policy.action_net.register_forward_hook(rule_out)
        try:
            return super().predict(observation, state, episode_start, deterministic)
        finally:
            hook.remove()

    def train(self) -> None:
        """Update the policy on the rollout that was just collected."""
        machine, rollout = self._taken_apart(), self._rollout
        if machine is not None and (rollout is None or not rollout.take_back(self.rollout_buffer)):
            machine = self._leave_to_stock("the rollout buffer holds something else than was collected here")
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
        self._record_losses(losses, hyper)
        values, returns = rollout.values[:-1].numpy().ravel(), rollout.returns.numpy().ravel()
        self.logger.record("train/explained_variance", explained_variance(values, returns))
        if wants_observations(self.normalize):
            take_in(self.policy, rollout.obs[:-1].flatten(0, 1), self.group)
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

    def _record_losses(self, losses: Losses, hyper: Hyperparameters) -> None:
        figures = {
            "entropy_loss": losses.entropy,
            "policy_gradient_loss": losses.policy,
            "value_loss": losses.value,
            "approx_kl": losses.approx_kl,
            "clip_fraction": losses.clip_fraction,
            "loss": [losses.total],
        }
        means = torch.stack([torch.stack(values).mean() for values in figures.values()])
        if self.group is not None:
            means = self.group.mean(means)
        record = self.logger.record
        for name, value in zip(figures, means.tolist(), strict=True):
            record(f"train/{name}", value)
        if hasattr(self.policy, "log_std"):
            record("train/std", self.policy.log_std.exp().mean().item())
        record("train/n_updates", self._n_updates, exclude="tensorboard")
        record("train/clip_range", hyper.clip_range)
        if hyper.clip_range_vf is not None:
            record("train/clip_range_vf", hyper.clip_range_vf)

    def _excluded_save_params(self) -> list[str]:
        return [
            *super()._excluded_save_params(),
            "_machine",
            "_rollout",
            "_memory",
            "_reward_sums",
            "slow_because",
            "_told",
            "group",
        ]

    def get_parameters(self) -> dict[str, dict]:
        """Return state dicts of policy and optimizer, in memory of their own."""
        return {name: _copied(state) for name, state in super().get_parameters().items()}

    def save(
        self,
        path: str | Path | io.BufferedIOBase,
        exclude: Iterable[str] | None = None,
        include: Iterable[str] | None = None,
    ) -> None:
        """Save to a zip as Stable-Baselines3 does; an `MlpPolicy` is saved as its stock equal, if it has one.

        Args:
            path: file to write.
            exclude: attributes to leave out besides the usual ones.
            include: attributes to save although they usually are not.
        """
        policy_class = self.policy_class
        try:
            plain = self.normalize == "none" and not isinstance(self.action_space, FlatActions)
            if (
                policy_class is MlpPolicy
                and plain
                and not isinstance(self.observation_space, FlatObservations)
            ):
                self.policy_class = ActorCriticPolicy
            super().save(path, exclude, include)
        finally:
            self.policy_class = policy_class


def _copied(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return type(state)((key, _copied(value)) for key, value in state.items())
    return [_copied(value) for value in state] if isinstance(state, list) else state
