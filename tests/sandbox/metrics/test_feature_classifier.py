"""The classifier by whose features generated pictures are measured."""

import torch

from sandbox.data import digits
from sandbox.metrics.feature_classifier import feature_classifier


def test_it_tells_real_digits_from_noise():
    images = digits.load(0)
    classifier = feature_classifier(images)
    assert classifier.accuracy > 0.9
    half = len(images.train_images) // 2
    real = classifier.figures(images.train_images[:half].flatten(1))
    noise = classifier.figures(torch.rand(half, 64, generator=torch.Generator().manual_seed(0)))
    assert real["frechet"] < noise["frechet"] / 10
    assert real["score"] > 8
    assert 9 < real["variety"] <= 10
    assert feature_classifier(images) is classifier


def test_one_kind_of_picture_has_no_variety():
    images = digits.load(0)
    same = images.test_images[:1].expand(100, -1, -1, -1).flatten(1)
    assert feature_classifier(images).figures(same)["variety"] < 1.5
