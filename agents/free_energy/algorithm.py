"""Free-energy reinforcement learning: Q-values from an RBM. Sallans & Hinton 2004.

"Reinforcement Learning with Factored States and Actions", Journal of Machine Learning Research 5.

    play     a ~ exp(Q(s, a) / T)                             T falls geometrically from step to step
    learn    G_t = r_t + gamma ((1 - lambda) Q(s_{t+1}, a_{t+1}) + lambda G_{t+1})
             loss = mean (Q(s_t, a_t) - G_t)^2 / 2            with Q = -F of the machine

That is SARSA (theirs: lambda = 0) with softmax exploration, here over many environments at the same time and
with Adam; the loop is PQN's. Q is -F divided by `reward_scale`, as in Elfwing, Uchibe & Doya 2013: a step of
learning moves all hidden units together, and -F itself would jump farther than rewards are apart. Sallans and
Hinton drew actions by Gibbs sampling, since theirs were too many to list. Here all are listed and the draw is
exact, so that actions must be `Discrete`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from stable_baselines3.common.policies import BasePolicy
from torch import Tensor

from agents.free_energy.free_energy import FreeEnergyPolicy
from agents.policies.action_heads import masked
from agents.pqn import PQN
from agents.pqn.networks import QNetwork


class FreeEnergy(PQN):
    """SARSA with the free energy of a restricted Boltzmann machine. Sallans & Hinton 2004.

    Args:
        *args: of `PQN`.
        temperature: of the first actions, in units of the environment's reward.
        final_temperature: of the actions after `exploration_fraction` of the training.
        **kwargs: of `PQN`; `exploration_final_eps` and `self_play` have no use here.
    """

    policy_aliases: ClassVar[dict[str, type[BasePolicy]]] = {"MlpPolicy": FreeEnergyPolicy}

    def __init__(
        self, *args: Any, temperature: float = 0.5, final_temperature: float = 0.05, **kwargs: Any
    ) -> None:
        self.temperature, self.final_temperature = temperature, final_temperature
        super().__init__(*args, **kwargs)

    @property
    def exploration_rate(self) -> float:
        """No action is drawn regardless of what it is worth."""
        return 0.0

    @property
    def temperature_now(self) -> float:
        """The temperature of actions now, in units of the environment's reward."""
        share = min(1.0, (1.0 - self._current_progress_remaining) / max(self.exploration_fraction, 1e-9))
        return self.temperature * (self.final_temperature / self.temperature) ** share

    def _best(
        self, network: QNetwork, obs: Tensor, allowed: Tensor | None, memory: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Draw actions; returns their Q-values, in scaled rewards, them, and the new memory."""
        q_values, memory = network.act(network.prepare(obs.to(self.device)), memory)
        q_values = masked(q_values, None if allowed is None else allowed.to(self.device))
        drawn = torch.softmax(q_values / (self.temperature_now * self.policy.reward_scale), 1).multinomial(1)
        return q_values.gather(1, drawn)[:, 0], drawn[:, 0], memory

    def train(self) -> None:
        """Update the machine on the rollout that was just played."""
        super().train()
        self.logger.record("train/temperature", self.temperature_now)
