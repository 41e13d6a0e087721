"""A residual network: each block learns what to add to its input. He et al. 2016, arXiv:1512.03385.

h_0     = f(norm(K_0 * x))                             (B, channels[0], H, W)
F_l(h)  = norm(K_l2 * f(norm(K_l1 * h)))               two 3x3 convolutions, the first with strides 1 or 2
h_l     = f(F_l(h_{l-1}) + S_l(h_{l-1}))               S_l: nothing, or a 1x1 convolution to the new shape
z       = mean of h_L over height and width            (B, channels[-1])
y       = MLP(z)                                       (B, hidden[-1]) features, or (B, out_dim)

The sum gives the gradient a way past every block, which is why hundreds of layers can be trained: with
F_l near 0 a block passes on what it gets, where a plain network would first have to learn to.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.blocks.cnn import Norm, normalisation
from sandbox.blocks.mlp import MLP
from sandbox.blocks.mlp import activation as make_activation


class ResidualBlock(nn.Module):
    """Two convolutions whose result is added to their input. He et al. 2016, figure 2.

    Args:
        in_channels: maps that go in, C.
        out_channels: maps that come out, O.
        stride: step of the first convolution; 2 halves height and width.
        norm: as in `CNN`.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        norm: Norm = "batch",
        activation: str = "relu",
    ) -> None:
        super().__init__()
        bias = norm == "none"
        self.change = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=bias),
            *normalisation(norm, out_channels),
            make_activation(activation),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=bias),
            *normalisation(norm, out_channels),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=bias),
                *normalisation(norm, out_channels),
            )
        self.activation = make_activation(activation)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O H2 W2"]:
        """The maps with what this block adds to them; H2 = ceil(H / stride)."""
        return self.activation(self.change(x) + self.shortcut(x))


class Residual(nn.Module):
    """A convolution, stages of residual blocks, the mean over all places, then an MLP. He et al. 2016.

    Args:
        in_shape: `(C, H, W)` of one picture.
        channels: maps of each stage; every stage but the first begins by halving height and width.
        depth: residual blocks in each stage, for all or for each.
        norm: as in `CNN`.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`, for the whole network.
        hidden: sizes of the dense layers; may be empty.
        out_dim: size of a last layer without activation; None to end with features.
        dropout: chance of zeroing a number that enters the dense layers while training.

    Attributes:
        body: the first convolution and the residual blocks, a `nn.Sequential`; each gives maps (B, C, H, W).
        head: the dense layers, an `MLP`.
        in_shape: `(C, H, W)`.
        out_dim: numbers per picture that come out, O.

    Raises:
        ValueError: the picture is too small to be halved so often.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        channels: Sequence[int] = (16, 32, 64),
        *,
        depth: int | Sequence[int] = 1,
        norm: Norm = "batch",
        activation: str = "relu",
        hidden: Sequence[int] = (),
        out_dim: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        depths = (depth,) * len(channels) if isinstance(depth, int) else tuple(depth)
        if len(depths) != len(channels):
            raise ValueError(f"{len(depths)} depths for {len(channels)} stages: {depths}")
        if min(in_shape[1:]) < 2 ** (len(channels) - 1):
            raise ValueError(
                f"a {in_shape[1]}x{in_shape[2]} picture is too small for {len(channels)} residual stages"
            )
        self.in_shape = in_shape
        stem = nn.Sequential(
            nn.Conv2d(in_shape[0], channels[0], 3, 1, 1, bias=norm == "none"),
            *normalisation(norm, channels[0]),
            make_activation(activation),
        )
        blocks: list[nn.Module] = [stem]
        before = channels[0]
        for stage, (out, count) in enumerate(zip(channels, depths, strict=True)):
            for i in range(count):
                stride = 2 if stage and i == 0 else 1
                blocks.append(ResidualBlock(before, out, stride=stride, norm=norm, activation=activation))
                before = out
        self.body = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = MLP(before, hidden, out_dim, activation)
        self.out_dim = self.head.out_dim

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O"]:
        """Features or outputs of each picture, which may lie in memory as `torch.channels_last`."""
        return self.head(self.dropout(self.body(x).mean((2, 3))))


def example() -> tuple[Residual, tuple[Tensor, ...]]:
    """Ten scores for each of three 8x8 pictures of one channel."""
    return Residual((1, 8, 8), (4, 8), hidden=(16,), out_dim=10), (torch.randn(3, 1, 8, 8),)
