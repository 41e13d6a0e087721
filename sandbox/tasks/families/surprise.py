"""A network that fills in hidden blocks of good pictures; what it would not have filled in is strange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.unet import UNet
from sandbox.tasks.families.strangeness import Inspector
from sandbox.tasks.predictor import evaluating

BLOCK, HIDDEN = 8, 0.25
"""Side of a block that is hidden, in pixels, and the share of blocks that are while it learns.

With 2 pixels the network sees a defect on all sides of a block and fills it in with more of the defect.
"""
PERIOD = 2
"""Of so many blocks to each side one is hidden at a time, when it is asked about a picture."""
AROUND = 15
"""Side of the square whose mean stands in a hidden block."""
LOGS = (-6.0, 2.0)
"""Least and largest logarithm of a pixel's standard deviation."""


class FillsIn(nn.Module):
    """A U-Net that says of each pixel its mean and standard deviation, given what is not hidden.

    Args:
        colours: of a picture, C.
        channels: filters of each level.

    Attributes:
        threshold: surprise from which on a pixel is an alarm; no gradient learns it.
    """

    threshold: Tensor

    def __init__(self, colours: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.colours = colours
        self.body = UNet(colours + 1, 2 * colours, channels=channels)
        self.register_buffer("threshold", torch.ones(()))

    def forward(self, x: Float[Tensor, "B C1 H W"]) -> Float[Tensor, "B C2 H W"]:
        """Means and logarithms of the standard deviations, for what `hidden` makes of pictures."""
        mean, log = self.body(x).chunk(2, 1)
        return torch.cat([mean, log.clamp(*LOGS)], 1)


def hidden(photos: Float[Tensor, "B C H W"], mask: Float[Tensor, "B 1 H W"]) -> Float[Tensor, "B C1 H W"]:
    """Photos with the mean of what is around them where the mask is 1, and the mask."""
    padded = F.pad(photos * (1 - mask), (AROUND // 2,) * 4, mode="reflect")
    known = F.pad(1 - mask, (AROUND // 2,) * 4, mode="reflect")
    mean = F.avg_pool2d(padded, AROUND, 1) / F.avg_pool2d(known, AROUND, 1).clamp_min(1e-3)
    return torch.cat([torch.where(mask > 0, mean, photos), mask], 1)


def surprise(outputs: Tensor, photos: Tensor) -> Tensor:
    """Squared error in units of the expected standard deviation, the mean over colours, (B, H, W)."""
    mean, log = outputs.chunk(2, 1)
    return ((photos - mean) / log.exp()).square().mean(1)


def likelihood(outputs: Tensor, targets: Float[Tensor, "B C1 H W"]) -> Tensor:
    """Minus the logarithm of the normal density of hidden pixels, without its constant.

    Args:
        outputs: of `FillsIn`.
        targets: the photos, and the mask as the last channel.
    """
    photos, mask = targets[:, :-1], targets[:, -1]
    _, log = outputs.chunk(2, 1)
    each = 0.5 * surprise(outputs, photos) + log.mean(1)
    return (each * mask).sum() / mask.sum().clamp_min(1)


class SurpriseInspector(Inspector):
    """A trained network.

    Args:
        model: that fills in.
        begin: called before it answers, to bring the threshold up to date.
    """

    def __init__(self, model: FillsIn, begin: Callable[[], Any] | None = None) -> None:
        super().__init__(model.colours)
        self.model, self._begin = model, begin

    @property
    def threshold(self) -> float:
        """See `Inspector.threshold`."""
        return float(self.model.threshold)

    def raw(self, photos: Tensor) -> Tensor:
        """How surprised it is by each pixel when the pixel's block is hidden."""
        device = next(self.model.parameters()).device
        photos = photos.to(device)
        height, width = photos.shape[2:]
        rows, columns = (torch.arange(side, device=device) // BLOCK % PERIOD for side in (height, width))
        found = torch.zeros(len(photos), height, width, device=device)
        with evaluating(self.model):
            for row in range(PERIOD):
                for column in range(PERIOD):
                    here = ((rows == row)[:, None] & (columns == column)[None]).float()
                    mask = here.expand(len(photos), 1, height, width)
                    found += here * surprise(self.model(hidden(photos, mask)).float(), photos)
        return found.cpu()

    def predict(self, inputs: Any) -> list[NDArray[np.float32]]:
        """See `Inspector.predict`."""
        if self._begin is not None:
            self._begin()
        return super().predict(inputs)


class HiddenCrops:
    """Minibatches of crops with hidden blocks; a function of the seed and the step alone.

    Args:
        pictures: (C, H, W) each.
        side: of a crop, in pixels.
        batch_size: crops in a batch.
        light: how much contrast and, half as much, brightness change; other parts lie in other light.
        seed: of places and blocks.
        device: where the batches go.
    """

    def __init__(
        self,
        pictures: Sequence[NDArray[np.float32]],
        *,
        side: int,
        batch_size: int,
        light: float,
        seed: int,
        device: torch.device,
    ) -> None:
        self.pictures, self.side, self.batch_size = pictures, side, batch_size
        self.light, self.seed, self.device = light, seed, device

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets as `FillsIn` and `likelihood` take them."""
        generator = np.random.default_rng((self.seed, step))
        crops = []
        for row in generator.integers(0, len(self.pictures), self.batch_size):
            picture = self.pictures[row]
            top, left = (int(generator.integers(0, length - self.side + 1)) for length in picture.shape[1:])
            crop = picture[:, top : top + self.side, left : left + self.side]
            contrast, brightness = generator.uniform(-self.light, self.light, 2)
            mean = crop.mean()
            crop = np.clip((crop - mean) * (1 + contrast) + mean + brightness / 2, 0, 1)
            crops.append(crop.astype(np.float32))
        photos = torch.from_numpy(np.stack(crops))
        blocks = -(-self.side // BLOCK)
        chosen = generator.random((self.batch_size, 1, blocks, blocks)) < HIDDEN
        mask = torch.from_numpy(chosen.repeat(BLOCK, 2).repeat(BLOCK, 3)[..., : self.side, : self.side])
        inputs = hidden(photos, mask.float())
        return inputs.to(self.device), torch.cat([photos, mask.float()], 1).to(self.device)
