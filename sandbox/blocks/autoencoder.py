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
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.mlp import MLP

Corruption = Literal["mask", "gaussian"]


def corrupt(x: Float[Tensor, "B *S"], noise: float, kind: Corruption = "mask") -> Float[Tensor, "B *S"]:
    """Damage inputs for a denoising autoencoder. Vincent et al. 2008.

    Args:
        x: the whole inputs.
        noise: for `mask` the share of numbers set to zero, in [0, 1]; for `gaussian` the standard deviation
            of what is added, in units of x.
        kind: which of the two.
    """
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


class ConvAutoencoder(nn.Module):
    """An autoencoder for images: strided convolutions down, upsampling back. Masci et al. 2011.

    The decoder enlarges by repeating pixels before it convolves; transposed convolutions would leave a
    checkerboard (Odena et al. 2016).

    Args:
        in_shape: `(C, H, W)` of one picture; height and width need not be powers of two.
        code_dim: numbers in the code, K.
        channels: filters after each halving of the picture.
        noise: damage done to inputs while training (see `corrupt`); 0 leaves them whole.
        corruption: kind of damage.

    Attributes:
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
        self.corruption: Corruption = corruption
        # A stride of 2 rounds up: 7 pixels become 4. On the way back each size is met exactly.
        self.sizes = [in_shape[1:]]
        for _ in channels:
            height, width = self.sizes[-1]
            self.sizes.append(((height + 1) // 2, (width + 1) // 2))
        planes = [in_shape[0], *channels]
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(planes))
        self.up = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(planes[::-1]))
        self.smallest = (planes[-1], *self.sizes[-1])
        flat = math.prod(self.smallest)
        self.to_code = nn.Linear(flat, code_dim)
        self.from_code = nn.Linear(code_dim, flat)

    def encode(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K"]:
        """The code of each image."""
        for layer in self.down:
            x = F.relu(layer(x))
        return self.to_code(x.flatten(1))

    def decode(self, code: Float[Tensor, "B K"]) -> Float[Tensor, "B C H W"]:
        """The image that the network takes each code to stand for."""
        x = F.relu(self.from_code(code)).unflatten(1, self.smallest)
        for i, layer in enumerate(self.up):
            x = F.interpolate(x, size=self.sizes[-2 - i])
            x = layer(x) if i == len(self.up) - 1 else F.relu(layer(x))
        return x

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Rebuild each image from its code; while training, from the code of the damaged image."""
        if self.training and self.noise:
            x = corrupt(x, self.noise, self.corruption)
        return self.decode(self.encode(x))


def example() -> tuple[ConvAutoencoder, tuple[Tensor, ...]]:
    """Ten by ten pixels in four channels, through a code of six numbers."""
    return ConvAutoencoder((4, 10, 10), 6, channels=(8, 16)), (torch.rand(3, 4, 10, 10),)
