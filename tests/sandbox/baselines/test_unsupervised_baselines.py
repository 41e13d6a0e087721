"""Principal components, k-means and mixtures of Gaussians as predictors, against scikit-learn."""

import numpy as np
import pytest
import torch

from sandbox.baselines.gaussian_mixture import GaussianMixture
from sandbox.baselines.k_means import KMeans
from sandbox.baselines.principal_components import PrincipalComponents
from sandbox.data import digits, mixtures
from sandbox.metrics.generation import mixed_up
from sandbox.tasks.inputs.image import Image
from sandbox.tasks.inputs.noise import Noise
from sandbox.tasks.outputs.image import Image as Picture
from sandbox.tasks.outputs.points import Points

DIGITS = digits.load(0)


def test_principal_components_are_scikit_learns():
    from sklearn.decomposition import PCA

    known, unseen = (images.flatten(1).numpy() for images in (DIGITS.train_images, DIGITS.test_images))
    reference = PCA(5).fit(known)
    expected = reference.inverse_transform(reference.transform(unseen)).clip(0, 1)
    found = PrincipalComponents(DIGITS.train_images, 5, Image((1, 8, 8)), Picture())
    np.testing.assert_allclose(
        found.predict(DIGITS.test_images).reshape(len(unseen), -1), expected, atol=1e-4
    )


def test_k_means_answers_with_the_nearest_of_its_centres():
    found = KMeans(DIGITS.train_images[:200], 7, Image((1, 8, 8)))
    answers = found.predict(found.centres.view(-1, 1, 8, 8))
    assert answers.ravel().tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_a_fitted_mixture_is_like_what_it_was_fitted_to():
    target = mixtures.load("grid")
    drawn = GaussianMixture(target.train, 9, Noise(2), Points()).draw(1000)
    assert mixed_up(target.test, drawn).mean() == pytest.approx(0.5, abs=0.06)


def test_numbers_drawn_by_themselves_keep_mean_and_spread_and_are_cut():
    known = DIGITS.train_images
    found = GaussianMixture(known, None, Noise(2), Picture(), (0.0, 1.0))
    drawn = torch.from_numpy(found.predict(np.zeros((2000, 2))))
    assert drawn.shape == (2000, 1, 8, 8)
    assert float(drawn.min()) >= 0 and float(drawn.max()) <= 1
    free = found.draw(4000)
    assert torch.allclose(free.mean(0), known.flatten(1).mean(0), atol=0.03)
    assert torch.allclose(free.std(0), known.flatten(1).std(0), atol=0.03)
