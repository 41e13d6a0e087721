"""Autoencoders: squeeze the input through a narrow code and rebuild it. Hinton & Salakhutdinov 2006.

    code = encode(x),   reconstruction = decode(code),   loss = |x - reconstruction|^2

What survives the narrow middle is what the data is made of. Without hidden layers both halves are linear, and
the best such network spans exactly the directions of largest variance, as principal component analysis does
(Baldi & Hornik 1989). A denoising autoencoder (Vincent et al. 2008) is shown a damaged input and asked for
the whole one, so it cannot get by with copying.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.mlp import MLP
from sandbox.blocks.mlp import activation as make_activation
from sandbox.errors import check_choice

Corruption = Literal["mask", "gaussian"]


def corrupt(x: Float[Tensor, "B *S"], noise: float, kind: Corruption = "mask") -> Float[Tensor, "B *S"]:
    """Damage inputs for a denoising autoencoder. Vincent et al. 2008.

    Args:
        x: the whole inputs.
        noise: for `mask` the share of numbers set to zero, in [0, 1]; for `gaussian` the standard deviation
            of what is added, in units of x.
        kind: which of the two.

    Raises:
        ValueError: there is no such kind.
    """
    check_choice("corruption", kind, get_args(Corruption))
    if kind == "mask":
        return x * (torch.rand_like(x) >= noise)
    return x + noise * torch.randn_like(x)


class Autoencoder(nn.Module):
    """A fully connected autoencoder. Hinton & Salakhutdinov 2006.

    Args:
        in_dim: numbers per input, D.
        code_dim: numbers in the code, K.
        hidden: widths of the layers between input and code; the decoder mirrors them. Empty: a linear
            autoencoder.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`, for the hidden layers.
        noise: damage done to inputs while training (see `corrupt`); 0 leaves them whole.
        corruption: kind of damage.

    Attributes:
        encoder: an MLP from D to K.
        decoder: an MLP from K to D.
        in_dim: D.
        code_dim: K.
    """

    def __init__(
        self,
        in_dim: int,
        code_dim: int,
        *,
        hidden: Sequence[int] = (128,),
        activation: str = "relu",
        noise: float = 0.0,
        corruption: Corruption = "mask",
    ) -> None:
        super().__init__()
        self.in_dim, self.code_dim = in_dim, code_dim
        self.noise = noise
        check_choice("corruption", corruption, get_args(Corruption))
        self.corruption: Corruption = corruption
        self.encoder = MLP(in_dim, hidden, code_dim, activation)
        self.decoder = MLP(code_dim, hidden[::-1], in_dim, activation)

    def encode(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B K"]:
        """The code of each input."""
        return self.encoder(x)

    def decode(self, code: Float[Tensor, "B K"]) -> Float[Tensor, "B D"]:
        """What the network takes each code to stand for."""
        return self.decoder(code)

    def forward(self, x: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """Rebuild each input from its code; while training, from the code of the damaged input."""
        if self.training and self.noise:
            x = corrupt(x, self.noise, self.corruption)
        return self.decode(self.encode(x))


class ConvEncoder(nn.Module):
    """Convolutions that halve a picture again and again, then a linear layer. Radford et al. 2016.

    Args:
        in_shape: `(C, H, W)` of one picture; height and width need not be powers of two.
        out_dim: numbers per picture that come out, K.
        channels: filters after each halving.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`.

    Attributes:
        sizes: `(height, width)` of the picture, then after each halving.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        out_dim: int,
        *,
        channels: Sequence[int],
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.sizes = halvings(in_shape[1:], len(channels))
        layers: list[nn.Module] = []
        for a, b in pairwise([in_shape[0], *channels]):
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), make_activation(activation)]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(channels[-1] * math.prod(self.sizes[-1]), out_dim)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K"]:
        """Numbers that describe each picture."""
        return self.head(self.body(x).flatten(1))


