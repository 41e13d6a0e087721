"""Policies as ONNX graphs: from raw observations, and a memory where there is one, to what they decide by.

| policy | inputs | outputs |
|---|---|---|
| PPO, A2C, GAIL | `obs` (B, ...) | `outputs` (B, K): logits, or means of a Gaussian; `values` (B,) |
| with a memory | `obs`, `memory` (B, M), zeros where an episode begins | the same, and `memory_out` (B, M) |
| DQN, PQN | `obs` | `outputs` (B, K): the forecast return of each action |
| PQN with a memory | `obs`, `memory` | the same, and `memory_out` (B, M) |
| QR-DQN | `obs` | `outputs` (B, K), means of `quantiles` (B, K, Q), ascending |
| SAC, TD3, TQC | `obs` | `outputs` (B, n): the most probable action, between the bounds of the action space |
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.dqn.policies import DQNPolicy
from stable_baselines3.sac.policies import SACPolicy
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor, nn

from agents.policies.recurrent import MemoryPolicy
from agents.policies.remembering import Remembering
from agents.policies.replay_policies import Distributional
from agents.pqn.memory import QMemoryPolicy
from agents.pqn.policy import QPolicy
from sandbox import onnx_graph
from sandbox.errors import UserError


class ActorCriticGraph(nn.Module):
    """Observations to the action net's outputs and values."""

    def __init__(self, policy: ActorCriticPolicy) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, obs: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs (B, K) and values (B,)."""
        features = self.policy.extract_features(obs)
        assert isinstance(features, Tensor)
        latent_pi, latent_vf = self.policy.mlp_extractor(features)
        scale = getattr(self.policy, "return_scale", None)
        unit = 1.0 if scale is None else scale.deviation()
        return self.policy.action_net(latent_pi), self.policy.value_net(latent_vf)[:, 0] * unit


class MemoryGraph(nn.Module):
    """Observations and what was held before them to outputs, values and what is held after them."""

    def __init__(self, policy: MemoryPolicy) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, obs: Tensor, memory: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return outputs (B, K), values (B,) and the memory (B, M)."""
        outputs, values, memory = self.policy.run(obs[:, None], memory)
        return outputs[:, 0], values[:, 0], memory


class ValueGraph(nn.Module):
    """Observations to the forecast return of each action."""

    def __init__(self, policy: DQNPolicy | QPolicy) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, obs: Tensor) -> Tensor:
        """Return values (B, K)."""
        return self.policy.q_values(obs) if isinstance(self.policy, QPolicy) else self.policy.q_net(obs)


class ValueMemoryGraph(nn.Module):
    """Observations and what was held before them to forecast returns and what is held after them."""

    def __init__(self, policy: QMemoryPolicy) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, obs: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return values (B, K) and the memory (B, M)."""
        q_values, memory = self.policy.run(obs[:, None], memory)
        return q_values[:, 0] / self.policy.reward_scale, memory


class QuantileGraph(nn.Module):
    """Observations to the forecast return of each action, and to its quantiles."""

    def __init__(self, policy: Any) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, obs: Tensor) -> tuple[Tensor, Tensor]:
        """Return values (B, K) and quantiles (B, K, Q)."""
        quantiles = self.policy.return_quantiles(obs)
        return quantiles.mean(-1), quantiles


class ActionGraph(nn.Module):
    """Observations to the most probable action."""

    low: Tensor
    high: Tensor

    def __init__(self, policy: Any) -> None:
        super().__init__()
        self.actor = policy.actor
        self.certain = isinstance(policy, TD3Policy)
        self.register_buffer("low", torch.as_tensor(policy.action_space.low))
        self.register_buffer("high", torch.as_tensor(policy.action_space.high))

    def forward(self, obs: Tensor) -> Tensor:
        """Return actions (B, n)."""
        # The mean of a squashed Gaussian without building one: it checks its arguments, which no graph can.
        squashed = self.actor(obs) if self.certain else self.actor.get_action_dist_params(obs)[0].tanh()
        return self.low + 0.5 * (squashed + 1) * (self.high - self.low)


def graph(policy: BasePolicy) -> bytes:
    """Write a policy as a graph; the batch may have any length.

    Args:
        policy: of PPO, A2C, GAIL, PQN, DQN, QR-DQN, SAC, TD3 or TQC.

    Raises:
        UserError: a package is missing, or torch cannot write this network; says why.
    """
    onnx_graph.check_packages()
    space = policy.observation_space
    sample = np.asarray(space.sample())
    inputs, outputs = [torch.from_numpy(np.stack([sample, sample])).to(policy.device)], ["outputs"]
    names = ["obs"]
    if isinstance(policy, Remembering):
        inputs.append(policy.nothing(2))
        names = ["obs", "memory"]
    if isinstance(policy, MemoryPolicy):
        outputs, model = ["outputs", "values", "memory_out"], MemoryGraph(policy)
    elif isinstance(policy, QMemoryPolicy):
        outputs, model = ["outputs", "memory_out"], ValueMemoryGraph(policy)
    elif isinstance(policy, ActorCriticPolicy):
        outputs, model = ["outputs", "values"], ActorCriticGraph(policy)
    elif isinstance(policy, DQNPolicy | QPolicy):
        model = ValueGraph(policy)
    elif isinstance(policy, Distributional) and isinstance(policy.action_space, spaces.Discrete):
        outputs, model = ["outputs", "quantiles"], QuantileGraph(policy)
    elif isinstance(policy, SACPolicy | TD3Policy | Distributional):
        model = ActionGraph(policy)
    else:
        raise UserError(f"A {type(policy).__name__} cannot be exported to ONNX; export it to script.")
    batch = torch.export.Dim("batch")
    try:
        return onnx_graph.to_bytes(model, inputs, names, outputs, [{0: batch} for _ in inputs])
    except Exception as error:  # torch's exporter fails in many ways
        raise UserError(
            f"torch cannot write this policy as an ONNX graph ({type(error).__name__}); export it to script."
        ) from error
