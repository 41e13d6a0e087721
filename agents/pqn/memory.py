"""Q-values that remember: a recurrent block between features and the network with layer normalisation.

    m_t  = block(features(obs_t), m_{t-1})              RNN, LSTM or GRU; m_0 = 0 when an episode begins
    q(a) = network(features(obs_t), output of the block)

An update goes through whole rollouts, one per environment, from the state that was held when the rollout
began (stored states: Kapturowski et al. 2019). With updates as frequent as here these states are hardly older
than the network, so no steps are spent on a burn-in.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor, nn

from agents.policies.remembering import Remembering, Sequences
from agents.ppo.matmul_precision import fast_products
from agents.pqn.networks import Autograd, HandWritten, QNetwork
from agents.pqn.policy import QPolicy


class QMemoryPolicy(Remembering, QPolicy):
    """Q-values of discrete actions from all that was seen in the episode; the best one is played.

    `predict` keeps Stable-Baselines3's contract: it returns what is held and takes it again, with
    `episode_start`. `forward` and `q_values` take every observation for the first of an episode.

    Args:
        observation_space: any with one array per observation.
        action_space: `Discrete`.
        lr_schedule: as in Stable-Baselines3.
        kind: `rnn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        memory: size of the block's state, H.
        **options: arguments of `QPolicy`.
    """

    def make_q_net(self, width: int) -> nn.Module:
        """Build the memory, and what turns it into the Q-value of each action."""
        return super().make_q_net(self._make_memory(width))

    def run(
        self,
        obs: Shaped[Tensor, "B T ..."],
        memory: Float[Tensor, "B M"],
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> tuple[Float[Tensor, "B T K"], Float[Tensor, "B M"]]:
        """Run pieces of play.

        Args:
            obs: raw observations.
            memory: what was held before them.
            starts: whether an episode begins with a step; None for nowhere.

        Returns:
            Q-values in scaled rewards, and what is held after the last step.
        """
        features = self.features(obs.flatten(0, 1)).unflatten(0, obs.shape[:2])
        seen, memory = self._remember(features, memory, starts)
        return self.q_net(seen), memory

    def forward(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B K"]:
        """Return what the network says of each action at the start of an episode, in scaled rewards."""
        return self.run(obs[:, None], self.nothing(len(obs)))[0][:, 0]

    def decide(
        self, obs: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"], deterministic: bool
    ) -> tuple[np.ndarray, Float[Tensor, "B M"]]:
        """Return the best actions (B,), and what is held after them."""
        q_values, memory = self.run(obs[:, None], memory)
        actions: Int64[Tensor, " B"] = q_values[:, 0].argmax(1)
        return actions.cpu().numpy(), memory


class MemoryNetwork(Autograd):
    """How PQN runs a policy with a memory: minibatches are pieces of play.

    Args:
        policy: the policy.
    """

    policy: QMemoryPolicy

    def __init__(self, policy: QMemoryPolicy) -> None:
        super().__init__(policy)
        self.memory_size = policy.memory_size

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations, turned as the policy wants them."""
        return obs.permute(0, 3, 1, 2) if self.turned else obs

    def act(
        self, prepared: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"] | None = None
    ) -> tuple[Float[Tensor, "B K"], Float[Tensor, "B M"]]:
        """Return Q-values and what is held after this step."""
        memory = self.policy.nothing(len(prepared)) if memory is None else memory
        with fast_products(prepared.device):
            q_values, memory = self.policy.run(prepared[:, None], memory)
        return q_values[:, 0], memory

    def forward(self, batch: Sequences) -> Float[Tensor, "BT K"]:
        """Return the Q-values of a minibatch, one piece of play after the other."""
        self.flat.grads.zero_()
        with torch.enable_grad():
            self.graph = self.policy.run(batch.obs, batch.memory, batch.starts)[0].flatten(0, 1)
        return self.graph.detach()


def network_for(policy: QPolicy) -> QNetwork:
    """Pick the fastest way to run a policy."""
    if isinstance(policy, QMemoryPolicy):
        return MemoryNetwork(policy)
    return HandWritten(policy) if HandWritten.supports(policy) else Autograd(policy)
