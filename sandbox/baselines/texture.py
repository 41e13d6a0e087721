"""Classes of pixels by hand-made features: a filter bank and a forest, or local statistics."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from sandbox.baselines.pixel_method import PixelMethod
from sandbox.baselines.sampled_pixels import sampled_pixels

PIXELS = 12_000
"""From which the forest grows."""
TREES, LEAF = 40, 5
EVERY = 2
"""Pixels to each side of which the forest is asked one; what lies between is drawn from its neighbours."""
NEAR = 4.0
"""Standard deviation of the Gaussian over the probabilities: neighbours mostly have one class."""


class FilterForest(PixelMethod):
    """Answers with the class that a random forest sees in the responses of a filter bank. Breiman 2001.

    The bank is scikit-image's: intensity, edges and the eigenvalues of the Hessian at five scales, and beside
    each response its local mean, as a texture is a response that comes back.
    """

    @cached_property
    def _forest(self) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        rows, labels = sampled_pixels(self._photos, self._masks, responses, PIXELS)
        forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, random_state=0, n_jobs=1)
        return forest.fit(rows, labels)

    def predict(self, inputs: Any) -> list[NDArray[np.int32]]:
        """The class of each pixel, (H, W), of photos (C, H, W)."""
        return [self._answer(np.asarray(photo)) for photo in inputs]

    def _answer(self, photo: NDArray[Any]) -> NDArray[np.int32]:
        from scipy.ndimage import gaussian_filter

        height, width = photo.shape[1:]
        asked = responses(photo)[::EVERY, ::EVERY]
        shares = self._forest.predict_proba(asked.reshape(-1, asked.shape[-1]))
        rough = shares.reshape(*asked.shape[:2], -1).repeat(EVERY, 0).repeat(EVERY, 1)[:height, :width]
        smooth = gaussian_filter(rough, (NEAR, NEAR, 0))
        return self._forest.classes_[smooth.argmax(-1)].astype(np.int32)


class LocalStatistics(PixelMethod):
    """Answers with the class whose mean of local statistics is nearest: standard deviation at four scales."""

    @cached_property
    def _centroids(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        rows = np.concatenate([statistics(photo).reshape(-1, 8) for photo in self._photos])
        labels = np.concatenate([np.ravel(mask) for mask in self._masks])
        mean, spread = rows.mean(0), rows.std(0) + 1e-6
        known = [(rows[labels == i] - mean).mean(0) / spread for i in range(len(self.output.classes))]
        return mean, spread, np.nan_to_num(np.stack(known), nan=1e9)

    def predict(self, inputs: Any) -> list[NDArray[np.int32]]:
        """The class of each pixel, (H, W), of photos (C, H, W)."""
        mean, spread, centroids = self._centroids
        found = []
        for photo in inputs:
            rows = (statistics(np.asarray(photo)) - mean) / spread
            found.append(np.square(rows[..., None, :] - centroids).sum(-1).argmin(-1).astype(np.int32))
        return found


def responses(photo: NDArray[Any]) -> Float[np.ndarray, "H W F"]:
    """A filter bank's responses at each pixel of a photo (C, H, W), and their local means."""
    from scipy.ndimage import gaussian_filter
    from skimage.feature import multiscale_basic_features

    found = multiscale_basic_features(
        np.asarray(photo, np.float32).transpose(1, 2, 0), sigma_min=0.7, sigma_max=8, channel_axis=-1
    )
    around = gaussian_filter(np.abs(found), (NEAR, NEAR, 0))
    return np.concatenate([found, around], -1).astype(np.float32)


def statistics(photo: NDArray[Any]) -> Float[np.ndarray, "H W 8"]:
    """Standard deviation, and mean strength of edges, around each pixel at four scales."""
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

    grey = np.asarray(photo, np.float64).mean(0)
    edges = gaussian_gradient_magnitude(grey, 1)
    found = []
    for width in (2, 4, 8, 12):
        middle = gaussian_filter(grey, width)
        spread = gaussian_filter(np.square(grey), width) - np.square(middle)
        found += [np.sqrt(np.maximum(0, spread)), gaussian_filter(edges, width)]
    return np.stack(found, -1)
