"""Behavioural cloning: supervised learning of what an expert did. Pomerleau 1991, Neural Computation 3(1).

    min  E_expert -log pi(a | s)

`Clone` learns by nothing else and never plays. GAIL may begin with it, and go on with it beside its reward.
"""

from __future__ import annotations

from typing import Any

import torch
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from agents.imitation.demonstrations import Demonstrations
from agents.imitation.discriminator import as_in, moved
from agents.policies.block_policies import channels_last
from agents.policies.recurrent import MemoryPolicy
from agents.ppo import PPO
from agents.training.compatibility import is_picture
from sandbox.errors import UserError

AT_ONCE = 50
"""Updates of `Clone` between two moments at which it may be looked at."""


class Imitator(PPO):
    """A PPO that is shown what an expert did.

    `imitate` must be called before it learns.

    Args:
        *args: of `PPO`.
        clone_rate: step size of the Adam that clones.
        clone_batch: pairs of observation and action in each of its updates.
        shift: cells by which pictures are moved at random in them.
        **kwargs: of `PPO`.

    Attributes:
        demonstrations: what it was given to imitate.
    """

    demonstrations: Demonstrations

    def __init__(
        self, *args: Any, clone_rate: float = 1e-3, clone_batch: int = 256, shift: int = 0, **kwargs: Any
    ) -> None:
        self.clone_rate, self.clone_batch, self.shift = clone_rate, clone_batch, shift
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        self.cloning_optimizer = torch.optim.Adam(self.policy.parameters(), lr=self.clone_rate)

    def imitate(self, demonstrations: Demonstrations) -> None:
        """Take demonstrations to imitate from now on."""
        self.demonstrations = demonstrations

    @torch.enable_grad()
    def clone(self, updates: int) -> None:
        """Make the expert's actions more probable, a minibatch at a time.

        Raises:
            UserError: a policy with a memory, to which single pairs say too little.
        """
        if isinstance(self.policy, MemoryPolicy):
            raise UserError(
                "Cloning learns from single steps, which a policy with a memory cannot: "
                "use gail with --clone-steps 0 --clone-each 0."
            )
        shown = self.demonstrations
        self.policy.set_training_mode(True)
        loss = torch.zeros(())
        for _ in range(updates):
            rows = torch.randint(len(shown.actions), (self.clone_batch,))
            obs = self._moved(as_in(shown.obs[rows], self.observation_space).to(self.device))
            loss = -self.policy.evaluate_actions(obs, shown.actions[rows].to(self.device))[1].mean()
            # Gradients stay where they are: PPO keeps them as views of one flat tensor.
            self.cloning_optimizer.zero_grad(set_to_none=False)
            loss.backward()
            self.cloning_optimizer.step()
        self._cloning_loss = loss.item()

    def _moved(self, obs: torch.Tensor) -> torch.Tensor:
        if not (self.shift and is_picture(self.observation_space)):
            return obs
        last = channels_last(self.observation_space)
        planes = moved(obs.movedim(-1, 1) if last else obs, self.shift)
        return planes.movedim(1, -1) if last else planes

    def _get_torch_save_params(self) -> tuple[list[str], list[str]]:
        names, variables = super()._get_torch_save_params()
        return [*names, "cloning_optimizer"], variables

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "demonstrations"]


class Clone(Imitator):
    """Does what an expert did, without playing. Pomerleau 1991, Neural Computation 3(1).

    Its steps are updates. Where the expert never was, it does not know what to do, and nothing leads it back.

    Args:
        *args: of `PPO`.
        batch_size: pairs of observation and action in each update.
        **kwargs: of `PPO`.
    """

    def __init__(self, *args: Any, batch_size: int = 256, **kwargs: Any) -> None:
        super().__init__(*args, clone_batch=batch_size, n_steps=2, batch_size=2, **kwargs)

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Count the updates that `train` makes next; nothing is played."""
        self._updates = min(AT_ONCE, self._total_timesteps - self.num_timesteps)
        self.num_timesteps += self._updates
        return True

    def train(self) -> None:
        """Update the policy on the demonstrations."""
        self._update_learning_rate(self.cloning_optimizer)
        self.clone(self._updates)
        self._n_updates += self._updates
        self.logger.record("train/cloning_loss", self._cloning_loss)