class ConvDecoder(nn.Module):
    """The way back: a linear layer, then doubling the picture and convolving, again and again.

    It enlarges by repeating pixels before it convolves; transposed convolutions would leave a checkerboard
    (Odena et al. 2016).

    Args:
        in_dim: numbers per picture, K.
        out_shape: `(C, H, W)` of the pictures.
        channels: filters before each doubling, from the smallest picture to the largest.
        activation: a name of `sandbox.blocks.mlp.ACTIVATIONS`.
        batch_norm: normalise before each activation over the batch (Ioffe & Szegedy 2015).
    """

    def __init__(
        self,
        in_dim: int,
        out_shape: tuple[int, int, int],
        *,
        channels: Sequence[int],
        activation: str = "relu",
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.sizes = halvings(out_shape[1:], len(channels))[::-1]
        self.smallest = (channels[0], *self.sizes[0])
        self.stem = nn.Linear(in_dim, math.prod(self.smallest))
        stages = []
        for a, b in pairwise([*channels, channels[-1]]):
            bend = [nn.BatchNorm2d(a)] if batch_norm else []
            stages.append(nn.Sequential(*bend, make_activation(activation), nn.Conv2d(a, b, 3, padding=1)))
        self.stages = nn.ModuleList(stages)
        # Neighbouring pixels are still much alike after the last doubling; one more layer tells them apart.
        self.head = nn.Sequential(
            make_activation(activation), nn.Conv2d(channels[-1], out_shape[0], 3, padding=1)
        )

    def forward(self, code: Float[Tensor, "B K"]) -> Float[Tensor, "B C H W"]:
        """The picture of each row of numbers."""
        x = self.stem(code).unflatten(1, self.smallest)
        for size, stage in zip(self.sizes[1:], self.stages, strict=True):
            x = stage(F.interpolate(x, size=size))
        return self.head(x)


def halvings(size: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """Sizes of a picture on its way down: a stride of 2 rounds up, so 7 pixels become 4."""
    sizes = [size]
    for _ in range(count):
        height, width = sizes[-1]
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    return sizes


class ConvAutoencoder(nn.Module):
    """An autoencoder for pictures. Masci et al. 2011.

    Args:
        in_shape: `(C, H, W)` of one picture; height and width need not be powers of two.
        code_dim: numbers in the code, K.
        channels: filters after each halving of the picture.
        noise: damage done to inputs while training (see `corrupt`); 0 leaves them whole.
        corruption: kind of damage.

    Attributes:
        encoder: a `ConvEncoder`.
        decoder: a `ConvDecoder`.
        in_shape: `(C, H, W)`.
        code_dim: K.
    """

    def __init__(
        self,
        in_shape: tuple[int, int, int],
        code_dim: int,
        *,
        channels: Sequence[int] = (16, 32),
        noise: float = 0.0,
        corruption: Corruption = "mask",
    ) -> None:
        super().__init__()
        self.in_shape, self.code_dim = in_shape, code_dim
        self.noise = noise
        check_choice("corruption", corruption, get_args(Corruption))
        self.corruption: Corruption = corruption
        self.encoder = ConvEncoder(in_shape, code_dim, channels=channels)
        self.decoder = ConvDecoder(code_dim, in_shape, channels=channels[::-1])

    def encode(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K"]:
        """The code of each picture."""
        return self.encoder(x)

    def decode(self, code: Float[Tensor, "B K"]) -> Float[Tensor, "B C H W"]:
        """The picture that the network takes each code to stand for."""
        return self.decoder(code)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Rebuild each picture from its code; while training, from the code of the damaged picture."""
        if self.training and self.noise:
            x = corrupt(x, self.noise, self.corruption)
        return self.decode(self.encode(x))


def example() -> tuple[ConvAutoencoder, tuple[Tensor, ...]]:
    """Ten by ten pixels in four channels, through a code of six numbers."""
    return ConvAutoencoder((4, 10, 10), 6, channels=(8, 16)), (torch.rand(3, 4, 10, 10),)
