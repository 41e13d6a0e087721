"""Behavioural cloning: supervised learning of what an expert did. Pomerleau 1991, Neural Computation 3(1)."""

from __future__ import annotations

import torch
from stable_baselines3.common.policies import ActorCriticPolicy

from agents.imitation.demonstrations import Demonstrations
from agents.imitation.discriminator import as_in


class Cloner:
    """Fits a policy's actions to an expert's, a minibatch at a time.

    Args:
        policy: changed in place.
        demonstrations: of the expert.
        rate: step size of Adam.
        batch_size: pairs in a minibatch.
    """

    def __init__(
        self, policy: ActorCriticPolicy, demonstrations: Demonstrations, rate: float, batch_size: int
    ) -> None:
        self.policy, self.batch_size = policy, batch_size
        self.obs = as_in(demonstrations.obs, policy.observation_space)
        self.actions = demonstrations.actions
        self.optimizer = torch.optim.Adam(policy.parameters(), lr=rate)

    @torch.enable_grad()
    def run(self, steps: int) -> float:
        """Make some updates; returns the last mean log-likelihood, in nats."""
        self.policy.set_training_mode(True)
        found = 0.0
        for _ in range(steps):
            rows = torch.randint(len(self.actions), (self.batch_size,))
            obs, actions = (x[rows].to(self.policy.device) for x in (self.obs, self.actions))
            loss = -self.policy.evaluate_actions(obs, actions)[1].mean()
            # Gradients stay where they are: PPO keeps them as views of one flat tensor.
            self.optimizer.zero_grad(set_to_none=False)
            loss.backward()
            self.optimizer.step()
            found = -loss.item()
        return found
