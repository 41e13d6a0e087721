"""Convolutions at a low resolution, a picture at a high one: space becomes channels, and channels space.

    h_0     = K_in * unshuffle_s(x)                       (B, N, H / s, W / s)
    h_l     = h_{l-1} + B_l * relu(A_l * h_{l-1})          l = 1 ... depth, no normalisation
    y       = base(x) + shuffle_e(K_out * h_depth)         (B, O, e H / s, e W / s)

`unshuffle_s` puts the s x s pixels of a cell into s^2 channels, `shuffle_e` is its reverse (Shi et al. 2016).
For a picture of the same size s = e = 2: every convolution has a quarter of the places and sees twice as far
(Zhang et al. 2018, FFDNet), and the network learns what to add to its input, as a rule the noise with a minus
(Zhang et al. 2017, DnCNN). For a larger picture s = 1, and the base is the enlarged input (Lim et al. 2017,
EDSR, whose residual blocks these are).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class SubPixelBlock(nn.Module):
    """Two convolutions whose result is added to their input; it begins as nothing. Lim et al. 2017."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.normal_(self.second.weight, std=1e-3)

    def forward(self, x: Float[Tensor, "B N H W"]) -> Float[Tensor, "B N H W"]:
        """The maps with what this block adds to them."""
        return x + self.second(F.relu(self.first(x)))


class SubPixel(nn.Module):
    """A picture in, a repaired or larger one out.

    Args:
        in_channels: of the picture, C; the base is made of the first O of them.
        out_channels: of the picture that comes out, O <= C.
        channels: maps inside, N.
        depth: residual blocks.
        shrink: s, pixels of a cell's side that become channels.
        enlarge: e; the answer is e / s times as high and wide.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        channels: int = 32,
        depth: int = 4,
        shrink: int = 2,
        enlarge: int = 2,
    ) -> None:
        super().__init__()
        if out_channels > in_channels or enlarge % shrink:
            raise ValueError("the base needs the answer's channels, and a whole number of times its size")
        self.in_channels, self.out_channels, self.depth = in_channels, out_channels, depth
        self.shrink, self.enlarge = shrink, enlarge
        self.head = nn.Conv2d(in_channels * shrink**2, channels, 3, padding=1)
        self.body = nn.ModuleList(SubPixelBlock(channels) for _ in range(depth))
        self.tail = nn.Conv2d(channels, out_channels * enlarge**2, 3, padding=1)
        nn.init.normal_(self.tail.weight, std=1e-3)

    @property
    def reach(self) -> int:
        """Pixels of the input in each direction that a pixel of the answer depends on, at most."""
        return self.shrink * (2 * self.depth + 3)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O H2 W2"]:
        """Map each picture; any height and width. H2 = H enlarge / shrink."""
        return self.answers(x, {self.depth})[0]

    def answers(self, x: Float[Tensor, "B C H W"], after: set[int]) -> list[Float[Tensor, "B O H2 W2"]]:
        """What would come out after some of the blocks, counted from 0, in their order."""
        height, width = x.shape[2:]
        down, right = -height % self.shrink, -width % self.shrink
        padded = F.pad(x, (0, right, 0, down), mode="replicate") if down or right else x
        times = self.enlarge // self.shrink
        base = padded[:, : self.out_channels]
        if times > 1:
            size = (padded.shape[2] * times, padded.shape[3] * times)
            base = F.interpolate(base, size, mode="bicubic", antialias=True)
        found = []
        h = self.head(F.pixel_unshuffle(padded, self.shrink))
        for number, block in enumerate([None, *self.body]):
            h = h if block is None else block(h)
            if number in after:
                whole = base + F.pixel_shuffle(self.tail(h), self.enlarge)
                found.append(whole[:, :, : height * times, : width * times])
        return found


def example() -> tuple[SubPixel, tuple[Tensor, ...]]:
    """Three pictures of 7 by 10 pixels, as large again."""
    return SubPixel(1, 1, channels=8, depth=2), (torch.rand(3, 1, 7, 10),)
