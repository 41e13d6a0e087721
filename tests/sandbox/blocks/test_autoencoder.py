"""Autoencoders: PCA's subspace from the linear one, repair from the denoising one, any image size."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch.nn import functional as F

from sandbox.blocks.autoencoder import Autoencoder, ConvAutoencoder, corrupt


@pytest.fixture(scope="module")
def digits():
    return torch.tensor(np.asarray(load_digits(return_X_y=True)[0]) / 16, dtype=torch.float32)


def train(model, x, steps, batch=128, learning_rate=3e-3):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    model.train()
    for _ in range(steps):
        chosen = x[torch.randint(len(x), (batch,))]
        optimizer.zero_grad()
        F.mse_loss(model(chosen), chosen).backward()
        optimizer.step()
    return model.eval()


def test_linear_recovers_the_subspace_of_pca(digits):
    torch.manual_seed(0)
    x = digits[:500].double()
    model = Autoencoder(64, 5, hidden=()).double()
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=250, line_search_fn="strong_wolfe", tolerance_change=1e-12
    )

    def loss():
        optimizer.zero_grad()
        value = F.mse_loss(model(x), x)
        value.backward()
        return value

    optimizer.step(loss)
    pca = PCA(5).fit(x.numpy())
    best = torch.tensor(pca.inverse_transform(pca.transform(x.numpy())))
    excess = F.mse_loss(model(x), x) / F.mse_loss(best, x) - 1
    assert 0 <= excess < 1e-3
    ours = torch.linalg.qr(model.decoder[0].weight)[0]
    theirs = torch.tensor(np.asarray(pca.components_).T)
    cosines = torch.linalg.svdvals(ours.T @ theirs)  # of the principal angles between the two subspaces
    assert cosines.min() > 0.999


def test_a_hidden_layer_beats_pca(digits):
    torch.manual_seed(1)
    train_x, test_x = digits[:1200], digits[1200:]
    model = train(Autoencoder(64, 5, hidden=(128,)), train_x, 900)
    pca = PCA(5).fit(train_x.numpy())
    best = torch.tensor(pca.inverse_transform(pca.transform(test_x.numpy())), dtype=torch.float32)
    with torch.no_grad():
        assert F.mse_loss(model(test_x), test_x) < 0.9 * F.mse_loss(best, test_x)


def test_denoising_repairs_better_than_plain(digits):
    torch.manual_seed(2)
    train_x, test_x = digits[:1200], digits[1200:]
    damaged = corrupt(test_x, 0.3)
    errors = {}
    for noise in (0.0, 0.3):
        model = train(Autoencoder(64, 32, hidden=(128,), noise=noise), train_x, 450)
        with torch.no_grad():
            errors[noise] = F.mse_loss(model(damaged), test_x)
    assert errors[0.3] < 0.6 * errors[0.0]
    assert errors[0.3] < 0.4 * F.mse_loss(damaged, test_x)


def test_corrupt_does_what_it_says():
    torch.manual_seed(3)
    x = torch.ones(100, 100)
    masked = corrupt(x, 0.25)
    assert set(masked.unique().tolist()) == {0.0, 1.0}
    assert abs(masked.mean() - 0.75) < 0.02
    assert abs((corrupt(x, 0.5, "gaussian") - x).std() - 0.5) < 0.02


def test_damage_only_while_training(digits):
    model = Autoencoder(64, 5, noise=0.5).eval()
    torch.testing.assert_close(model(digits[:4]), model(digits[:4]))
    model.train()
    assert not torch.equal(model(digits[:4]), model(digits[:4]))


@pytest.mark.parametrize("size", [(8, 8), (7, 10), (28, 28), (5, 3)])
def test_convolutional_keeps_any_size(size):
    model = ConvAutoencoder((2, *size), 6, channels=(4, 8, 8))
    x = torch.rand(3, 2, *size)
    assert model.encode(x).shape == (3, 6)
    assert model(x).shape == x.shape


def test_convolutional_learns(digits):
    torch.manual_seed(4)
    images = digits.view(-1, 1, 8, 8)
    model = train(ConvAutoencoder((1, 8, 8), 10), images, 200)
    with torch.no_grad():
        assert F.mse_loss(model(images), images) < 0.4 * images.var(0).mean()
