"""SOM: both rules by hand and by their known answers, both errors, and figures of a known library."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from sandbox.blocks.som import SOM


def flat_map(rows=3, columns=4):
    """A map whose codebook is its own sheet."""
    som = SOM(2, rows, columns)
    som.codebook.copy_(som.places)
    return som


def test_online_rule_by_hand():
    som = flat_map(1, 3)
    som.online(torch.tensor([[0.0, 1.0]]), rate=0.5, radius=1.0)
    pull = np.exp([0.0, -0.5, -2.0])
    expected = torch.tensor([[0, 0.5], [1 - 0.5 * pull[1], 0.5 * pull[1]], [2 - pull[2], 0.5 * pull[2]]])
    torch.testing.assert_close(som.codebook.data, expected.float())


def test_online_examples_follow_each_other():
    a, b = flat_map(), flat_map()
    x = torch.randn(5, 2)
    a.online(x, rate=0.3, radius=1.0)
    for row in x.split(1):
        b.online(row, rate=0.3, radius=1.0)
    torch.testing.assert_close(a.codebook, b.codebook)


def test_batch_rule_is_its_definition():
    torch.manual_seed(0)
    som = flat_map()
    x = 3 * torch.rand(50, 2)
    h = som.neighbourhood(som.winners(x), 1.3)
    expected = (h.T @ x) / h.sum(0)[:, None]
    som.batch(x, radius=1.3)
    torch.testing.assert_close(som.codebook.data, expected)


def test_batch_without_neighbours_is_kmeans_and_leaves_units_that_won_nothing():
    som = flat_map(1, 3)
    som.batch(torch.tensor([[0.1, 0.1], [0.3, -0.1], [2.0, 2.0]]), radius=0.05)
    torch.testing.assert_close(som.codebook.data, torch.tensor([[0.2, 0.0], [1.0, 0.0], [2.0, 2.0]]))


def test_batch_rate_goes_part_of_the_way():
    x = torch.tensor([[5.0, 5.0]])
    som = flat_map(1, 1)
    som.batch(x, radius=1.0, rate=0.25)
    torch.testing.assert_close(som.codebook.data, torch.tensor([[1.25, 1.25]]))


@pytest.mark.parametrize("lattice, inner", [("rectangular", 8), ("hexagonal", 6)])
def test_neighbours(lattice, inner):
    som = SOM(2, 5, 5, lattice=lattice)
    degree = som._adjacent().sum(1).view(5, 5)
    assert (degree[1:-1, 1:-1] == inner).all()
    assert degree[0, 0] < inner


def test_errors_of_known_maps():
    som = flat_map()
    assert som.quantisation_error(som.places) == 0.0
    assert som.quantisation_error(som.places + torch.tensor([0.3, 0.4])) == pytest.approx(0.5)
    assert som.topographic_error(som.places + 0.1) == 0.0
    folded = flat_map(1, 4)
    folded.codebook.copy_(folded.codebook[[0, 2, 3, 1]])  # 0 and 1 are neighbours in the data only
    assert folded.topographic_error(torch.tensor([[0.4, 0.0]])) == 1.0


def test_u_matrix_of_a_tear():
    som = flat_map(1, 4)
    som.codebook[2:, 1] += 10
    ridge = som.u_matrix()[0]
    assert ridge[1] == ridge[2] == pytest.approx((1 + 101**0.5) / 2)
    assert ridge[0] == ridge[3] == 1.0


def test_initialise_spans_the_principal_plane():
    torch.manual_seed(1)
    x = torch.randn(400, 5) * torch.tensor([0.1, 3.0, 0.1, 1.0, 0.1]) + 7
    som = SOM(5, 4, 9)
    som.initialise(x)
    spread = som.codebook.view(4, 9, 5)
    assert (spread[0, -1] - spread[0, 0]).abs()[1] > 5  # the long side along the largest variance
    assert (spread[-1, 0] - spread[0, 0]).abs()[3] > 1.5
    torch.testing.assert_close(som.codebook.mean(0), x.mean(0), atol=0.05, rtol=0)


@pytest.mark.parametrize("rule", ["online", "batch"])
def test_unfolds_over_a_square(rule):
    torch.manual_seed(2)
    som = SOM(2, 6, 6)
    som.codebook.mul_(0.01).add_(0.5)  # crumpled in the middle
    x = torch.rand(1500, 2)
    for part in range(30):
        progress = part / 29
        radius = 3.0 * (0.6 / 3.0) ** progress
        if rule == "online":
            som.online(x[part * 50 : part * 50 + 50], rate=0.5 * 0.05**progress, radius=radius)
        else:
            som.batch(x, radius=radius)
    assert som.topographic_error(x) < 0.05
    assert som.quantisation_error(x) < 0.085  # 36 ideal square cells: mean distance 0.38 / 6 = 0.064


@pytest.mark.thorough
def test_as_good_as_minisom_on_digits():
    """MiniSom 2.3.6 on the same data, sheet and sweep: error 1.331 +- 0.003, topographic 0.021 +- 0.004.

    ChosenInput the same order of examples the two end on the same codebook to 2e-16; origin in docs/log.md.
    """
    torch.manual_seed(3)
    x = torch.tensor(np.asarray(load_digits(return_X_y=True)[0]) / 16, dtype=torch.float32)
    one_by_one, at_once = SOM(64, 10, 10), SOM(64, 10, 10)
    one_by_one.initialise(x)
    at_once.initialise(x)
    for i in range(180):
        chosen = x[torch.randint(len(x), (100,))]
        one_by_one.online(chosen, rate=0.5 * 0.02 ** (i / 179), radius=5.0 * (0.7 / 5.0) ** (i / 179))
    for i in range(30):
        at_once.batch(x, radius=5.0 * (0.7 / 5.0) ** (i / 29))
    assert one_by_one.quantisation_error(x) < 1.341
    assert one_by_one.topographic_error(x) < 0.035
    assert at_once.quantisation_error(x) < 1.30
    assert at_once.topographic_error(x) < 0.035
