"""Objects without learning: Otsu's threshold, then watershed on the distance to the edge.

Otsu 1979; Vincent & Soille 1991.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.data.objects import parted
from sandbox.metrics.segmentation import object_scores
from sandbox.tasks.inputs.kind import Input
from sandbox.tasks.outputs.kind import Output

TRIED = 12
"""Training pictures of each kind on which the smoothing is chosen."""
DARK = 0.5
"""Median brightness below which objects are taken to be bright on a dark ground."""


def is_dark(photo: Any) -> bool:
    """Whether a photo (C, H, W) has a dark ground, as in fluorescence."""
    return float(np.median(photo)) < DARK


@dataclass(frozen=True)
class Smoothing:
    """How much is smoothed.

    Attributes:
        picture: standard deviation of the Gaussian before the threshold, in pixels.
        rise: by which an object's middle must be farther from the edge than its neck, in pixels.
        distance: standard deviation of the Gaussian over the distances, in pixels.
    """

    picture: float = 1.0
    rise: float = 0.5
    distance: float = 1.0


class Watershed:
    """Answers with objects that differ from the ground in brightness.

    Bright objects are looked for where the ground is dark, else dark ones. The smoothing is chosen for each
    of the two by Dice and AP50 on some of the training pictures, when it is first asked.

    Args:
        photos: (C, H, W) each, to choose by.
        masks: their objects.
        input: how a photo is read.
        output: what the objects are called.
        least_area: pixels of an object.
    """

    def __init__(
        self,
        photos: Sequence[NDArray[Any]],
        masks: Sequence[NDArray[Any]],
        input: Input,
        output: Output,
        least_area: int,
    ) -> None:
        self._photos, self._masks, self._least_area = photos, masks, least_area
        self.input, self.output = input, output

    @cached_property
    def smoothing(self) -> dict[bool, Smoothing]:
        """What was chosen, by whether the ground is dark."""
        found = {}
        for dark in (False, True):
            rows = [i for i, photo in enumerate(self._photos) if is_dark(photo) == dark][:TRIED]
            found[dark] = self._chosen(rows) if rows else Smoothing()
        return found

    def predict(self, inputs: Any) -> list[NDArray[np.int32]]:
        """The objects of each photo (C, H, W), as a mask (H, W)."""
        return [self._objects(np.asarray(photo), self.smoothing[is_dark(photo)]) for photo in inputs]

    def _chosen(self, rows: Sequence[int]) -> Smoothing:
        def score(smoothing: Smoothing) -> float:
            answers = [self._objects(np.asarray(self._photos[i]), smoothing) for i in rows]
            figures = object_scores([self._masks[i] for i in rows], answers)
            return figures["dice"].mean + figures["ap50"].mean

        best = max((Smoothing(picture=width) for width in (0.7, 1.0, 2.0)), key=score)
        steps = product((0.5, 1.0, 1.5), (1.0, 2.0))
        return max((replace(best, rise=rise, distance=width) for rise, width in steps), key=score)

    def _objects(self, photo: NDArray[Any], smoothing: Smoothing) -> NDArray[np.int32]:
        from scipy import ndimage
        from skimage.filters import gaussian, threshold_otsu

        grey = gaussian(np.asarray(photo, np.float64).mean(0), smoothing.picture)
        if np.ptp(grey) == 0:
            return np.zeros(grey.shape, np.int32)
        threshold = threshold_otsu(grey)
        inside = grey > threshold if is_dark(photo) else grey < threshold
        distance = ndimage.gaussian_filter(ndimage.distance_transform_edt(inside), smoothing.distance)
        return parted(inside, distance, smoothing.rise, self._least_area)
