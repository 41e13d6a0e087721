"""PPO and PQN with a bonus for what is new, which goes down to nothing over the training.

    r_t + weight * (1 - progress / fraction) * novelty(s_t)        while progress < fraction

The bonus of an observation comes with the step that leaves it: each that is acted on counts once, and the end
of an episode needs no rule of its own. It is added where rollouts are learned from, outside of the
environment: scores, evaluations and the running `return` are the environment's alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv
from torch import Tensor

from agents.exploration.novelty import SOMNovelty
from agents.ppo import PPO
from agents.ppo.rollout_buffer import Rollout
from agents.ppo.update import Machine
from agents.pqn import PQN
from sandbox.errors import UserError


class Curious(OnPolicyAlgorithm):
    """What both have.

    Args:
        *args: of the algorithm.
        novelty_weight: what a bonus of ordinary size is worth, in units of the environment's reward.
        novelty_fraction: share of the training over which the bonus goes down to nothing.
        novelty_units: units of the map.
        lessons: rollouts over which the map settles.
        **kwargs: of the algorithm.

    Attributes:
        novelty: the map that judges.
    """

    def __init__(
        self,
        *args: Any,
        novelty_weight: float = 0.1,
        novelty_fraction: float = 0.5,
        novelty_units: int = 400,
        lessons: int = 50,
        **kwargs: Any,
    ) -> None:
        self.novelty_weight, self.novelty_fraction = novelty_weight, novelty_fraction
        self.novelty_units, self.lessons = novelty_units, lessons
        super().__init__(*args, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        self.novelty = SOMNovelty(self.observation_space, self.novelty_units, self.lessons).to(self.device)

    @property
    def novelty_rate(self) -> float:
        """What the bonus is multiplied by now."""
        progress = 1.0 - self._current_progress_remaining
        return self.novelty_weight * max(0.0, 1.0 - progress / max(self.novelty_fraction, 1e-9))

    def bonus(self, obs: Tensor) -> Tensor:
        """Return what is added to the rewards (T, N) of a rollout with observations (T, N, ...)."""
        rate = self.novelty_rate
        added = torch.zeros(obs.shape[:2])
        if rate > 0:
            added = rate * self.novelty.bonus(obs.flatten(0, 1)).cpu().view(obs.shape[:2])
        self.logger.record("train/novelty", float(added.mean()))
        return added

    def _excluded_save_params(self) -> list[str]:
        return [*super()._excluded_save_params(), "novelty"]


class CuriousPPO(Curious, PPO):
    """PPO with a bonus for novelty."""

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: RolloutBuffer, n_rollout_steps: int
    ) -> bool:
        """Collect as `PPO` does.

        Raises:
            UserError: a policy that only Stable-Baselines3's loops run: they know of no bonus.
        """
        if (reason := self._obstacle()) is not None:
            raise UserError(f"A bonus for novelty needs a policy that PPO's own loops run; {reason}.")
        return super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)

    @torch.no_grad()
    def _finish(self, machine: Machine, rollout: Rollout) -> None:
        rollout.rewards += self.bonus(rollout.obs[:-1])
        super()._finish(machine, rollout)


class CuriousPQN(Curious, PQN):
    """PQN with a bonus for novelty."""

    def _learned_rewards(self, obs: Tensor, rewards: np.ndarray) -> np.ndarray:
        return rewards + self.bonus(obs).numpy()
