"""A convolutional network: the same small filters at every place. LeCun et al. 1989, 1998.

h_0     = x                                      (B, C, H, W);  K_l: (channels[l], channels[l-1], k, k)
h_l     = pool(f(norm(K_l * h_{l-1} + b_l)))     (B, channels[l], H_l, W_l)
z       = flatten(h_L)                           (B, channels[L] H_L W_L)
y       = MLP(z)                                 (B, hidden[-1]) features, or (B, out_dim)
"""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from sandbox.blocks.mlp import MLP
from sandbox.blocks.mlp import activation as make_activation
from sandbox.errors import check_choice

NEVER_FALL = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.ELU, nn.LeakyReLU)
"""Activations that are never smaller for a larger number, unlike GELU and SiLU."""

Norm = Literal["none", "batch", "group", "layer"]


class CNN(nn.Module):
    """Convolutions, then an MLP over what they found. LeCun et al. 1998.

    The same class reads digits (8x8, 28x28) and extracts the features of policies that play from pixels
    (10x10).

    Args:
        in_shape: `(C, H, W)` of one picture.
        channels: filters of each convolution.
        kernel: side of the filters, for all convolutions or for each.
        stride: step of the filters; 2 halves height and width.
        padding: rows and columns of zeros around; None keeps height and width at stride 1 (`kernel // 2`).
        pool: side of the max-pooling after each activation; 1 for none.
        norm: normalisation between convolution and activation: over the batch (Ioffe & Szegedy 2015), over
            groups of channels (Wu & He 2018; does not mix examples), over all maps of an example and over
            each dense layer too (layer; Ba, Kiros & Hinton 2016), or none.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`, for the whole network.
        hidden: sizes of the dense layers; may be empty.
        out_dim: size of a last layer without activation; None to end with features.
        dropout: chance of zeroing a number that enters the dense layers while training (Srivastava et al.
            2014).

    Attributes:
        body: the convolutions, a `nn.Sequential` of one `Stage` for each.
        head: the dense layers, an `MLP`.
        in_shape: `(C, H, W)`.
        out_dim: numbers per picture that come out, O.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        channels: Sequence[int] = (32, 64),
        *,
        kernel: int | Sequence[int] = 3,
        stride: int | Sequence[int] = 1,
        padding: int | None = None,
        pool: int | Sequence[int] = 1,
        norm: Norm = "none",
        activation: str = "relu",
        hidden: Sequence[int] = (128,),
        out_dim: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        depth = len(channels)
        kernels, strides, pools = (_for_each(value, depth) for value in (kernel, stride, pool))
        self.in_shape = in_shape
        size, filters = in_shape[1:], in_shape[0]
        stages = []
        for out, k, s, p in zip(channels, kernels, strides, pools, strict=True):
            pad = k // 2 if padding is None else padding
            size = tuple(((side + 2 * pad - k) // s + 1) // p for side in size)
            if min(size) < 1:
                raise ValueError(
                    f"a {in_shape[1]}x{in_shape[2]} picture is too small for {depth} such convolutions"
                )
            stage = Stage(
                nn.Conv2d(filters, out, k, s, pad, bias=norm == "none"),
                *normalisation(norm, out),
                make_activation(activation),
            )
            if p > 1:
                stage.append(nn.MaxPool2d(p))
            stages.append(stage)
            filters = out
        self.body = nn.Sequential(*stages)
        self.dropout = nn.Dropout(dropout)
        dense = "layer" if norm == "layer" else "none"
        self.head = MLP(filters * size[0] * size[1], hidden, out_dim, activation, dense)
        self.out_dim = self.head.out_dim

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B O"]:
        """Features or outputs of each picture, which may lie in memory as `torch.channels_last`."""
        return self.head(self.dropout(self.body(x).flatten(1)))


class Stage(nn.Sequential):
    """A convolution, perhaps its normalisation, an activation, and perhaps its max-pooling, in this order.

    max f(h) = f(max h) where f never falls, so that the activation need only see what the pooling leaves: a
    quarter of the numbers for 2x2, and the same result.
    """

    def forward(self, input: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D H2 W2"]:
        """The maps of the convolution's D filters."""
        *before, bend, pool = self
        if not (isinstance(pool, nn.MaxPool2d) and isinstance(bend, NEVER_FALL)):
            return super().forward(input)
        for layer in before:
            input = layer(input)
        return bend(pool(input))


def normalisation(norm: Norm, channels: int) -> list[nn.Module]:
    """The layer that normalises `channels` maps, or none: to be put between convolution and activation.

    Raises:
        ValueError: there is no normalisation of this name; says which ones there are.
    """
    check_choice("norm", norm, get_args(Norm))
    if norm == "batch":
        return [nn.BatchNorm2d(channels)]
    if norm == "layer":
        return [nn.GroupNorm(1, channels)]
    return [nn.GroupNorm(math.gcd(channels, 8), channels)] if norm == "group" else []


def _for_each(value: int | Sequence[int], depth: int) -> tuple[int, ...]:
    values = (value,) * depth if isinstance(value, int) else tuple(value)
    if len(values) != depth:
        raise ValueError(f"{len(values)} values for {depth} convolutions: {values}")
    return values


def example() -> tuple[CNN, tuple[Tensor, ...]]:
    """Ten scores for each of three 8x8 pictures of one channel."""
    return CNN((1, 8, 8), (4, 8), norm="batch", pool=(1, 2), hidden=(16,), out_dim=10), (
        torch.randn(3, 1, 8, 8),
    )
