"""Drawn chest X-rays: the same for the same seed, labelled, and not to be told apart by their brightness."""

import numpy as np
import pytest
import torch

from sandbox.data import chest_phantoms
from sandbox.data.exposure import vary_exposure

pytestmark = pytest.mark.thorough


def test_the_same_draws_for_the_same_seed_and_none_of_them_twice():
    one, other, third = (chest_phantoms.load(seed) for seed in (0, 0, 1))
    assert torch.equal(one.train_images, other.train_images)
    assert not torch.equal(one.train_images, third.train_images)
    assert one.in_shape == (1, 28, 28) and one.train_images.min() >= 0 and one.train_images.max() <= 1
    rows = torch.cat([one.train_images, one.test_images]).flatten(1)
    assert len(rows.unique(dim=0)) == len(rows)
    assert 0.6 < one.train_labels.double().mean() < 0.8


def test_brightness_alone_says_little():
    from sklearn.metrics import roc_auc_score

    found = chest_phantoms.load()
    mean = found.test_images.mean((1, 2, 3)).numpy()
    assert roc_auc_score(found.test_labels.numpy(), mean) < 0.7


def test_exposure_changes_how_a_picture_was_taken_only():
    torch.manual_seed(0)
    images = torch.rand(8, 1, 6, 6)
    kept = vary_exposure(images, gamma=0.0, contrast=0.0, brightness=0.0, noise=0.0)
    torch.testing.assert_close(kept, images.clamp(1e-4, 1))
    changed = vary_exposure(images, noise=0.0)
    assert not torch.allclose(changed, images, atol=0.05)
    order, after = (part.flatten(1).argsort(1) for part in (images, changed))
    assert np.array_equal(order.numpy(), after.numpy())  # what is brighter stays brighter
