"""U-Net: down to see the whole, up again to say it for every pixel. Ronneberger, Fischer & Brox 2015.

    s_l = down_l(s_{l-1})                     each level halves the picture and has more channels
    u_l = up_l(concat(enlarge(u_{l+1}), s_l)) the skip s_l brings back the detail that halving lost
    y   = head(u_0)                           (B, out_channels, H, W)

Each level is a residual pair of 3 x 3 convolutions with group normalisation, which does not mix examples.
With a `time_dim` a number per example (the noise level of a diffusion model) is added inside every level as a
vector of sines, which shifts and scales what the normalisation leaves (Dhariwal & Nichol 2021): a shift
before it would be normalised away.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


def time_embedding(t: Float[Tensor, " B"], dim: int) -> Float[Tensor, "B E"]:
    """Sines and cosines of t at `dim` / 2 frequencies from 1 to 1/10000. Vaswani et al. 2017, section 3.5.

    Args:
        t: a number per example, of the order of 0 to 1000.
        dim: numbers that describe it, even.
    """
    frequencies = torch.exp(-math.log(10000) * torch.arange(dim // 2, device=t.device) / (dim // 2))
    angles = t[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)


class ResidualPair(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x)))))), the second norm steered by the time. He et al. 2016."""

    def __init__(self, in_channels: int, out_channels: int, time_dim: int | None) -> None:
        super().__init__()
        self.norm1 = _norm(in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.time = None if time_dim is None else nn.Linear(time_dim, 2 * out_channels)
        self.norm2 = _norm(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        same = in_channels == out_channels
        self.skip = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)

    def forward(
        self, x: Float[Tensor, "B C H W"], time: Float[Tensor, "B E"] | None = None
    ) -> Float[Tensor, "B O H W"]:
        """Keep height and width."""
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if self.time is not None and time is not None:
            scale, shift = self.time(F.silu(time))[:, :, None, None].chunk(2, dim=1)
            h = h * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


def _norm(channels: int) -> nn.GroupNorm:
    """Up to eight groups of at least four channels: one channel by itself would lose its mean."""
    return nn.GroupNorm(math.gcd(8, max(1, channels // 4), channels), channels)


class UNet(nn.Module):
    """A picture in, a picture of the same size out. Ronneberger et al. 2015.

    Args:
        in_channels: colours in, C.
        out_channels: colours, classes or noises out, O.
        channels: filters of each level, from full size down; every further level halves the picture.
        time_dim: size of the embedding of a number per example; None for a network without.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        channels: Sequence[int] = (32, 64, 128),
        time_dim: int | None = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels, self.time_dim = in_channels, out_channels, time_dim
        self.stem = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        before = [channels[0], *channels[:-1]]
        self.down = nn.ModuleList(ResidualPair(a, b, time_dim) for a, b in zip(before, channels, strict=True))
        self.middle = ResidualPair(channels[-1], channels[-1], time_dim)
        self.up = nn.ModuleList(
            ResidualPair(2 * b, a, time_dim) for a, b in zip(before[::-1], channels[::-1], strict=True)
        )
        self.norm = _norm(channels[0])
        self.head = nn.Conv2d(channels[0], out_channels, 1)
        self.time = (
            None
            if time_dim is None
            else nn.Sequential(nn.Linear(time_dim, time_dim), nn.SiLU(), nn.Linear(time_dim, time_dim))
        )

    def forward(
        self, x: Float[Tensor, "B C H W"], t: Float[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B O H W"]:
        """Map each picture; any height and width.

        Args:
            x: the pictures.
            t: with `time_dim`, a number for each.
        """
        time = None
        if self.time is not None and self.time_dim is not None and t is not None:
            time = self.time(time_embedding(t, self.time_dim).to(x.dtype))
        x = self.stem(x)
        skips = []
        for level, stage in enumerate(self.down):
            if level:
                x = F.avg_pool2d(x, 2, ceil_mode=True)  # 7 pixels become 4
            x = stage(x, time)
            skips.append(x)
        x = self.middle(x, time)
        for stage in self.up:
            skip = skips.pop()
            if x.shape[2:] != skip.shape[2:]:
                x = F.interpolate(x, size=skip.shape[2:])
            x = stage(torch.cat([x, skip], 1), time)
        return self.head(F.silu(self.norm(x)))


def example() -> tuple[UNet, tuple[Tensor, ...]]:
    """Two classes for every pixel of 9 by 12 pictures, given a number each."""
    return UNet(3, 2, channels=(4, 8), time_dim=8), (torch.randn(2, 3, 9, 12), torch.rand(2))
