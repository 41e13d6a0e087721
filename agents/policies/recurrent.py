"""Actor and critic that remember, and how PPO runs them.

    m_t = block(features(obs_t), m_{t-1})               RNN, LSTM or GRU; m_0 = 0 when an episode begins
    logits, value = heads(features(obs_t), output of the block)

What the block holds is handed in and out as one row of numbers per environment, zeros at the start of an
episode: collecting carries it from step to step, an update begins at what was held when the rollout began
and goes through all its steps (truncated backpropagation through time; Hausknecht & Stone 2015).
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from agents.policies.action_heads import head_for
from agents.policies.block_policies import MlpPolicy
from agents.policies.flat_parameters import FlatParameters
from agents.policies.remembering import KINDS, Kind, Remembering, Sequences

__all__ = ["KINDS", "Kind", "MemoryBackbone", "MemoryPolicy", "Sequences"]


class MemoryPolicy(Remembering, MlpPolicy):
    """Actor and critic that share a recurrent block and see its output beside the features.

    Only `agents.ppo.PPO` trains it. `predict` keeps Stable-Baselines3's contract: it returns what is held and
    takes it again, with `episode_start`.

    Args:
        observation_space: any with one array per observation.
        action_space: any that PPO takes.
        lr_schedule: as in Stable-Baselines3.
        kind: `rnn` (Elman 1990), `lstm` (Hochreiter & Schmidhuber 1997) or `gru` (Cho et al. 2014).
        memory: size of the block's state, H.
        **options: arguments of `ActorCriticPolicy`.
    """

    def _build_mlp_extractor(self) -> None:
        self.features_dim = self._make_memory(int(self.features_dim))
        super()._build_mlp_extractor()

    def run(
        self,
        obs: Shaped[Tensor, "B T ..."],
        memory: Float[Tensor, "B M"],
        starts: Bool[Tensor, "B T"] | None = None,
    ) -> tuple[Float[Tensor, "B T K"], Float[Tensor, "B T"], Float[Tensor, "B M"]]:
        """Run pieces of play.

        Args:
            obs: raw observations.
            memory: what was held before them.
            starts: whether an episode begins with a step; None for nowhere.

        Returns:
            The action net's outputs, values, and what is held after the last step.
        """
        features = cast(Tensor, self.extract_features(obs.flatten(0, 1))).unflatten(0, obs.shape[:2])
        seen, memory = self._remember(features, memory, starts)
        latent_pi, latent_vf = self.mlp_extractor(seen)
        return self.action_net(latent_pi), self.value_net(latent_vf).squeeze(-1), memory

    def decide(
        self, obs: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"], deterministic: bool
    ) -> tuple[np.ndarray, Float[Tensor, "B M"]]:
        """Return actions (B, ...) within their bounds, and what is held after them."""
        outputs, _, memory = self.run(obs[:, None], memory)
        head = head_for(self.action_space, getattr(self, "log_std", None))
        chosen = head.best(outputs[:, 0]) if deterministic else head.sample(outputs[:, 0])
        actions = chosen.cpu().numpy().reshape(-1, *(self.action_space.shape or ()))
        if isinstance(self.action_space, spaces.Box):
            actions = np.clip(actions, self.action_space.low, self.action_space.high)
        return actions, memory


class MemoryBackbone:
    """How PPO runs a policy with a memory: the `Backbone` whose minibatches are pieces of play.

    Args:
        policy: the policy.
    """

    values_while_acting = True

    def __init__(self, policy: MemoryPolicy) -> None:
        self.policy = policy
        self.memory_size = policy.memory_size
        self.turned = False
        self.flat = FlatParameters([p for p in policy.parameters() if p.requires_grad])
        self.graph: tuple[Tensor, Tensor] | None = None

    def prepare(self, obs: Shaped[Tensor, "B ..."]) -> Shaped[Tensor, "B ..."]:
        """Keep raw observations, turned as the policy wants them."""
        return obs.permute(0, 3, 1, 2) if self.turned else obs

    def act(
        self, prepared: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"] | None = None
    ) -> tuple[Float[Tensor, "B K"], Float[Tensor, " B"], Float[Tensor, "B M"]]:
        """Return outputs, values and what is held after this step."""
        memory = self.policy.nothing(len(prepared)) if memory is None else memory
        outputs, values, memory = self.policy.run(prepared[:, None], memory)
        return outputs[:, 0], values[:, 0], memory

    def values(
        self, prepared: Shaped[Tensor, "B ..."], memory: Float[Tensor, "B M"] | None = None
    ) -> Float[Tensor, " B"]:
        """Return values."""
        return self.act(prepared, memory)[1]

    def forward(self, batch: Sequences) -> tuple[Float[Tensor, "BT K"], Float[Tensor, " BT"]]:
        """Return the outputs and values of a minibatch, one piece of play after the other."""
        self.flat.grads.zero_()
        with torch.enable_grad():
            outputs, values, _ = self.policy.run(batch.obs, batch.memory, batch.starts)
            self.graph = outputs.flatten(0, 1), values.flatten()
        return self.graph[0].detach(), self.graph[1].detach()

    def backward(self, grad_outputs: Float[Tensor, "BT K"], grad_values: Float[Tensor, " BT"]) -> None:
        """Write the gradients of the minibatch."""
        assert self.graph is not None
        pairs = list(zip(self.graph, (grad_outputs, grad_values), strict=True))
        learned = [output for output, _ in pairs if output.requires_grad]  # the rest is frozen
        if learned:
            torch.autograd.backward(learned, [grad for output, grad in pairs if output.requires_grad])
        self.graph = None
