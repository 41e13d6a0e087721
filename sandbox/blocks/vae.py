"""Variational autoencoder: codes with a known distribution, to sample from. Kingma & Welling 2014.

    encoder   q(z | x) = N(mean(x), exp(log_variance(x)))
    decoder   p(x | z), and p(z) = N(0, I)
    loss      -log p(x | z) + KL(q(z | x) || p(z)) >= -log p(x),     z = mean + exp(log_variance / 2) * noise
    with      KL = sum over codes of (mean^2 + exp(log_variance) - 1 - log_variance) / 2

The first term wants codes that tell the inputs apart, the second wants them to look like plain noise; what
remains is a space of codes without gaps, in which a straight line passes through plausible data.
"""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.autoencoder import ConvDecoder, ConvEncoder
from sandbox.blocks.mlp import MLP
from sandbox.errors import check_choice

Likelihood = Literal["bernoulli", "gaussian"]


class VAE(nn.Module):
    """An encoder to means and variances, and a decoder. Kingma & Welling 2014; beta: Higgins et al. 2017.

    `forward` is the loss of each example, in which every parameter has a gradient.

    Args:
        encoder: maps data to (B, 2 K): means, then logarithms of variances.
        decoder: maps codes (B, K) to data; log odds for `bernoulli`, means for `gaussian`.
        code_dim: numbers in the code, K.
        likelihood: `bernoulli` for data in [0, 1]; `gaussian` for real numbers, with one variance for all
            that is learned too.
        beta: weight of the KL term; 1 gives the bound on the likelihood, more gives plainer codes.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        code_dim: int,
        *,
        likelihood: Likelihood = "bernoulli",
        beta: float = 1.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.code_dim = encoder, decoder, code_dim
        check_choice("likelihood", likelihood, get_args(Likelihood))
        self.likelihood: Likelihood = likelihood
        self.beta = beta
        self.log_variance = nn.Parameter(torch.zeros(())) if likelihood == "gaussian" else None

    @classmethod
    def of_vectors(
        cls,
        in_dim: int,
        code_dim: int,
        *,
        hidden: Sequence[int] = (256,),
        activation: str = "relu",
        likelihood: Likelihood = "bernoulli",
        beta: float = 1.0,
    ) -> "VAE":
        """Perceptrons for vectors; linear with `hidden=()`."""
        encoder = MLP(in_dim, hidden, 2 * code_dim, activation)
        decoder = MLP(code_dim, hidden[::-1], in_dim, activation)
        return cls(encoder, decoder, code_dim, likelihood=likelihood, beta=beta)

    @classmethod
    def of_images(
        cls,
        shape: tuple[int, int, int],
        code_dim: int,
        *,
        channels: Sequence[int] = (16, 32),
        likelihood: Likelihood = "bernoulli",
        beta: float = 1.0,
    ) -> "VAE":
        """Convolutional networks for pictures of `(C, H, W)`."""
        encoder = ConvEncoder(shape, 2 * code_dim, channels=channels)
        decoder = ConvDecoder(code_dim, shape, channels=channels[::-1])
        return cls(encoder, decoder, code_dim, likelihood=likelihood, beta=beta)

    def encode(self, x: Float[Tensor, "B *S"]) -> tuple[Float[Tensor, "B K"], Float[Tensor, "B K"]]:
        """Mean and logarithm of the variance of each input's code."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, z: Float[Tensor, "B K"]) -> Float[Tensor, "B *S"]:
        """The mean of the data that each code stands for."""
        x = self.decoder(z)
        return x.sigmoid() if self.likelihood == "bernoulli" else x

    def forward(self, x: Float[Tensor, "B *S"]) -> Float[Tensor, " B"]:
        """-log p(x | z) + beta KL for one draw of z, in nats; with beta = 1 its mean bounds -log p(x)."""
        misfit, divergence = self.terms(x)
        return misfit + self.beta * divergence

    def terms(self, x: Float[Tensor, "B *S"]) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"]]:
        """The two terms of the loss, -log p(x | z) for one draw of z and the KL divergence, in nats."""
        mean, log_variance = self.encode(x)
        # The noise is drawn outside of the path of the gradient: d z / d mean = 1 (the reparameterisation).
        z = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        out = self.decoder(z).float()
        if self.log_variance is None:
            misfit = F.binary_cross_entropy_with_logits(out, x.float(), reduction="none")
        else:
            squared = (out - x).square() * (-self.log_variance).exp()
            misfit = 0.5 * (squared + self.log_variance + math.log(2 * math.pi))
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return misfit.flatten(1).sum(1), divergence

    @torch.no_grad()
    def sample(self, count: int) -> Float[Tensor, "B *S"]:
        """Made-up data: means of what random codes stand for."""
        weight = next(self.decoder.parameters())
        return self.decode(torch.randn(count, self.code_dim, device=weight.device, dtype=weight.dtype))


def example() -> tuple[VAE, tuple[Tensor, ...]]:
    """Pictures of 8 by 8 pixels through two numbers."""
    return VAE.of_images((1, 8, 8), 2, channels=(4, 8)), (torch.rand(5, 1, 8, 8),)
