"""RBF networks: exact interpolation, k-means, regression, classes, a chaotic series, trained centres."""

import math

import numpy as np
import pytest
import torch
from scipy.interpolate import RBFInterpolator
from sklearn.cluster import k_means
from sklearn.datasets import load_digits
from torch.nn import functional as F

from sandbox.blocks.rbf import RBFN, kmeans


def test_interpolates_exactly_and_as_scipy_does():
    torch.manual_seed(0)
    x = torch.rand(60, 2, dtype=torch.float64)
    y = torch.stack([torch.sin(6 * x[:, 0]), x[:, 0] * x[:, 1]], 1)
    width = 0.2
    network = RBFN.interpolant(x, y, width=width)
    torch.testing.assert_close(network(x), y, atol=1e-8, rtol=0)
    elsewhere = torch.rand(40, 2, dtype=torch.float64)
    # scipy's Gaussian is exp(-(epsilon r)^2) and degree=-1 means no polynomial.
    theirs = RBFInterpolator(
        x.numpy(), y.numpy(), kernel="gaussian", epsilon=1 / (width * math.sqrt(2)), degree=-1
    )(elsewhere.numpy())
    torch.testing.assert_close(network(elsewhere), torch.tensor(theirs), atol=1e-6, rtol=0)


def test_interpolates_in_single_precision_too():
    torch.manual_seed(1)
    x = torch.linspace(0, 1, 15)[:, None]
    y = torch.randn(15, 1)
    torch.testing.assert_close(RBFN.interpolant(x, y, width=0.06)(x), y, atol=1e-4, rtol=0)


def test_no_interpolant_through_two_values_at_one_point():
    with pytest.raises(ValueError, match="equal or too near"):
        RBFN.interpolant(torch.zeros(2, 1), torch.tensor([[0.0], [1.0]]), width=0.5)


def test_kmeans_is_as_good_as_scikit_learns():
    x = torch.tensor(np.asarray(load_digits(return_X_y=True)[0]), dtype=torch.float32)

    def inertia(centres):
        return torch.cdist(x, torch.as_tensor(centres)).min(1).values.square().sum().item()

    ours, theirs = 0.0, 0.0
    for seed in range(3):
        ours += inertia(kmeans(x, 20, generator=torch.Generator().manual_seed(seed)))
        theirs += inertia(np.asarray(k_means(x.numpy(), 20, random_state=seed)[0]))
    assert ours < 1.03 * theirs


def test_kmeans_of_duplicates_and_of_too_few():
    centres = kmeans(torch.ones(10, 2), 3)
    torch.testing.assert_close(centres, torch.ones(3, 2))
    with pytest.raises(ValueError, match="at least 5 points"):
        kmeans(torch.ones(4, 2), 5)


def test_place_survives_duplicates():
    network = RBFN(2, 1, 4)
    network.place(torch.ones(10, 2))
    assert torch.isfinite(network(torch.randn(3, 2))).all()


def test_regression_by_least_squares():
    torch.manual_seed(2)
    x = torch.rand(400, 1) * 6
    y = torch.sin(x) + 0.1 * torch.randn_like(x)
    network = RBFN(1, 1, 12)
    network.place(x)
    network.solve(x, y)
    grid = torch.linspace(0.2, 5.8, 100)[:, None]
    with torch.no_grad():
        assert F.mse_loss(network(grid), torch.sin(grid)).sqrt() < 0.04  # the noise is 0.1


def test_solve_is_the_least_squares_optimum():
    torch.manual_seed(3)
    x, y = torch.randn(200, 3), torch.randn(200, 2)
    network = RBFN(3, 2, 10, width=2.0)
    network.solve(x, y, ridge=0.0)
    loss = F.mse_loss(network(x), y)
    gradients = torch.autograd.grad(loss, [network.head.weight, network.head.bias])
    assert all(gradient.abs().max() < 1e-4 for gradient in gradients)


def test_classifies_digits():
    torch.manual_seed(4)
    data, target = (np.asarray(part) for part in load_digits(return_X_y=True))
    x, y = torch.tensor(data / 16, dtype=torch.float32), torch.tensor(target)
    order = torch.randperm(len(x))
    fit, held_out = order[:1200], order[1200:]
    network = RBFN(64, 10, 150)
    network.place(x[fit])
    network.solve(x[fit], F.one_hot(y[fit], 10).float())
    accuracy = (network(x[held_out]).argmax(1) == y[held_out]).float().mean()
    assert accuracy > 0.95


def test_training_the_centres_beats_leaving_them():
    torch.manual_seed(5)
    x = torch.rand(500, 1)
    y = torch.tanh(40 * (x - 0.3))  # all that happens happens near 0.3; evenly spread centres miss it
    network = RBFN(1, 1, 6)
    network.place(x)
    network.solve(x, y)
    before = F.mse_loss(network(x), y).item()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(300):
        optimizer.zero_grad()
        F.mse_loss(network(x), y).backward()
        optimizer.step()
    assert F.mse_loss(network(x), y).item() < 0.2 * before


def test_predicts_a_chaotic_series():
    values = [0.3]
    for _ in range(600):
        values.append(3.9 * values[-1] * (1 - values[-1]))  # the logistic map: no straight line predicts it
    series = torch.tensor(values)
    x, y = torch.stack([series[:-2], series[1:-1]], 1), series[2:, None]
    network = RBFN(2, 1, 20)
    network.place(x[:400], generator=torch.Generator().manual_seed(0))
    network.solve(x[:400], y[:400], ridge=1e-9)
    with torch.no_grad():
        error = F.mse_loss(network(x[400:]), y[400:]).sqrt()
    assert error < 0.02 * y.std()


def test_normalised_features_share_out_one():
    network = RBFN(2, 1, 5, width=0.3, normalised=True)
    torch.testing.assert_close(network.features(100 * torch.randn(7, 2)).sum(1), torch.ones(7))


def test_autocast_keeps_the_distances_exact():
    network = RBFN(2, 1, 5, width=0.05)
    x = network.centres.detach() + 100
    with torch.no_grad():
        network.centres.add_(100)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(network.features(x).diagonal(), torch.ones(5))


def test_far_from_all_normalised_units_the_features_stay_numbers():
    network = RBFN(2, 1, 3, width=1e-30, normalised=True)
    x = torch.randn(4, 2)
    assert network.features(x).isfinite().all()
    torch.testing.assert_close(network.features(x).sum(1), torch.ones(4))
