"""Tells an expert's pairs of observation and action from an agent's: the discriminator of the GAN block.

Numbers are judged by an MLP block, pictures by a CNN block. There each number of the action is a plane of the
picture that has the same value everywhere, so that the first filters already see what is done where.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from gymnasium import spaces
from jaxtyping import Float, Shaped
from stable_baselines3.common.preprocessing import get_flattened_obs_dim, is_image_space, preprocess_obs
from torch import Tensor, nn
from torch.nn import functional as F

from agents.policies.block_policies import channels_last, strides
from agents.training.compatibility import is_picture
from sandbox.blocks.cnn import CNN
from sandbox.blocks.gan import GAN
from sandbox.blocks.mlp import MLP
from sandbox.errors import UserError

MOST_NUMBERS = 4096
"""Observations of more numbers are refused where they are no pictures: the discriminator is a perceptron."""
MOST_PIXELS = 2**17
"""Numbers of a picture, so that a minibatch fits into memory."""
LEAST_DEVIATION = 1e-2
"""A number that varies less over the demonstrations is not blown up any further."""
FARTHEST = 10.0
"""Standard deviations from the expert's mean at which what the discriminator sees is cut off."""


def moved(planes: Shaped[Tensor, "B C H W"], most: int) -> Shaped[Tensor, "B C H W"]:
    """Move each picture by up to `most` cells either way; zeros come in. Zhao et al. 2020, arXiv:2006.10738.

    So where something is says less than where it is beside other things.
    """
    if not most:
        return planes
    padded = F.pad(planes, (most, most, most, most))
    count, _, height, width = planes.shape
    down, right = torch.randint(0, 2 * most + 1, (2, count, 1)).to(planes.device)
    rows = (down + torch.arange(height, device=planes.device))[:, :, None]
    columns = (right + torch.arange(width, device=planes.device))[:, None, :]
    first = torch.arange(count, device=planes.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[first, rows, columns].permute(0, 3, 1, 2)


class PictureJudge(nn.Module):
    """A CNN block over pictures with the action's numbers as further planes.

    Args:
        observation_space: pictures, (H, W, C) or (C, H, W).
        num_actions: numbers of an action, A.
        channels: filters of each convolution; see `agents.policies.CnnFeatures`.
        hidden: sizes of the dense layers behind them.
        shift: cells by which pictures are moved at random while it learns; see `moved`.
    """

    def __init__(
        self,
        observation_space: spaces.Box,
        num_actions: int,
        channels: Sequence[int],
        hidden: Sequence[int],
        shift: int = 0,
    ) -> None:
        super().__init__()
        self.shape, self.channels_last = observation_space.shape, channels_last(observation_space)
        height, width, depth = self.shape if self.channels_last else (*self.shape[1:], self.shape[0])
        self.shift = shift
        self.cnn = CNN(
            (depth + num_actions, height, width),
            channels,
            stride=strides(min(height, width), len(channels)),
            activation="leaky_relu",
            hidden=hidden,
            out_dim=1,
        )

    def forward(self, rows: Float[Tensor, "B D"]) -> Float[Tensor, "B 1"]:
        """Score rows of a flattened picture and the action's numbers."""
        pixels = self.shape[0] * self.shape[1] * self.shape[2]
        pictures, actions = rows[:, :pixels].view(-1, *self.shape), rows[:, pixels:]
        pictures = pictures.permute(0, 3, 1, 2) if self.channels_last else pictures
        planes = actions[:, :, None, None].expand(-1, -1, *pictures.shape[2:])
        both = torch.cat([pictures, planes], 1)
        return self.cnn(moved(both, self.shift) if self.training else both)


class Discriminator(nn.Module):
    """Tells an expert's pairs of observation and action from an agent's.

    Args:
        observation_space: one array; discrete ones become one-hot rows.
        action_space: any that PPO takes.
        hidden: sizes of the dense layers.
        channels: filters of each convolution where observations are pictures.
        shift: cells by which pictures are moved at random while it learns; see `moved`.

    Attributes:
        gan: the block. What it calls the generator is the policy in its environment, which hands over pairs.

    Raises:
        UserError: observations of too many numbers.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self,
        observation_space: spaces.Space,
        action_space: spaces.Space,
        hidden: Sequence[int],
        channels: Sequence[int] = (16,),
        shift: int = 0,
    ) -> None:
        super().__init__()
        self.observation_space, self.action_space = observation_space, action_space
        self.num_obs = int(get_flattened_obs_dim(observation_space))
        num_actions = int(get_flattened_obs_dim(action_space))
        size = self.num_obs + num_actions
        most = MOST_PIXELS if is_picture(observation_space) else MOST_NUMBERS
        if self.num_obs > most:
            raise UserError(
                f"gail compares observations of at most {most:,} numbers, not {self.num_obs:,}; "
                "it needs an environment with smaller ones."
            )
        if is_picture(observation_space):
            assert isinstance(observation_space, spaces.Box)
            judge: nn.Module = PictureJudge(observation_space, num_actions, channels, hidden, shift)
        else:
            # Bent smoothly: with leaky_relu the agent's reward jumped from one rollout to the next.
            judge = MLP(size, hidden, 1, "tanh")
        self.gan = GAN(nn.Identity(), judge, size)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def look(self, obs: Shaped[Tensor, "M ..."], actions: Shaped[Tensor, "M ..."]) -> None:
        """Take from an expert's pairs how far numbers spread; one-hot rows and pictures stay as they are."""
        for space, values, part in (
            (self.observation_space, obs, slice(0, self.num_obs)),
            (self.action_space, actions, slice(self.num_obs, None)),
        ):
            if isinstance(space, spaces.Box) and not is_image_space(space):
                deviation, mean = torch.std_mean(self._numbers(values, space), 0, correction=0)
                self.mean[part], self.scale[part] = mean, 1 / deviation.clamp_min(LEAST_DEVIATION)
        box = self.action_space
        if isinstance(box, spaces.Box) and box.is_bounded():
            low, high = torch.from_numpy(box.low).flatten(), torch.from_numpy(box.high).flatten()
            part = slice(self.num_obs, None)
            self.mean[part], self.scale[part] = (low + high) / 2, 2 / (high - low)

    def rows(self, obs: Shaped[Tensor, "B ..."], actions: Shaped[Tensor, "B ..."]) -> Float[Tensor, "B D"]:
        """Turn pairs into what the network looks at."""
        numbers = torch.cat(
            [self._numbers(obs, self.observation_space), self._numbers(actions, self.action_space)], 1
        )
        return ((numbers - self.mean) * self.scale).clamp_(-FARTHEST, FARTHEST)

    def forward(self, rows: Float[Tensor, "B D"]) -> Float[Tensor, " B"]:
        """Log odds that each pair is the expert's."""
        return self.gan.score(rows)

    def _numbers(self, values: Tensor, space: spaces.Space) -> Float[Tensor, "B N"]:
        if space is self.observation_space:
            values = as_in(values, space)
        elif isinstance(space, spaces.Box):  # drawn actions may lie outside; the environment clips them, too
            values = values.clamp(torch.from_numpy(space.low), torch.from_numpy(space.high))
        numbers = preprocess_obs(values.to(self.mean.device), space)
        assert isinstance(numbers, Tensor)
        return numbers.reshape(len(values), -1).float()


def as_in(obs: Shaped[Tensor, "B ..."], space: spaces.Space) -> Shaped[Tensor, "B ..."]:
    """Observations as in a space: Stable-Baselines3 turns pictures to (C, H, W), the environment does not."""
    return obs if obs.shape[1:] == space.shape else obs.movedim(-1, 1)
