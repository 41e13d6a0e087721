"""Features that a block learned by looking: what a policy sees instead of raw observations.

    --policy rbf           bumps over the observations, centres by k-means    Sutton & Barto 2018, chapter 9
    --policy autoencoder   the code that observations can be rebuilt from     Lange & Riedmiller 2010
    --policy som           how near each unit of a map of observations is     Smith 2002
    --policy rbm           hidden units that agree with what is seen          Hinton 2002
    --policy dbn           the same, two layers deep                          Hinton, Osindero & Teh 2006

Before an agent is trained, its block looks at observations of random play (`look`), without rewards; then it
is frozen. What observations have in common is learned from all of them, what is worth doing from rewards.
Frozen features cost one pass per observation, not one per epoch, and the heads stay those of an MLP policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float, Shaped
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.preprocessing import get_flattened_obs_dim, preprocess_obs
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn
from torch.nn import functional as F

from agents.vec_env import make_vec_env
from sandbox.blocks.autoencoder import Autoencoder, ConvAutoencoder
from sandbox.blocks.dbn import DBN
from sandbox.blocks.rbf import RBFN
from sandbox.blocks.rbm import RBM
from sandbox.blocks.som import SOM
from sandbox.errors import UserError, check_choice
from sandbox.training.competitive import Competitive
from sandbox.training.contrastive_divergence import ContrastiveDivergence, GreedyPretraining
from sandbox.training.fit import Learner
from sandbox.training.supervised import Supervised

Kind = Literal["rbf", "autoencoder", "som", "rbm", "dbn"]
KINDS: tuple[Kind, ...] = ("rbf", "autoencoder", "som", "rbm", "dbn")
SHARING: tuple[Kind, ...] = ("rbf", "som")
"""Whose features share out 1: each says how much of the observation is its own."""

LookAt = Literal["auto", "play", "space"]

BATCH = 64
"""Observations in a step of looking."""
EPOCHS = 10
"""Passes over the observations."""
SMALL = 12
"""Pictures of at most this height or width are a row of numbers to an autoencoder."""
SPACE_DIMENSIONS = 6
"""Up to so many dimensions, points of a bounded space itself are looked at too."""
MOST_BYTES = 2**26
"""Observations that are looked at take no more memory than this, as floats."""


class Standardised(nn.Module):
    """Numbers with mean 0 and standard deviation 1 over what was looked at; constant ones become 0."""

    mean: Tensor
    scale: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def look(self, x: Float[Tensor, "N D"]) -> None:
        """Take mean and standard deviation of rows."""
        deviation, mean = torch.std_mean(x, 0)
        self.mean.copy_(mean)
        self.scale.copy_(torch.where(deviation > 1e-6, 1 / deviation.clamp_min(1e-6), 0.0))

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """Scale rows."""
        return (x - self.mean) * self.scale


class LearnedFeatures(BaseFeaturesExtractor):
    """A block's features of observations, frozen; `look` teaches it.

    Args:
        observation_space: one array; discrete ones come as one-hot rows, pictures with the channels anywhere.
        kind: which block.
        features: numbers that come out; the autoencoder's code is no longer than the observation, a map has
            the nearest square number of units.
    """

    def __init__(self, observation_space: spaces.Space, kind: Kind, features: int = 64) -> None:
        check_choice("kind of features", kind, KINDS)
        size = get_flattened_obs_dim(observation_space)
        picture = _picture(observation_space)
        side = max(2, round(features**0.5))
        if kind == "autoencoder":
            features = min(features, size)
        elif kind == "som":
            features = side * side
        super().__init__(observation_space, features)
        self.kind: Kind = kind
        self.channels_last = picture is not None and picture[1]
        # Pictures and one-hot rows are in [0, 1] already, where units that are on or off can rebuild them.
        self.binary = not isinstance(observation_space, spaces.Box) or picture is not None
        self.before = nn.Identity() if self.binary else Standardised(size)
        self.after = Standardised(features) if kind == "autoencoder" else nn.Identity()
        self.block = self._build(size, features, side, None if picture is None else picture[0])
        self.requires_grad_(False)

    def _build(
        self, size: int, features: int, side: int, picture: tuple[int, int, int] | None
    ) -> RBFN | Autoencoder | ConvAutoencoder | SOM | RBM | DBN:
        if self.kind == "rbf":
            return RBFN(size, 1, features, normalised=True)
        if self.kind == "som":
            self.register_buffer("spacing", torch.ones(()))
            return SOM(size, side, side)
        if self.kind == "autoencoder":
            # On pictures of a few cells, convolutions learn less in the same time.
            if picture is None or min(picture[1:]) <= SMALL:
                return Autoencoder(size, features, hidden=(128,))
            return ConvAutoencoder(picture, features, channels=(16, 32))
        visible = "bernoulli" if self.binary else "gaussian"
        if self.kind == "rbm":
            return RBM(size, features, visible=visible)
        return DBN(size, (2 * features, features), visible=visible)

    def forward(self, observations: Float[Tensor, "B ..."]) -> Float[Tensor, "B F"]:
        """Return the features of each observation."""
        return self.after(self._features(self._ready(observations)))

    def _ready(self, observations: Float[Tensor, "B ..."]) -> Float[Tensor, "B ..."]:
        if isinstance(self.block, ConvAutoencoder):
            return observations.permute(0, 3, 1, 2) if self.channels_last else observations
        return self.before(observations.flatten(1))

    def _features(self, x: Float[Tensor, "B ..."]) -> Float[Tensor, "B F"]:
        block = self.block
        if isinstance(block, RBFN):
            return block.features(x)
        if isinstance(block, SOM):
            return (-0.5 * (block(x) / self.spacing).square()).softmax(1)
        if isinstance(block, RBM):
            return block.hidden_mean(x)
        return block.features(x) if isinstance(block, DBN) else block.encode(x)

    def look(self, observations: Float[Tensor, "N ..."]) -> None:
        """Learn what observations are like. Draws from torch's generator.

        Args:
            observations: as `forward` gets them.
        """
        if isinstance(self.before, Standardised):
            self.before.look(observations.flatten(1))
        x = self._ready(observations)
        block = self.block.requires_grad_(True)
        if isinstance(block, RBFN):
            # k-means needs a point per centre; few observations are many times the same ones.
            rows = torch.arange(max(len(x), len(block.centres))) % len(x)
            block.place(x[rows])
        elif isinstance(block, SOM):
            block.initialise(x)
            _teach(Competitive(block, EPOCHS * _batches(x)), x, EPOCHS)
            cast(Tensor, self.spacing).fill_(max(block.quantisation_error(x), 1e-3))
        elif isinstance(block, RBM | DBN):
            machines = [block] if isinstance(block, RBM) else block.rbms
            rates = [0.5 if self.binary else 0.01, *[0.1] * (len(machines) - 1)]
            optimizers = [
                torch.optim.SGD(machine.parameters(), lr=rate, momentum=0.5)
                for machine, rate in zip(machines, rates, strict=True)
            ]
            machines[0].initialise(x)
            if isinstance(block, RBM):
                learner = ContrastiveDivergence(block, optimizers[0])
            else:
                learner = GreedyPretraining(block, optimizers, steps_per_layer=EPOCHS * _batches(x))
            _teach(learner, x, EPOCHS * len(machines))
        else:
            optimizer = torch.optim.Adam(block.parameters(), lr=3e-3)
            _teach(Supervised(block, optimizer, F.mse_loss), x, EPOCHS)
        block.requires_grad_(False)
        if isinstance(self.after, Standardised):
            with torch.no_grad():
                self.after.look(self._features(x))


def look(policy: BasePolicy, observations: Shaped[np.ndarray, "N ..."]) -> None:
    """Teach the features of a policy; all its networks get the same ones.

    Args:
        policy: of any algorithm; nothing happens to one without learned features.
        observations: raw ones of its observation space.
    """
    found = [module for module in policy.modules() if isinstance(module, LearnedFeatures)]
    if not found:
        return
    raw = torch.from_numpy(observations).to(policy.device)
    ready = preprocess_obs(raw, policy.observation_space, normalize_images=policy.normalize_images)
    assert isinstance(ready, Tensor)
    found[0].look(ready)
    for other in found[1:]:
        other.load_state_dict(found[0].state_dict())


def random_sights(
    target: str,
    count: int,
    copies: int,
    seed: int,
    params: Mapping[str, Any] | None = None,
    look_at: LookAt = "auto",
) -> Shaped[np.ndarray, "N ..."]:
    """Observations of random play, and points of the space itself where it is small and bounded.

    Random play may never come near what matters, the top of a hill; features are wanted there too.

    Args:
        target: an environment's file name or any Gymnasium id.
        count: observations of play, less where they would take more than `MOST_BYTES`.
        copies: environments that are played at the same time.
        seed: of play and points.
        params: parameters of the environment.
        look_at: `play`, the points of the `space`, or both where there are points (`auto`).

    Raises:
        UserError: points are wanted of a space that is not small and bounded.
    """
    env = make_vec_env(target, copies, seed, env_kwargs=params)
    space, actions = env.observation_space, env.action_space
    actions.seed(seed)
    count = min(count, MOST_BYTES // (4 * get_flattened_obs_dim(space)))
    seen = [np.asarray(env.reset())]
    while len(seen) * copies < count:
        seen.append(np.asarray(env.step(np.array([actions.sample() for _ in range(copies)]))[0]))
    env.close()
    observations = np.concatenate(seen)[: max(count, 2)]
    flat = isinstance(space, spaces.Box) and len(space.shape) == 1 and space.shape[0] <= SPACE_DIMENSIONS
    if look_at == "play" or not isinstance(space, spaces.Box) or not flat or not space.is_bounded():
        if look_at == "space":
            raise UserError(
                f"look_at space needs observations of at most {SPACE_DIMENSIONS} numbers, all with bounds, "
                f"which those of {target} are not; use look_at play."
            )
        return observations
    points = np.random.default_rng(seed).uniform(space.low, space.high, observations.shape)
    points = points.astype(observations.dtype)
    return points if look_at == "space" else np.concatenate([observations, points])


def _picture(space: spaces.Space) -> tuple[tuple[int, int, int], bool] | None:
    """Return (C, H, W) and whether the channels come last, or None if these are no pictures."""
    if not isinstance(space, spaces.Box) or len(space.shape) != 3:
        return None
    last = space.shape[-1] <= space.shape[0]
    height, width, depth = space.shape if last else (*space.shape[1:], space.shape[0])
    return (depth, height, width), last


def _batches(x: Tensor) -> int:
    return max(1, len(x) // BATCH)


@torch.enable_grad()
def _teach(learner: Learner[tuple[Tensor, Tensor]], x: Tensor, epochs: int) -> None:
    for _ in range(epochs):
        for rows in torch.randperm(len(x))[: _batches(x) * BATCH].split(BATCH):
            batch = x[rows.to(x.device)]
            learner.step((batch, batch))
