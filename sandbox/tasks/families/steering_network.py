"""A network that steers by a picture, and how its training frames are changed each time they are seen."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.corruptions import road

SKY = 0.375
"""Share of a picture's rows, from the top, that the network does not look at: the sky."""
GRAIN = 3 / 255
"""Standard deviation of the noise of a camera's pixels, of 1."""
DENSEST, DARKEST = 8.0, 0.95
"""Fog and night in training at most, as `sandbox.corruptions.road` counts them."""


class SteeringNetwork(nn.Module):
    """Angle (degrees) and speed (m/s) of pictures (B, 3, H, W) in [0, 1].

    Args:
        shape: of a picture.
        channels: filters of each convolution; each halves height and width.
        hidden: width of the dense layer.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, shape: Sequence[int], channels: Sequence[int], hidden: int) -> None:
        super().__init__()
        colours, height, width = shape
        self.top = round(SKY * height)
        kernels = (5, *[3] * (len(channels) - 1))
        self.body = CNN(
            (colours, height - self.top, width),
            channels,
            kernel=kernels,
            stride=2,
            hidden=(hidden,),
            out_dim=2,
        )
        self.register_buffer("mean", torch.tensor([0.0, 20.0]))
        self.register_buffer("scale", torch.tensor([1.5, 8.0]))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B 2"]:
        """Without the sky."""
        return self.mean + self.scale * self.body(self.prepared(x))

    def prepared(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W"]:
        """Pictures as the convolutions take them: without the sky, around 0."""
        return 4 * (x[:, :, self.top :] - 0.5)

    def loss(self, outputs: Float[Tensor, "B 2"], targets: Float[Tensor, "B 2"]) -> Tensor:
        """The absolute error of both, rounded at 0, in the same scale as they are learned."""
        return F.smooth_l1_loss(outputs / self.scale, targets / self.scale, beta=0.3)


def changed(
    frames: Tensor, targets: Tensor, generator: torch.Generator, *, light: float, weather: float
) -> tuple[Tensor, Tensor]:
    """Frames u8 as pictures in [0, 1]: half of them mirrored, all of other light, some in fog or at night.

    Args:
        frames: (B, 3, H, W).
        targets: (B, 2).
        generator: decides all of it.
        light: see `SteeringSettings`.
        weather: likewise.
    """
    count = len(frames)
    mirrored = torch.rand(count, generator=generator) < 0.5
    pictures = torch.where(mirrored[:, None, None, None], frames.flip(3), frames) / 255
    targets = torch.stack([torch.where(mirrored, -targets[:, 0], targets[:, 0]), targets[:, 1]], 1)
    for i in torch.nonzero(torch.rand(count, generator=generator) < weather).ravel().tolist():
        which, amount = torch.rand(2, generator=generator).tolist()
        seed = int(torch.randint(2**31, (), generator=generator))
        one = pictures[i : i + 1]
        one[:] = (
            road.fog(one, amount * DENSEST, seed) if which < 0.5 else road.night(one, amount * DARKEST, seed)
        )
    gain = 1 + light * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
    noise = GRAIN * torch.randn(pictures[:1].shape, generator=generator)  # the same in a batch, for speed
    return (gain * pictures + noise).clamp_(0, 1), targets
