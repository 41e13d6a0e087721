"""The network of PQN: the forecast future reward of each action, with layer normalisation, as a policy.

    x    = features((obs - mean) / deviation)       mean and deviation of all that was played so far
    h_l  = f(LayerNorm(W_l h_{l-1} + b_l))
    q(a) = (W h_L + b)_a / reward_scale

Layer normalisation bounds what an update can change, which is what replaces the target network: Gallici et
al. 2024, arXiv:2407.04811, theorem 2.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from gymnasium import spaces
from jaxtyping import Float, Int64, Shaped
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import preprocess_obs
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor, FlattenExtractor
from torch import Tensor, nn

from agents.policies.block_policies import NAMES, CnnFeatures
from agents.policies.features import SHARING, LearnedFeatures
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError


class RunningScale(nn.Module):
    """Numbers scaled to mean 0 and deviation 1 over all that was seen. Chan, Golub & LeVeque 1979.

    Args:
        size: numbers per row, D.
    """

    mean: Tensor
    variance: Tensor
    count: Tensor
    scale: Tensor
    shift: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        for name, value in (("mean", 0.0), ("variance", 1.0), ("scale", 1.0), ("shift", 0.0)):
            self.register_buffer(name, torch.full((size,), value))
        self.register_buffer("count", torch.zeros(()))

    def see(self, x: Float[Tensor, "B D"]) -> None:
        """Take more rows into account; a number that never changed stays as it is, but for its mean."""
        variance, mean = torch.var_mean(x, 0, correction=0)
        total = self.count + len(x)
        share, change = len(x) / total, mean - self.mean
        self.variance.lerp_(variance, float(share)).addcmul_(change, change, value=float(share * (1 - share)))
        self.mean.add_(change, alpha=float(share))
        self.count.copy_(total)
        self.scale.copy_(torch.where(self.variance > 1e-12, self.variance.rsqrt(), 1.0))
        self.shift.copy_(-self.mean * self.scale)

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """Scale rows."""
        return torch.addcmul(self.shift, x, self.scale)


@torch.no_grad()
def _promise_nothing(linear: nn.Linear) -> None:
    """Begin with values of 0, each feature's for itself.

    Where features share out 1, a bias adds nothing but what all have in common, and would tell of what was
    never seen: in a world where steps cost, values of 0 are optimistic, and what is optimistic is tried.
    """
    linear.weight.zero_()
    linear.bias.zero_()
    linear.bias.requires_grad_(False)


class QPolicy(BasePolicy):
    """Q-values of discrete actions; the best one is played.

    Args:
        observation_space: any with one array per observation.
        action_space: `Discrete`.
        lr_schedule: as in Stable-Baselines3.
        net_arch: sizes of the hidden layers behind the features.
        activation_fn: after each of them, and after each normalisation.
        normalize_obs: scale flat observations by what was seen so far.
        reward_scale: the network learns rewards times this; `q_values` gives rewards as they are.
        use_sde: not used.
        **options: arguments of `BaseModel`: features, normalisation of images, optimizer.

    Attributes:
        obs_scale: the scale of observations, or None.
        q_net: an MLP with layer normalisation.
        reward_scale: as given.

    Raises:
        UserError: actions that are not discrete.
    """

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        lr_schedule: Any,
        net_arch: list[int] | None = None,
        activation_fn: type[nn.Module] = nn.ReLU,
        normalize_obs: bool = True,
        reward_scale: float = 1.0,
        use_sde: bool = False,
        **options: Any,
    ) -> None:
        if not isinstance(action_space, spaces.Discrete):
            raise UserError(f"PQN needs discrete actions, not {action_space}.")
        super().__init__(observation_space, action_space, **options)
        self.net_arch = [128, 128] if net_arch is None else list(net_arch)
        self.activation_fn = activation_fn
        self.reward_scale = reward_scale
        self.normalize_obs = normalize_obs
        self.features_extractor: BaseFeaturesExtractor = self.make_features_extractor()
        flat = isinstance(self.features_extractor, FlattenExtractor) and isinstance(
            observation_space, spaces.Box
        )
        width = int(self.features_extractor.features_dim)
        self.obs_scale = RunningScale(width) if normalize_obs and flat else None
        self.q_net = self.make_q_net(width)
        optimizer = cast(Any, self.optimizer_class)
        self.optimizer = optimizer(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)

    def make_q_net(self, width: int) -> nn.Module:
        """Build what turns `width` features into the Q-value of each action."""
        assert isinstance(self.action_space, spaces.Discrete)
        actions = int(self.action_space.n)
        network = MLP(width, self.net_arch, actions, activation=NAMES[self.activation_fn], norm="layer")
        features = self.features_extractor
        if not self.net_arch and isinstance(features, LearnedFeatures) and features.kind in SHARING:
            _promise_nothing(cast(nn.Linear, network[-1]))
        return network

    def _get_constructor_parameters(self) -> dict[str, Any]:
        data = super()._get_constructor_parameters()
        return {
            **data,
            "lr_schedule": self._dummy_schedule,
            "net_arch": self.net_arch,
            "activation_fn": self.activation_fn,
            "normalize_obs": self.normalize_obs,
            "reward_scale": self.reward_scale,
            "features_extractor_class": self.features_extractor_class,
            "features_extractor_kwargs": self.features_extractor_kwargs,
            "optimizer_class": self.optimizer_class,
            "optimizer_kwargs": self.optimizer_kwargs,
        }

    def features(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B F"]:
        """Return what the MLP sees of raw observations."""
        ready = preprocess_obs(obs, self.observation_space, normalize_images=self.normalize_images)
        features = self.features_extractor(ready)
        return features if self.obs_scale is None else self.obs_scale(features)

    def forward(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B K"]:
        """Return what the network says of each action, in scaled rewards."""
        return self.q_net(self.features(obs))

    def q_values(self, obs: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B K"]:
        """Return the forecast future reward of each action."""
        return self.forward(obs) / self.reward_scale

    def _predict(self, observation: Any, deterministic: bool = True) -> Int64[Tensor, " B"]:
        return self.forward(observation).argmax(1)


class MlpQPolicy(QPolicy):
    """Q-values from an MLP: `"MlpPolicy"`."""


class CnnQPolicy(QPolicy):
    """Q-values from pictures of any size: `"CnnPolicy"`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("features_extractor_class", CnnFeatures)
        super().__init__(*args, **{"net_arch": [], **options})
