"""A policy of two small MLPs as compiled code, for searches that ask about many positions a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import is_image_space
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import Tensor, nn

from agents.planning.compile import network_kernels_of
from agents.policies import MlpPolicy
from agents.ppo.backbones import Towers
from envs.engine.environment import Environment


class QuickNetwork:
    """What a policy's two MLPs say of positions, the same as torch's to rounding.

    Args:
        policy: one that `supports` accepts; copied, see `copy`.
        environment: whose observations it sees.
        doubt: share of the probabilities that all allowed actions get alike.
    """

    def __init__(self, policy: MlpPolicy, environment: Environment, doubt: float = 0.0) -> None:
        self.doubt = doubt
        self.kernels = network_kernels_of(environment)
        self.copy(policy)

    @staticmethod
    def supports(policy: BasePolicy) -> bool:
        """Tell whether a policy is two plain MLPs with ReLU of equal sizes over one flat array or picture."""
        if not isinstance(policy, MlpPolicy) or policy.scale_returns or policy.device.type != "cpu":
            return False
        plain = isinstance(policy.observation_space, spaces.Box) and isinstance(
            policy.action_space, spaces.Discrete
        )
        if not plain or type(policy.features_extractor) is not FlattenExtractor:
            return False
        return Towers.supports(policy) and any(isinstance(m, nn.ReLU) for m in policy.mlp_extractor.modules())

    @torch.no_grad()
    def copy(self, policy: MlpPolicy) -> None:
        """Take the policy's weights as they are now."""
        trunks = policy.mlp_extractor.policy_net, policy.mlp_extractor.value_net
        heads = policy.action_net, policy.value_net
        stacks = [
            [*(m for m in trunk.modules() if isinstance(m, nn.Linear)), head]
            for trunk, head in zip(trunks, heads, strict=True)
        ]
        self._sizes = np.array([[layer.out_features for layer in stack] for stack in stacks], np.int64)
        space, rows = policy.observation_space, []
        for stack in stacks:
            parts: list[Tensor] = []
            for k, layer in enumerate(stack):
                weight = layer.weight
                if k == 0 and is_image_space(space):
                    # It sees (C, H, W) from 0 to 1 where the environment writes (H, W, C) from 0 to 255.
                    weight = weight.view(-1, *(space.shape or ())).permute(0, 2, 3, 1).flatten(1) / 255
                parts += [weight.T.flatten(), layer.bias]
            rows.append(torch.cat(parts))
        # The value has one output where the policy has one for each action.
        self._numbers = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float().numpy()
        widest = max(stacks[0][0].in_features, int(self._sizes.max()))
        self._hidden, self._active = np.empty((2, widest), np.float32), np.empty(widest + 1, np.int64)

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What `network_kernels` needs: sizes, numbers, two pieces of memory, and the doubt."""
        return self._sizes, self._numbers, self._hidden, self._active, self.doubt

    def __call__(self, obs: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return values (B,), from -1 to 1, and probabilities (B, K).

        Args:
            obs: (B, *shape), as the environment writes them.
            allowed: (B, K), which actions are.
        """
        values, chances = np.empty(len(obs)), np.empty(allowed.shape)
        self.kernels.judge_each(obs.reshape(len(obs), -1), allowed, *self.arrays, values, chances)
        return values, chances
