"""Baselines of classes: on digits, and where a class has no example to learn from."""

import numpy as np
import pytest
import torch

from sandbox.baselines.handmade_features import HandmadeFeatures, handmade
from sandbox.baselines.logistic import Logistic
from sandbox.baselines.random_forest import RandomForest
from sandbox.data import digits
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.outputs.probabilities import Probabilities

pytestmark = pytest.mark.thorough


def test_handmade_features_read_digits():
    found = digits.load()
    svm = HandmadeFeatures(found.train_images, found.train_labels, Image((1, 8, 8)), found.classes)
    answers = svm.predict(found.test_images)
    assert np.allclose(answers.sum(1), 1)
    assert (answers.argmax(1) == found.test_labels.numpy()).mean() > 0.93


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 5, 40), (3, 64, 48)])
def test_pictures_of_any_size_have_features(shape):
    pictures = np.random.default_rng(0).uniform(size=(4, *shape)).astype(np.float32)
    found = handmade(pictures)
    assert found.shape[0] == 4 and np.isfinite(found).all()
    assert np.array_equal(found, handmade(pictures))


def test_a_class_without_examples_gets_no_probability():
    rows, labels = np.random.default_rng(0).normal(size=(40, 2)), np.repeat([0, 2], 20)
    rows[labels == 2] += 4
    output, image = Probabilities(("a", "b", "c")), Image((1, 1, 2))
    pictures = torch.rand(40, 1, 16, 16)
    pictures[labels == 2, :, :8] = 0
    for baseline, inputs in (
        (Logistic(rows, labels, image, output), rows),
        (RandomForest(rows, labels, image, output), rows),
        (HandmadeFeatures(pictures, torch.from_numpy(labels), image, ("a", "b", "c")), pictures),
    ):
        answers = baseline.predict(inputs)
        assert answers.shape == (40, 3) and not answers[:, 1].any()
        assert (answers.argmax(1) == labels).mean() > 0.9


def test_balance_lifts_a_rare_class():
    generator = np.random.default_rng(0)
    labels = (generator.uniform(size=600) < 0.05).astype(int)
    rows = generator.normal(size=(600, 1)) + 1.5 * labels[:, None]
    output, image = Probabilities(("a", "b")), Image((1, 1, 1))
    found = [
        (Logistic(rows, labels, image, output, balanced=balanced).predict(rows)[:, 1] > 0.5)[
            labels == 1
        ].mean()
        for balanced in (False, True)
    ]
    assert found[1] > found[0] + 0.3
