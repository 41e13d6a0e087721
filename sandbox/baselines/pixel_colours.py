"""Classes of pixels by colour: the nearest mean colour, or a vote of the most similar training pixels."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from sandbox.baselines.pixel_method import PixelMethod
from sandbox.baselines.sampled_pixels import sampled_pixels

KNOWN = 12_000
"""Training pixels that the vote knows."""
VOTES = 9
SLACK = 0.5
"""A neighbour may be this share farther than the nearest: half the time, 99.6 % of pixels the same."""
AROUND = 3, 9
"""Pixels along each edge of the squares whose mean colour is compared, too."""


class NearestColour(PixelMethod):
    """Answers with the class whose mean colour is nearest: thresholds on red, green and blue.

    In remote sensing it is called the minimum-distance classifier. Wacker & Landgrebe 1972.
    """

    @cached_property
    def colours(self) -> Float[np.ndarray, "K C"]:
        """The mean colour of each class; infinitely far off for one that is nowhere."""
        labels = np.concatenate([np.ravel(mask) for mask in self._masks])
        pixels = np.concatenate([np.asarray(photo).reshape(len(photo), -1).T for photo in self._photos])
        counts = np.bincount(labels, minlength=len(self.output.classes))[:, None]
        sums = np.stack([np.bincount(labels, channel, len(counts)) for channel in pixels.T], 1)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)

    def predict(self, inputs: Any) -> list[Int[np.ndarray, "H W"]]:
        """The class of each pixel of photos (C, H, W)."""
        found = []
        for photo in inputs:
            away = np.asarray(photo)[None] - self.colours[:, :, None, None]
            found.append(np.square(away).sum(1).argmin(0).astype(np.int32))
        return found


class SimilarPixels(PixelMethod):
    """Answers with the vote of the training pixels that are most similar in colour, near and around.

    Cover & Hart 1967; found by scipy's k-d tree.
    """

    @cached_property
    def _known(self) -> tuple[Any, Int[np.ndarray, " N"]]:
        from scipy.spatial import KDTree

        rows, labels = sampled_pixels(self._photos, self._masks, colours_around, KNOWN)
        return KDTree(rows), labels

    def shares(self, photo: Any) -> Float[np.ndarray, "K H W"]:
        """The share of the votes for each class at each pixel of a photo (C, H, W)."""
        tree, labels = self._known
        rows = colours_around(np.asarray(photo))
        _, near = tree.query(rows.reshape(-1, rows.shape[-1]), min(VOTES, len(labels)), eps=SLACK)
        votes = labels[near.reshape(rows.shape[0] * rows.shape[1], -1)]
        shares = np.stack([(votes == i).mean(1) for i in range(len(self.output.classes))])
        return shares.reshape(-1, *rows.shape[:2]).astype(np.float32)

    def predict(self, inputs: Any) -> list[Int[np.ndarray, "H W"]]:
        """The class of each pixel of photos (C, H, W)."""
        return [self.shares(photo).argmax(0).astype(np.int32) for photo in inputs]


def colours_around(photo: NDArray[Any]) -> Float[np.ndarray, "H W F"]:
    """The colours of each pixel of a photo (C, H, W), and the mean ones of the 3 x 3 and 9 x 9 around it."""
    from scipy.ndimage import uniform_filter

    values = np.asarray(photo, np.float32).transpose(1, 2, 0)
    sizes: Any = [(side, side, 0) for side in AROUND]  # of which the stubs know one for all axes
    around = [uniform_filter(values, size) for size in sizes]
    return np.concatenate([values, *around], -1)
