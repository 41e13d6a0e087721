"""A network that steers by a picture and marks the lane; how its training frames are changed each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.cnn import CNN
from sandbox.corruptions import road
from sandbox.tasks.families.lane_head import LaneHead

SKY = 0.375
"""Share of a picture's rows, from the top, that the network does not look at: the sky."""
GRAIN = 3 / 255
"""Standard deviation of the noise of a camera's pixels, of 1."""
DENSEST, DARKEST = 8.0, 0.95
"""Fog and night in training at most, as `sandbox.corruptions.road` counts them."""
MARKED = 4
"""One in so many frames of a minibatch is also learned to be marked: pixels are many."""


class SteeringNetwork(nn.Module):
    """Angle (degrees) and speed (m/s) of pictures (B, 3, H, W) in [0, 1], and perhaps what each pixel is.

    Both are read off the same convolutions: the one by dense layers, the other by a `LaneHead`.

    Args:
        shape: of a picture.
        channels: filters of each convolution; each halves height and width.
        hidden: width of the dense layer.
        marks: weight of the road and the lane in the loss; 0 for a network that only steers.

    Attributes:
        body: convolutions and dense layers.
        marker: the second head, or None.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self, shape: Sequence[int], channels: Sequence[int], hidden: int, marks: float = 0.0
    ) -> None:
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
        self.marks, self.marker = marks, LaneHead(channels) if marks else None
        self.register_buffer("mean", torch.tensor([0.0, 20.0]))
        self.register_buffer("scale", torch.tensor([1.5, 8.0]))

    def forward(self, x: Float[Tensor, "B C H W"]) -> Tensor | tuple[Tensor, Tensor]:
        """Answers (B, 2), alone or with a number for each class of `GROUND` and pixel below the sky.

        In training only the first quarter of a batch is marked.
        """
        x = self.prepared(x)
        if self.marker is None:
            return self.mean + self.scale * self.body(x)
        maps = []
        for stage in self.body.body:
            x = stage(x)
            maps.append(x)
        answers = self.mean + self.scale * self.body.head(x.flatten(1))
        if self.training:
            maps = [each[: -(-len(x) // MARKED)] for each in maps]
        return answers, self.marker(maps)

    def prepared(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H2 W"]:
        """Pictures as the convolutions take them: without the sky, around 0."""
        return 4 * (x[:, :, self.top :] - 0.5)

    def loss(self, outputs: Any, targets: Any) -> Tensor:
        """The absolute error of both numbers, rounded at 0, in the scale in which they are learned.

        With a marker, outputs and targets are pairs, and the cross-entropy of the pixels is added.
        """
        if self.marker is None:
            return self._steering_loss(outputs, targets)
        (answers, maps), (wanted, ground) = outputs, targets
        marked = F.cross_entropy(maps, ground[: len(maps), self.top :].long())
        return self._steering_loss(answers, wanted) + self.marks * marked

    def _steering_loss(self, answers: Float[Tensor, "B 2"], wanted: Float[Tensor, "B 2"]) -> Tensor:
        return F.smooth_l1_loss(answers / self.scale, wanted / self.scale, beta=0.3)


def changed(
    parts: Sequence[Tensor], generator: torch.Generator, *, light: float, weather: float
) -> tuple[Tensor, Any]:
    """Frames u8 as pictures in [0, 1]: half of them mirrored, all of other light, some in fog or at night.

    Args:
        parts: frames (B, 3, H, W), targets (B, 2), and perhaps what each pixel is, (B, H, W).
        generator: decides all of it.
        light: see `SteeringSettings`.
        weather: likewise.

    Returns:
        Pictures, and the targets, alone or with the pixels, as `SteeringNetwork.loss` takes them.
    """
    frames, targets, *ground = parts
    count = len(frames)
    mirrored = torch.rand(count, generator=generator) < 0.5
    pictures = torch.where(mirrored[:, None, None, None], frames.flip(3), frames) / 255
    targets = torch.stack([torch.where(mirrored, -targets[:, 0], targets[:, 0]), targets[:, 1]], 1)
    for i in torch.nonzero(torch.rand(count, generator=generator) < weather).ravel().tolist():
        which, amount = torch.rand(2, generator=generator).tolist()
        seed = int(torch.randint(2**31, (), generator=generator))
        pictures[i : i + 1] = in_weather(pictures[i : i + 1], which, amount, seed)
    gain = 1 + light * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)
    noise = GRAIN * torch.randn(pictures[:1].shape, generator=generator)  # the same in a batch, for speed
    pictures = (gain * pictures + noise).clamp_(0, 1)
    if not ground:
        return pictures, targets
    return pictures, (targets, torch.where(mirrored[:, None, None], ground[0].flip(2), ground[0]))


def in_weather(pictures: Tensor, which: float, amount: float, seed: int) -> Tensor:
    """Pictures (N, 3, H, W) in fog or at night.

    Args:
        pictures: in [0, 1].
        which: below a half it is fog, else night.
        amount: from 0 to 1, the worst that there is in training.
        seed: of the grain at night.
    """
    if which < 0.5:
        return road.fog(pictures, amount * DENSEST, seed)
    return road.night(pictures, amount * DARKEST, seed)
