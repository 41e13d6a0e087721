"""Generative adversarial network: a generator and a discriminator train each other. Goodfellow et al. 2014.

    generator      x = G(z),  z ~ N(0, I)          turns noise into data
    discriminator  D(x)                            a score: high for real, low for made up

The discriminator learns to tell real from made up, the generator to be scored as real. `gan_losses` has the
original game in its non-saturating form; `wasserstein_losses` asks for the distance between the two
distributions instead (Arjovsky et al. 2017). Both want a smooth discriminator: `gradient_penalty` holds its
slope at 1 between real and made up (WGAN-GP, Gulrajani et al. 2017), `r1_penalty` at 0 on the real data
(Mescheder et al. 2018), under which the non-saturating game converges.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from sandbox.blocks.autoencoder import ConvDecoder, ConvEncoder
from sandbox.blocks.mlp import MLP


class GAN(nn.Module):
    """A generator and a discriminator. Goodfellow et al. 2014.

    `forward` scores what the generator makes, in which every parameter has a gradient.

    Args:
        generator: maps noise (B, Z) to data.
        discriminator: maps data to one score each, (B, 1).
        latent_dim: numbers of noise per example, Z.

    Attributes:
        generator: as given.
        discriminator: as given.
    """

    def __init__(self, generator: nn.Module, discriminator: nn.Module, latent_dim: int) -> None:
        super().__init__()
        self.generator, self.discriminator, self.latent_dim = generator, discriminator, latent_dim

    @classmethod
    def of_points(cls, dim: int, *, latent_dim: int = 8, hidden: Sequence[int] = (128, 128)) -> "GAN":
        """Perceptrons for data of `dim` numbers."""
        critic = MLP(dim, hidden, 1, "leaky_relu")
        return cls(MLP(latent_dim, hidden, dim, "relu"), critic, latent_dim)

    @classmethod
    def of_images(
        cls, shape: tuple[int, int, int], *, latent_dim: int = 32, channels: Sequence[int] = (32, 64, 128)
    ) -> "GAN":
        """Convolutional networks for pictures of `(C, H, W)` with pixels in [-1, 1]. Radford et al. 2016.

        The generator normalises over the batch; the discriminator does not, since the penalties look at its
        slope for each example alone.
        """
        decoder = ConvDecoder(latent_dim, shape, channels=channels[::-1], batch_norm=True)
        critic = ConvEncoder(shape, 1, channels=channels, activation="leaky_relu")
        return cls(nn.Sequential(decoder, nn.Tanh()), critic, latent_dim)

    def noise(self, count: int) -> Float[Tensor, "B Z"]:
        """Fresh noise, on the generator's device."""
        device = next(self.generator.parameters()).device
        return torch.randn(count, self.latent_dim, device=device)

    def forward(self, z: Float[Tensor, "B Z"]) -> Float[Tensor, " B"]:
        """Scores of what the generator makes of the noise."""
        return self.score(self.generator(z))

    def score(self, x: Float[Tensor, "B *S"]) -> Float[Tensor, " B"]:
        """How real the discriminator finds each example; log odds in the original game."""
        return self.discriminator(x).squeeze(1)

    @torch.no_grad()
    def sample(self, count: int) -> Float[Tensor, "B *S"]:
        """Made-up examples."""
        return self.generator(self.noise(count))


def gan_losses(
    real: Float[Tensor, " B"], fake: Float[Tensor, " M"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Losses of discriminator and generator, in nats. Goodfellow et al. 2014, section 3.

    The generator maximises log D(G(z)) instead of minimising log(1 - D(G(z))), whose slope is flat as long as
    the discriminator wins.

    Args:
        real: scores of real examples.
        fake: scores of made-up ones.
    """
    return F.softplus(-real).mean() + F.softplus(fake).mean(), F.softplus(-fake).mean()


def wasserstein_losses(
    real: Float[Tensor, " B"], fake: Float[Tensor, " M"]
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """Losses of critic and generator; the critic's, negated, estimates the distance. Arjovsky et al. 2017."""
    return fake.mean() - real.mean(), -fake.mean()


def gradient_penalty(gan: GAN, real: Float[Tensor, "B *S"], fake: Float[Tensor, "B *S"]) -> Float[Tensor, ""]:
    """Mean of (|dD/dx| - 1)^2 at random points between real and made-up examples. Gulrajani et al. 2017."""
    share = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
    between = real.detach().lerp(fake.detach(), share.to(real.dtype)).requires_grad_(True)
    return (_slope(gan, between) - 1).square().mean()


def r1_penalty(gan: GAN, real: Float[Tensor, "B *S"]) -> Float[Tensor, ""]:
    """Mean of |dD/dx|^2 / 2 at the real examples. Mescheder et al. 2018, equation 9."""
    return 0.5 * _slope(gan, real.detach().requires_grad_(True)).square().mean()


@torch.no_grad()
def frechet_distance(one: Float[Tensor, "N D"], other: Float[Tensor, "M D"]) -> float:
    """How far apart two sets of features are, each taken for a Gaussian: 0 if alike. Heusel et al. 2017.

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), in squared units of the features; in double precision. It
    is too large for small sets: compare sets of equal size, and with the distance between two sets of real
    data.

    Args:
        one: features of one set, such as the last hidden layer of a classifier on made-up pictures.
        other: features of the other set.
    """
    means, covariances = zip(*((x.mean(0), x.T.cov()) for x in (one.double(), other.double())), strict=True)
    values, vectors = torch.linalg.eigh(covariances[0])
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    # C1 C2 has the eigenvalues of the symmetric root C2 root.
    shared = torch.linalg.eigvalsh(root @ covariances[1] @ root).clamp_min(0).sqrt().sum()
    gap = (means[0] - means[1]).square().sum()
    return (gap + covariances[0].trace() + covariances[1].trace() - 2 * shared).item()


@torch.no_grad()
def classifier_score(logits: Float[Tensor, "N C"]) -> float:
    """From 1 to the number of classes: sure of each example, and all classes made. Salimans et al. 2016.

    exp of the mean of KL(p(class | x) || p(class)). It does not see whether one picture is made again and
    again.

    Args:
        logits: a classifier's outputs on made-up examples.
    """
    log_p = logits.double().log_softmax(1)
    log_mean = torch.logsumexp(log_p, 0) - math.log(len(log_p))
    return (log_p.exp() * (log_p - log_mean)).sum(1).mean().exp().item()


def _slope(gan: GAN, x: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(gan.score(x).sum(), x, create_graph=True)
    return gradient.flatten(1).norm(dim=1)


def example() -> tuple[GAN, tuple[Tensor, ...]]:
    """Pictures of 8 by 8 pixels from six numbers of noise."""
    gan = GAN.of_images((1, 8, 8), latent_dim=6, channels=(4, 8))
    return gan, (torch.randn(5, 6),)
