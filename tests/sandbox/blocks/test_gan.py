"""GAN: losses and penalties by hand, all modes of a mixture under two objectives."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import nn
from torch.nn import functional as F

from sandbox.blocks.gan import (
    GAN,
    classifier_score,
    frechet_distance,
    gan_losses,
    gradient_penalty,
    r1_penalty,
    wasserstein_losses,
)
from sandbox.training.adversarial import Adversarial


def test_losses_are_cross_entropies():
    torch.manual_seed(0)
    real, fake = torch.randn(6), torch.randn(6)
    discriminator, generator = gan_losses(real, fake)
    ones, zeros = torch.ones(6), torch.zeros(6)
    expected = F.binary_cross_entropy_with_logits(real, ones) + F.binary_cross_entropy_with_logits(
        fake, zeros
    )
    torch.testing.assert_close(discriminator, expected)
    torch.testing.assert_close(generator, F.binary_cross_entropy_with_logits(fake, ones))


def test_the_best_discriminator_of_equal_distributions_pays_two_bits():
    discriminator, _ = gan_losses(torch.zeros(5), torch.zeros(5))
    assert discriminator.item() == pytest.approx(2 * math.log(2))


def linear(*weights):
    """A GAN whose discriminator is a plane of known slope."""
    plane = nn.Linear(len(weights), 1)
    with torch.no_grad():
        plane.weight.copy_(torch.tensor([weights]))
    return GAN(nn.Identity(), plane, len(weights)), plane


def test_wasserstein_critic_estimates_a_distance():
    gan, plane = linear(1.0)  # the best critic of two points on a line: slope 1
    nn.init.zeros_(plane.bias)
    real, fake = torch.full((4, 1), 5.0), torch.full((4, 1), 2.0)
    critic, generator = wasserstein_losses(gan.score(real), gan.score(fake))
    assert -critic.item() == pytest.approx(3.0)
    assert generator.item() == pytest.approx(-2.0)


def test_penalties_of_a_known_slope():
    gan, plane = linear(0.0, 3.0, 4.0)  # |slope| is 5 everywhere
    real, fake = torch.randn(7, 3), torch.randn(7, 3)
    assert gradient_penalty(gan, real, fake).item() == pytest.approx((5 - 1) ** 2)
    r1 = r1_penalty(gan, real)
    assert r1.item() == pytest.approx(0.5 * 25)
    (slope,) = torch.autograd.grad(r1, plane.weight)
    torch.testing.assert_close(slope, plane.weight)


def test_gradient_penalty_looks_between_the_examples():
    class Kink(nn.Module):
        def forward(self, x):
            return 2 * x.clamp(0.0, 1.0)  # slope 2 between 0 and 1, flat elsewhere

    gan = GAN(nn.Identity(), Kink(), 1)
    one, two, three = torch.ones(50, 1), torch.full((50, 1), 2.0), torch.full((50, 1), 3.0)
    assert gradient_penalty(gan, one, torch.zeros(50, 1)).item() == pytest.approx((2 - 1) ** 2)
    assert gradient_penalty(gan, three, two).item() == pytest.approx((0 - 1) ** 2)


def ring(count):
    """Eight blobs of width 0.05 around a circle of radius 1.5."""
    angle = 2 * math.pi * torch.randint(8, (count,)) / 8
    return 1.5 * torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(count, 2)


def modes_found(x):
    """How many blobs hold at least a quarter of their share of x, and the share of x within four widths."""
    angle = 2 * math.pi * torch.arange(8) / 8
    gap, nearest = torch.cdist(x, 1.5 * torch.stack([angle.cos(), angle.sin()], 1)).min(1)
    counts = torch.bincount(nearest[gap < 0.2], minlength=8)
    return int((counts > len(x) / 32).sum()), (gap < 0.2).float().mean().item()


def test_modes_found_counts_modes():
    x = ring(4000)
    assert modes_found(x)[0] == 8
    assert modes_found(x[x[:, 0] > 0.5])[0] == 3
    assert modes_found(torch.zeros(100, 2)) == (0, 0.0)


OBJECTIVES = {
    "gan with R1": ({"objective": "gan", "penalty": 0.3}, 600),
    "WGAN-GP": ({"objective": "wasserstein", "penalty": 1.0, "critic_steps": 2}, 500),
}


@pytest.mark.thorough
@pytest.mark.quick("gan with R1")
@pytest.mark.parametrize("name", OBJECTIVES)
def test_finds_all_eight_modes(name):
    settings, steps = OBJECTIVES[name]
    torch.manual_seed(0)
    gan = GAN.of_points(2, latent_dim=4, hidden=(64, 64))
    learner = Adversarial(
        gan,
        torch.optim.Adam(gan.generator.parameters(), lr=2e-3, betas=(0.5, 0.9)),
        torch.optim.Adam(gan.discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9)),
        **settings,
    )
    for _ in range(steps):
        learner.step(ring(128))
    found, near = modes_found(gan.sample(2000))
    assert found == 8
    assert near > 0.4


def test_frechet_distance_of_known_gaussians():
    torch.manual_seed(1)
    x = torch.randn(4000, 3, dtype=torch.float64)
    x = torch.linalg.solve(torch.linalg.cholesky(x.T.cov()), (x - x.mean(0)).T).T  # exactly N(0, I)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x + 2) == pytest.approx(12)
    assert frechet_distance(x, 3 * x) == pytest.approx(3 * (3 - 1) ** 2)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    mixed = x @ torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 0.3]], dtype=torch.float64)
    assert frechet_distance(x @ turn, mixed @ turn) == pytest.approx(frechet_distance(x, mixed))
    covariance = mixed.T.cov().numpy()
    expected = (mixed.mean(0) - x.mean(0)).square().sum().item()
    expected += 3 + covariance.trace() - 2 * np.real(sqrtm(covariance)).trace()
    assert frechet_distance(x, mixed) == pytest.approx(expected)


def test_classifier_score_of_known_cases():
    sure = 100 * torch.eye(5)
    assert classifier_score(sure.repeat(4, 1)) == pytest.approx(5)  # sure, and every class
    assert classifier_score(sure[:1].repeat(20, 1)) == pytest.approx(1)  # sure, one class only
    assert classifier_score(torch.zeros(20, 5)) == pytest.approx(1)  # no idea


def test_pictures_of_any_size():
    gan = GAN.of_images((3, 7, 10), latent_dim=5, channels=(4, 8))
    made = gan.sample(6)
    assert made.shape == (6, 3, 7, 10)
    assert made.abs().max() <= 1
    assert gan.score(made).shape == (6,)
