"""VAE: the bound against principal components' exact likelihood, the KL by sampling, codes without gaps."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch.distributions import Normal, kl_divergence

from sandbox.blocks.vae import VAE


def train(model, x, steps, learning_rate, batch=128):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        optimizer.zero_grad()
        model(x[torch.randint(len(x), (batch,))]).mean().backward()
        optimizer.step()
    return model


@pytest.mark.thorough
def test_linear_one_reaches_the_likelihood_of_probabilistic_pca():
    """Its bound is tight there (Dai et al. 2018), so the loss ends at PCA's exact -log p(x)."""
    torch.manual_seed(0)
    x = torch.randn(2000, 2) @ torch.randn(2, 6) * 1.5 + 0.5 * torch.randn(2000, 6) + 1
    exact = -PCA(2).fit(x.numpy()).score(x.numpy())
    model = train(VAE.of_vectors(6, 2, hidden=(), likelihood="gaussian"), x, 1200, 3e-2)
    with torch.no_grad():
        bound = torch.stack([model(x).mean() for _ in range(20)]).mean().item()
    assert exact - 0.01 < bound < exact + 0.05


def test_divergence_is_torchs():
    torch.manual_seed(1)
    model = VAE.of_vectors(5, 3)
    x = torch.rand(4, 5)
    mean, log_variance = model.encode(x)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(model.terms(x)[1], expected)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_misfit_is_the_negative_log_likelihood(likelihood):
    torch.manual_seed(2)
    model = VAE.of_vectors(5, 3, likelihood=likelihood)
    x = torch.bernoulli(torch.full((4, 5), 0.5))
    torch.manual_seed(3)
    misfit, _ = model.terms(x)
    torch.manual_seed(3)
    mean, log_variance = model.encode(x)
    decoded = model.decode(mean + (0.5 * log_variance).exp() * torch.randn_like(mean))
    if likelihood == "bernoulli":
        log_p = torch.where(x > 0.5, decoded, 1 - decoded).log()
    else:
        log_p = -0.5 * ((x - decoded).square() + math.log(2 * math.pi))
    torch.testing.assert_close(misfit, -log_p.sum(1))


def test_beta_weighs_the_divergence():
    torch.manual_seed(4)
    model = VAE.of_vectors(5, 3, beta=7.0)
    x = torch.rand(4, 5)
    torch.manual_seed(5)
    misfit, divergence = model.terms(x)
    torch.manual_seed(5)
    torch.testing.assert_close(model(x), misfit + 7 * divergence)


@pytest.mark.thorough
def test_learns_digits_with_samples_like_them():
    torch.manual_seed(6)
    x = torch.tensor(np.asarray(load_digits(return_X_y=True)[0]) / 16, dtype=torch.float32)
    model = VAE.of_vectors(64, 8)
    with torch.no_grad():
        before = model(x[1200:]).mean()
    train(model, x[:1200], 700, 4e-3)
    with torch.no_grad():
        after = model(x[1200:]).mean()
    assert after < before - 13
    # A sample is as near to its nearest real digit as real digits are to each other; grey noise is not.
    gap = torch.cdist(model.sample(300), x).amin(1).mean()
    real = torch.cdist(x[1200:], x[:1200]).amin(1).mean()
    noise = torch.cdist(x.mean() + x.std() * torch.randn(300, 64), x).amin(1).mean()
    assert gap < 1.2 * real < 0.6 * noise


def test_pictures_keep_their_shape():
    model = VAE.of_images((3, 7, 10), 4, channels=(4, 8), likelihood="gaussian")
    x = torch.randn(2, 3, 7, 10)
    assert model(x).shape == (2,)
    assert model.sample(5).shape == (5, 3, 7, 10)
