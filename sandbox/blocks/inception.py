"""An Inception network: filters of several sizes look side by side. Szegedy et al. 2015, arXiv:1409.4842.

c_k(h)  = f(norm(K_k * h))                                    a k x k convolution, each with its own filters
h_0     = c_3(x)                                              (B, channels[0], H, W)
h_l     = [c_1(h), c_3(c_1(h)), c_5(c_1(h)), c_1(max_3(h))]   h = h_{l-1}, joined: (B, channels[l], H_l, W_l)
z       = mean of h_L over height and width                   (B, channels[-1])
y       = MLP(z)                                              (B, hidden[-1]) features, or (B, out_dim)

What matters in a picture may be small or large, so each module looks at 1x1, 3x3 and 5x5 pixels at once. The
1x1 convolutions before the larger ones make the maps fewer, which is what makes this affordable.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.blocks.cnn import Norm, normalisation
from sandbox.blocks.mlp import MLP
from sandbox.blocks.mlp import activation as make_activation


class InceptionModule(nn.Module):
    """Four ways through side by side, joined by channel. Szegedy et al. 2015, figure 2b.

    The shares of the four ways are those of GoogLeNet's first module, 64 : 128 : 32 : 32 of 256 maps, after
    96 and 16 maps of the narrowing 1x1 convolutions.

    Args:
        in_channels: maps that go in, C.
        out_channels: maps that come out, O, at least 8.
        norm: as in `CNN`.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`.

    Attributes:
        ways: the 1x1, 3x3, 5x5 and pooling ways, a `nn.ModuleList`.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, norm: Norm = "batch", activation: str = "relu"
    ) -> None:
        super().__init__()
        if out_channels < 8:
            raise ValueError(f"an Inception module makes at least 8 maps, not {out_channels}")

        def look(before: int, out: int, kernel: int) -> list[nn.Module]:
            conv = nn.Conv2d(before, out, kernel, padding=kernel // 2, bias=norm == "none")
            return [conv, *normalisation(norm, out), make_activation(activation)]

        fifth = pooled = out_channels // 8
        first = out_channels // 4
        third = out_channels - first - fifth - pooled
        narrow3, narrow5 = max(1, 3 * out_channels // 8), max(1, out_channels // 16)
        self.ways = nn.ModuleList(
            nn.Sequential(*way)
            for way in (
                look(in_channels, first, 1),
                look(in_channels, narrow3, 1) + look(narrow3, third, 3),
                look(in_channels, narrow5, 1) + look(narrow5, fifth, 5),
                [nn.MaxPool2d(3, 1, 1), *look(in_channels, pooled, 1)],
            )
        )

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O H W"]:
        """What the four ways found, one after the other."""
        return torch.cat([way(x) for way in self.ways], dim=1)


class Inception(nn.Module):
    """A convolution, Inception modules with max-pooling between them, the mean over all places, an MLP.

    Szegedy et al. 2015, with the normalisation of Ioffe & Szegedy 2015 and without the auxiliary classifiers,
    which later versions dropped.

    Args:
        in_shape: `(C, H, W)` of one picture.
        channels: maps of the first convolution, then of each module.
        pool: side of the max-pooling before each module; 1 for none; for all or for each.
        norm: as in `CNN`.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`, for the whole network.
        hidden: sizes of the dense layers; may be empty.
        out_dim: size of a last layer without activation; None to end with features.
        dropout: chance of zeroing a number that enters the dense layers while training.

    Attributes:
        body: the first convolution and the modules, a `nn.Sequential`; each gives maps (B, C, H, W).
        head: the dense layers, an `MLP`.
        in_shape: `(C, H, W)`.
        out_dim: numbers per picture that come out, O.

    Raises:
        ValueError: the picture is too small to be pooled so often, or a module would make fewer than 8 maps.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        channels: Sequence[int] = (16, 32, 64),
        *,
        pool: int | Sequence[int] = 2,
        norm: Norm = "batch",
        activation: str = "relu",
        hidden: Sequence[int] = (),
        out_dim: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        modules = len(channels) - 1
        pools = (pool,) * modules if isinstance(pool, int) else tuple(pool)
        if len(pools) != modules:
            raise ValueError(f"{len(pools)} pools for {modules} modules: {pools}")
        self.in_shape = in_shape
        body: list[nn.Module] = [
            nn.Sequential(
                nn.Conv2d(in_shape[0], channels[0], 3, 1, 1, bias=norm == "none"),
                *normalisation(norm, channels[0]),
                make_activation(activation),
            )
        ]
        size, before = in_shape[1:], channels[0]
        for out, p in zip(channels[1:], pools, strict=True):
            size = tuple(side // p for side in size)
            if min(size) < 1:
                raise ValueError(
                    f"a {in_shape[1]}x{in_shape[2]} picture is too small for {modules} pooled modules"
                )
            module = InceptionModule(before, out, norm=norm, activation=activation)
            body.append(nn.Sequential(nn.MaxPool2d(p), module) if p > 1 else module)
            before = out
        self.body = nn.Sequential(*body)
        self.dropout = nn.Dropout(dropout)
        self.head = MLP(before, hidden, out_dim, activation)
        self.out_dim = self.head.out_dim

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O"]:
        """Features or outputs of each picture, which may lie in memory as `torch.channels_last`."""
        return self.head(self.dropout(self.body(x).mean((2, 3))))


def example() -> tuple[Inception, tuple[Tensor, ...]]:
    """Ten scores for each of three 8x8 pictures of one channel."""
    return Inception((1, 8, 8), (4, 16), hidden=(16,), out_dim=10), (torch.randn(3, 1, 8, 8),)
