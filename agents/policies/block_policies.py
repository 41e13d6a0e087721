"""The shared network blocks as Stable-Baselines3 policies.

`MlpPolicy` and `BlockCnnPolicy` are for PPO and A2C; those of agents with a replay buffer are in
`replay_policies.py`. Inside are `sandbox.blocks.mlp.MLP` and `sandbox.blocks.cnn.CNN`, the classes that the
demos use. `MlpPolicy` draws the same first weights and gives its parameters the same names as
Stable-Baselines3's own, so a model can move between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from gymnasium import spaces
from jaxtyping import Float
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor, MlpExtractor
from torch import Tensor, nn

from agents.flat_spaces import FlatActions, FlatObservations
from agents.policies.normalisation import ReturnScale
from agents.policies.product_distribution import ProductDistribution
from agents.policies.replay_policies import NAMES
from sandbox.blocks.cnn import CNN
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError


def channels_last(space: spaces.Space) -> bool:
    """Tell whether pictures are (H, W, C): the last axis is no longer than the first.

    Stable-Baselines3 turns pictures that it takes for images (bytes from 0 to 255) to (C, H, W) itself.
    """
    assert space.shape is not None
    return space.shape[-1] <= space.shape[0]


class MlpBlocks(MlpExtractor):
    """Actor and critic trunks as two MLP blocks, under the names `policy_net` and `value_net`."""

    def __init__(self, features_dim: int, pi: Sequence[int], vf: Sequence[int], activation: str) -> None:
        super().__init__(features_dim, [], nn.Tanh)
        self.policy_net = MLP(features_dim, pi, activation=activation)
        self.value_net = MLP(features_dim, vf, activation=activation)
        self.latent_dim_pi = self.policy_net.out_dim
        self.latent_dim_vf = self.value_net.out_dim


class MlpPolicy(ActorCriticPolicy):
    """Stable-Baselines3's `MlpPolicy` with MLP blocks: same arguments, names, first weights and outputs.

    Rows that were dictionaries or tuples (`agents.flat_spaces`) may be observations and actions as well.

    Args:
        observation_space: any with one array per observation.
        action_space: any that PPO takes.
        lr_schedule: as in Stable-Baselines3.
        *arguments: further ones of `ActorCriticPolicy`.
        scale_returns: whether it learns from rewards that are divided by how far returns spread.
        **options: further arguments of `ActorCriticPolicy`.
    """

    return_scale: ReturnScale
    """Only with `scale_returns`."""

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        lr_schedule: Any,
        *arguments: Any,
        scale_returns: bool = False,
        **options: Any,
    ) -> None:
        self.scale_returns = scale_returns
        if isinstance(observation_space, FlatObservations) and observation_space.pictures:
            options.setdefault("features_extractor_class", MixedFeatures)
        super().__init__(observation_space, action_space, lr_schedule, *arguments, **options)

    def _build(self, lr_schedule: Any) -> None:
        if isinstance(self.action_space, FlatActions):
            self.action_dist = ProductDistribution(self.action_space)
        if self.scale_returns:
            self.return_scale = ReturnScale()
        super()._build(lr_schedule)

    def _get_constructor_parameters(self) -> dict[str, Any]:
        return {**super()._get_constructor_parameters(), "scale_returns": self.scale_returns}

    def _build_mlp_extractor(self) -> None:
        arch = (
            self.net_arch if isinstance(self.net_arch, dict) else {"pi": self.net_arch, "vf": self.net_arch}
        )
        if self.activation_fn not in NAMES:
            return super()._build_mlp_extractor()
        pi, vf = arch.get("pi", []), arch.get("vf", [])
        blocks = MlpBlocks(int(self.features_dim), pi, vf, NAMES[self.activation_fn])
        self.mlp_extractor = blocks.to(self.device)
        return None


class CnnFeatures(BaseFeaturesExtractor):
    """A CNN block over pictures of any size and value range. LeCun et al. 1989.

    Args:
        observation_space: pictures, (H, W, C) or (C, H, W); see `channels_last`.
        channels: filters of each 3x3 convolution; each halves height and width while they are above 12.
        hidden: sizes of the dense layers; the last is the number of features.
        **options: further arguments of `sandbox.blocks.cnn.CNN`, instead of these strides and no padding.

    Raises:
        UserError: the observations are not pictures.
    """

    def __init__(
        self,
        observation_space: spaces.Space,
        channels: Sequence[int] = (16,),
        hidden: Sequence[int] = (128,),
        **options: Any,
    ) -> None:
        shape = observation_space.shape
        if not isinstance(observation_space, spaces.Box) or shape is None or len(shape) != 3:
            raise UserError(f"A CNN policy needs pictures of shape (H, W, C), not {observation_space}.")
        self_last = channels_last(observation_space)
        height, width, depth = shape if self_last else (shape[1], shape[2], shape[0])
        options = {"stride": strides(min(height, width), len(channels)), "padding": 0} | options
        cnn = CNN((depth, height, width), channels, hidden=hidden, **options)
        super().__init__(observation_space, cnn.out_dim)
        self.channels_last = self_last
        self.cnn = cnn

    def forward(self, observations: Float[Tensor, "B _ _ _"]) -> Float[Tensor, "B F"]:
        """Return the features of each picture."""
        x = observations.permute(0, 3, 1, 2) if self.channels_last else observations
        # The dense layers read the convolutions' output as it lies in memory, (H, W, C): turning it to any
        # other order and its gradient back would take longer than a small convolution.
        maps = self.cnn.body(x.contiguous(memory_format=torch.channels_last))
        return self.cnn.head(self.cnn.dropout(maps.permute(0, 2, 3, 1).flatten(1)))


class MixedFeatures(BaseFeaturesExtractor):
    """The plain columns of rows as they are, and a CNN block's features of each picture in them.

    Args:
        observation_space: rows with pictures.
        channels: filters of each convolution; see `CnnFeatures`.
        hidden: sizes of the dense layers behind them.
    """

    def __init__(
        self,
        observation_space: FlatObservations,
        channels: Sequence[int] = (16,),
        hidden: Sequence[int] = (128,),
    ) -> None:
        networks = [CnnFeatures(leaf.space, channels, hidden) for leaf in observation_space.pictures]
        super().__init__(
            observation_space, observation_space.plain + sum(one.features_dim for one in networks)
        )
        self.plain = observation_space.plain
        self.places = [(leaf.start, leaf.stop, leaf.space.shape or ()) for leaf in observation_space.pictures]
        self.scales = [1 / 255 if leaf.space.dtype == "uint8" else 1.0 for leaf in observation_space.pictures]
        self.pictures = nn.ModuleList(networks)

    def forward(self, observations: Float[Tensor, "B D"]) -> Float[Tensor, "B F"]:
        """Return the features of each row."""
        parts = [observations[:, : self.plain]]
        for network, (start, stop, shape), scale in zip(self.pictures, self.places, self.scales, strict=True):
            parts.append(network(observations[:, start:stop].reshape(-1, *shape) * scale))
        return torch.cat(parts, 1)


def strides(side: int, depth: int) -> list[int]:
    """Steps of `depth` 3x3 convolutions over a picture: each halves its side while it is above 12."""
    found = []
    for _ in range(depth):
        found.append(2 if side > 12 else 1)
        side = (side - 3) // found[-1] + 1
    return found


class BlockCnnPolicy(MlpPolicy):
    """Actor and critic as two linear maps of one CNN block's features.

    Its network is smaller than Stable-Baselines3's `CnnPolicy` and takes pictures of any size.

    Args:
        observation_space: pictures; see `CnnFeatures`.
        action_space: any that PPO takes.
        lr_schedule: as in Stable-Baselines3.
        **options: arguments of `ActorCriticPolicy`; `features_extractor_kwargs` are those of `CnnFeatures`.
    """

    def __init__(
        self, observation_space: spaces.Space, action_space: spaces.Space, lr_schedule: Any, **options: Any
    ) -> None:
        options.setdefault("features_extractor_class", CnnFeatures)
        options.setdefault("activation_fn", nn.ReLU)
        options.setdefault("net_arch", [])
        super().__init__(observation_space, action_space, lr_schedule, **options)


def parameters_of(policy: nn.Module) -> dict[str, Tensor]:
    """Copy a policy's state, as separate contiguous tensors on the CPU, ready for a checkpoint."""
    return {name: value.detach().cpu().clone() for name, value in policy.state_dict().items()}


def load_parameters(policy: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put a checkpoint's tensors into a policy.

    Raises:
        UserError: they belong to another network; names the first that does not fit.
    """
    own = policy.state_dict()
    for name in [*own, *tensors]:
        if name not in own or name not in tensors or own[name].shape != tensors[name].shape:
            raise UserError(f"This checkpoint belongs to another network: {name} does not fit.")
    with torch.no_grad():
        policy.load_state_dict(tensors)
