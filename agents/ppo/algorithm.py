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

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticCnnPolicy, ActorCriticPolicy, BasePolicy
from stable_baselines3.common.torch_layers import NatureCNN
from stable_baselines3.common.utils import explained_variance

from agents.policies import BlockCnnPolicy, MlpPolicy
from agents.policies.action_heads import masked
from agents.ppo.collection import RolloutLoop
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.update import Hyperparameters, Losses, update
from agents.training.compatibility import check_counts_from_zero
from sandbox.allocator import keep_freed_memory
from sandbox.errors import UserError

NATURE_CNN_SIDE = 36
"""Smallest height and width of pictures for the convolutions of Stable-Baselines3's `CnnPolicy`."""


class PPO(RolloutLoop):
    """Stable-Baselines3's PPO, several times faster. Schulman et al. 2017, arXiv:1707.06347.

    All arguments are Stable-Baselines3's, and so are the networks of `"MlpPolicy"` and `"CnnPolicy"`: a saved
    model loads with `stable_baselines3.PPO.load` where nothing of this project is installed.
    `"BlockCnnPolicy"` is this project's smaller network for pictures of any size.
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {
        **stable_baselines3.PPO.policy_aliases,
        "MlpPolicy": MlpPolicy,
        "BlockCnnPolicy": BlockCnnPolicy,
    }

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
        observation: np.ndarray | dict[str, np.ndarray],
        state: tuple[np.ndarray, ...] | None = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: np.ndarray | None = None,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...] | None]:
        """Decide, as Stable-Baselines3's `predict`.

        Args:
            observation: one or many.
            state: what a policy with a memory returned before; None at the start of all episodes.
            episode_start: which environments have begun an episode since.
            deterministic: take the most probable actions.
            action_masks: which actions are allowed, as `MaskablePPO.predict` of sb3-contrib takes them: bools
                (N, K), or (K,) for one observation; None for all.

        Returns:
            Actions, and what is remembered.
        """
        if action_masks is None:
            return super().predict(observation, state, episode_start, deterministic)
        masks = torch.as_tensor(np.asarray(action_masks, bool), device=self.device)
        rule_out = self.policy.action_net.register_forward_hook(
            lambda module, inputs, outputs: masked(outputs, masks.view_as(outputs))
        )
        try:
            return super().predict(observation, state, episode_start, deterministic)
        finally:
            rule_out.remove()

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
        return [
            *super()._excluded_save_params(),
            "_machine",
            "_rollout",
            "_memory",
            "slow_because",
            "_told",
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


def _copied(state: Any) -> Any:
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return type(state)((key, _copied(value)) for key, value in state.items())
    return [_copied(value) for value in state] if isinstance(state, list) else state
