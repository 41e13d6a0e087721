"""A policy of small networks as compiled code, for searches that ask about many positions a second."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.policies import ActorCriticPolicy, BasePolicy
from stable_baselines3.common.preprocessing import is_image_space
from stable_baselines3.common.torch_layers import FlattenExtractor
from torch import Tensor, nn

from agents.planning.compile import network_kernels_of
from agents.policies import CnnFeatures, MlpPolicy
from agents.policies.lines import LineFeatures
from agents.ppo.towers import Towers
from envs.engine.environment import Environment

LARGEST = 32_700
"""Sum of whole numbers of 16 bits; a little less than there can be, because rounding adds something."""
Layer = tuple[Tensor, Tensor]
"""Weights (in, out) and biases (out,)."""


class QuickNetwork:
    """What a policy's networks say of positions, the same as torch's to rounding: of lines to 16 bits.

    Args:
        policy: one that `supports` accepts; copied, see `copy`.
        environment: whose observations it sees.
        doubt: share of the probabilities that all allowed actions get alike.
    """

    def __init__(self, policy: ActorCriticPolicy, environment: Environment, doubt: float = 0.0) -> None:
        self.doubt = doubt
        self.kernels = network_kernels_of(environment)
        self.copy(policy)

    @staticmethod
    def supports(policy: BasePolicy) -> TypeGuard[MlpPolicy]:
        """Tell whether a policy is two equal MLPs with ReLU, or lines or a small CNN with two heads."""
        if not isinstance(policy, MlpPolicy) or policy.scale_returns or policy.device.type != "cpu":
            return False
        plain = isinstance(policy.observation_space, spaces.Box) and isinstance(
            policy.action_space, spaces.Discrete
        )
        features = policy.features_extractor
        if not plain or any(isinstance(m, nn.Tanh) for m in policy.mlp_extractor.modules()):
            return False
        if type(features) is FlattenExtractor:
            return Towers.supports(policy)
        if not policy.share_features_extractor or policy.net_arch != []:
            return False
        if type(features) is LineFeatures:
            return True
        if type(features) is not CnnFeatures:
            return False
        shapes = [[type(part) for part in stage.children()] for stage in features.cnn.body.children()]
        return all(kinds == [nn.Conv2d, nn.ReLU] for kinds in shapes)

    @torch.no_grad()
    def copy(self, policy: ActorCriticPolicy) -> None:
        """Take the policy's weights as they are now."""
        features, space = policy.features_extractor, policy.observation_space
        shape = space.shape
        assert shape is not None
        heads = [layer for head in (policy.action_net, policy.value_net) for layer in _linears(head)]
        both = torch.cat([weights for weights, _ in heads], 1), torch.cat([biases for _, biases in heads])
        table, lines, channels = torch.empty(0, 0), torch.empty(0, 0), 1
        if isinstance(features, LineFeatures):
            table, lines = features.table.weight, features.lines
            channels = features.channels
            stacks = [[*_linears(features.head), both]]
        elif isinstance(features, CnnFeatures):
            stacks = [[*_unfolded(features, shape), *_linears(features.cnn.head), both]]
        else:
            trunks = policy.mlp_extractor.policy_net, policy.mlp_extractor.value_net
            stacks = [[*_linears(trunk), head] for trunk, head in zip(trunks, heads, strict=True)]
        for stack in stacks:
            if is_image_space(space) and not len(lines):
                # It sees (C, H, W) from 0 to 1 where the environment writes (H, W, C) from 0 to 255.
                weights, biases = stack[0]
                weights = weights.view(*shape, -1).permute(1, 2, 0, 3).flatten(0, 2) / 255
                stack[0] = weights, biases
        self._sizes = np.array([[len(biases) for _, biases in stack] for stack in stacks], np.int64)
        rows = [torch.cat([part.flatten() for layer in stack for part in layer]) for stack in stacks]
        # The value has one output where the policy has one for each action.
        self._numbers = nn.utils.rnn.pad_sequence(rows, batch_first=True).float().numpy()
        whole, units = _whole(table, len(lines))
        sums = np.empty(len(units), np.int16)
        self._lines = lines.numpy().astype(np.int64), channels, whole, units, sums
        widest = max(len(stacks[0][0][0]), int(self._sizes.max()), int(np.prod(shape)) + len(lines))
        self._hidden, self._active = np.empty((2, widest), np.float32), np.empty(widest + 1, np.int64)

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What `network_kernels` needs: lines and their table, sizes, numbers, memory, and the doubt."""
        return *self._lines, self._sizes, self._numbers, self._hidden, self._active, self.doubt

    def __call__(self, obs: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return values (B,), from -1 to 1, and probabilities (B, K).

        Args:
            obs: (B, *shape), as the environment writes them.
            allowed: (B, K), which actions are.
        """
        values, chances = np.empty(len(obs)), np.empty(allowed.shape)
        self.kernels.judge_each(obs.reshape(len(obs), -1), allowed, *self.arrays, values, chances)
        return values, chances


def _whole(table: Tensor, lines: int) -> tuple[np.ndarray, np.ndarray]:
    """A table (R, out) as whole numbers of units (out,).

    The sum of a row of each line, whichever they are, fits into 16 bits.
    """
    rows = table.view(lines, -1, table.shape[1]) if lines else table[:, None]
    units = (rows.abs().amax(1).sum(0) / LARGEST).clamp_min(1e-30)
    return (table / units).round().short().numpy(), units.float().numpy()


def _linears(network: nn.Module) -> list[Layer]:
    return [(m.weight.T, m.bias) for m in network.modules() if isinstance(m, nn.Linear)]


def _unfolded(features: CnnFeatures, shape: tuple[int, ...]) -> list[Layer]:
    """The convolutions as matrices: what they make of each single number of a picture of this shape."""
    layers: list[Layer] = []
    if features.channels_last:
        shape = (shape[2], *shape[:2])
    convolutions = [m for m in features.cnn.body.modules() if isinstance(m, nn.Conv2d)]
    for k, conv in enumerate(convolutions):
        numbers = int(np.prod(shape))
        out = nn.functional.conv2d(
            torch.eye(numbers).view(numbers, *shape), conv.weight, None, conv.stride, conv.padding
        )
        shape = out.shape[1:]
        assert conv.bias is not None
        biases = conv.bias[:, None, None].expand(shape)
        if k == len(convolutions) - 1:  # the dense layers read (H, W, C)
            out, biases = out.permute(0, 2, 3, 1), biases.permute(1, 2, 0)
        layers.append((out.flatten(1), biases.flatten()))
    return layers
